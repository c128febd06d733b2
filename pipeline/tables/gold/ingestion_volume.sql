-- How many encounters arrived each day, and how many vital sets came with them.
with vital_set_counts as (
    select encounter_id, count(*) as vital_set_count
    from silver.vital_sets
    group by encounter_id
)
select
    e.arrival_date,
    e.arrival_month,
    e.site_name,
    e.encounter_class,
    count(*) as encounter_count,
    cast(sum(coalesce(v.vital_set_count, 0)) as bigint) as vital_set_count
from silver.encounters as e
left join vital_set_counts as v on e.encounter_id = v.encounter_id
group by e.arrival_date, e.arrival_month, e.site_name, e.encounter_class
