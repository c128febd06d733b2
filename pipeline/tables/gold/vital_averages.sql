-- Sums and counts of the latest vital set of each encounter, so that means can be taken over any months and sites.
-- The sum of nothing is 0, so that sums can be added and taken away; a mean needs its count.
select
    arrival_month,
    site_name,
    age_group,
    count(*) as encounter_count,
    count(heart_rate_bpm) as heart_rate_count,
    cast(coalesce(sum(heart_rate_bpm), 0) as decimal(18, 2)) as heart_rate_sum,
    count(respiratory_rate_per_min) as respiratory_rate_count,
    cast(coalesce(sum(respiratory_rate_per_min), 0) as decimal(18, 2)) as respiratory_rate_sum,
    count(systolic_bp_mmhg) as systolic_bp_count,
    cast(coalesce(sum(systolic_bp_mmhg), 0) as decimal(18, 2)) as systolic_bp_sum,
    count(temperature_c) as temperature_count,
    cast(coalesce(sum(temperature_c), 0) as decimal(18, 2)) as temperature_sum,
    count(spo2_pct) as spo2_count,
    cast(coalesce(sum(spo2_pct), 0) as decimal(18, 2)) as spo2_sum
from gold.encounter_risks
group by arrival_month, site_name, age_group
