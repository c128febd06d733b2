-- The last haemoglobin and the last sodium of a stay.
with ranked as (
    select
        m.stay_id,
        r.analyte_name,
        r.analyte_value,
        r.collected_at,
        row_number() over (
            partition by m.stay_id, r.analyte_name
            order by r.collected_at desc nulls last, r.test_code asc nulls last, r.encounter_id asc nulls last
        ) as lateness
    from silver.stay_encounters as m
    inner join silver.lab_results as r on m.encounter_id = r.encounter_id
    where r.analyte_name is not null
)
select
    stay_id,
    max(case when analyte_name = 'Haemoglobin' then analyte_value end) as haemoglobin_g_dl,
    max(case when analyte_name = 'Haemoglobin' then collected_at end) as haemoglobin_at,
    max(case when analyte_name = 'Sodium' then analyte_value end) as sodium_mmol_l,
    max(case when analyte_name = 'Sodium' then collected_at end) as sodium_at
from ranked
where lateness = 1
group by stay_id
