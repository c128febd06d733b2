-- Stays in hospital with transfers merged: the first encounter says how the patient came, the last one how they left.
-- An emergency visit that leads to the stay belongs to it: it ended on a ward of the stay's first day or the day before.
with admissions as (
    select
        m.stay_id,
        e.*
    from silver.stay_encounters as m
    inner join silver.encounters as e on m.encounter_id = e.encounter_id
    where m.arrival_rank = 1
),
sizes as (
    select stay_id, count(*) as encounter_count
    from silver.stay_encounters
    group by stay_id
),
leading_visits as (
    select
        a.stay_id,
        v.encounter_id,
        row_number() over (
            partition by a.stay_id order by v.arrived_at desc nulls last, v.encounter_id desc nulls last
        ) as nearness
    from admissions as a
    inner join reference.readmission_limits as t on t.limit_name = 'transfer'
    inner join silver.encounters as v
        on a.patient_id = v.patient_id and v.encounter_class = 'Emergency' and v.arrived_at <= a.arrived_at
        and datediff(a.arrival_date, coalesce(v.discharge_date, v.arrival_date)) <= t.limit_value
        and (v.disposition is null or v.disposition = 'Transfer to acute care' or v.discharged_at >= a.arrived_at)
)
select
    a.stay_id,
    a.patient_id,
    cast(n.encounter_count as integer) as encounter_count,
    v.encounter_id as emergency_encounter_id,
    l.encounter_id as last_encounter_id,
    l.site_name,
    l.ward_name,
    a.admission_type,
    l.disposition,
    d.code_system,
    d.diagnosis_code,
    d.diagnosis_name,
    a.age_years,
    a.age_group,
    a.sex,
    a.arrived_at as admitted_at,
    a.arrival_date as admission_date,
    l.discharged_at,
    l.discharge_date,
    cast(date_trunc('month', coalesce(l.discharge_date, a.arrival_date)) as date) as stay_month,
    cast(datediff(l.discharge_date, a.arrival_date) as integer) as length_of_stay_days
from admissions as a
inner join sizes as n on a.stay_id = n.stay_id
inner join silver.stay_encounters as m on a.stay_id = m.stay_id and m.leaving_rank = 1
inner join silver.encounters as l on m.encounter_id = l.encounter_id
left join leading_visits as v on a.stay_id = v.stay_id and v.nearness = 1
left join silver._classified_diagnoses as d on l.encounter_id = d.encounter_id and d.diagnosis_rank = 1
