-- Sums and counts of the latest vital set of each encounter, so that means can be taken over any months and sites.
select
    arrival_month,
    site_name,
    age_group,
    count(*) as encounter_count,
    count(heart_rate_bpm) as heart_rate_count,
    cast(sum(heart_rate_bpm) as decimal(18, 2)) as heart_rate_sum,
    count(respiratory_rate_per_min) as respiratory_rate_count,
    cast(sum(respiratory_rate_per_min) as decimal(18, 2)) as respiratory_rate_sum,
    count(systolic_bp_mmhg) as systolic_bp_count,
    cast(sum(systolic_bp_mmhg) as decimal(18, 2)) as systolic_bp_sum,
    count(temperature_c) as temperature_count,
    cast(sum(temperature_c) as decimal(18, 2)) as temperature_sum,
    count(spo2_pct) as spo2_count,
    cast(sum(spo2_pct) as decimal(18, 2)) as spo2_sum
from gold.encounter_risks
group by arrival_month, site_name, age_group
