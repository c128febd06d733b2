-- The risk map: cells of 2 years of age by 4 beats per minute. Sums are kept beside counts, so that a cell of one
-- encounter gives back its exact age and heart rate, and cells can be added over months and sites.
select
    arrival_month,
    site_name,
    risk_level,
    cast(floor(age_years / 2) * 2 as integer) as age_cell_years,
    cast(floor(cast(heart_rate_bpm as double) / 4) * 4 as integer) as heart_rate_cell_bpm,
    count(*) as encounter_count,
    cast(sum(age_years) as bigint) as age_years_sum,
    cast(sum(heart_rate_bpm) as decimal(18, 2)) as heart_rate_sum
from gold.encounter_risks
group by
    arrival_month,
    site_name,
    risk_level,
    cast(floor(age_years / 2) * 2 as integer),
    cast(floor(cast(heart_rate_bpm as double) / 4) * 4 as integer)
