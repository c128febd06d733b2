-- Every accepted encounter with the patient's age at arrival, in completed months and years of the hospital's calendar.
select
    e.encounter_id,
    e.patient_id,
    e.site_name,
    e.ward_name,
    e.encounter_class,
    e.admission_type,
    e.disposition,
    cast(floor(e.age_months / 12) as integer) as age_years,
    e.age_months,
    e.age_days,
    g.age_group,
    e.sex,
    e.arrived_at,
    e.arrival_date,
    cast(date_trunc('month', e.arrival_date) as date) as arrival_month,
    e.discharged_at,
    e.discharge_date,
    e.time_basis,
    e.updated_at,
    e._file,
    e._row
from silver._encounter_rows as e
left join reference.age_groups as g on e.age_months >= g.from_years * 12 and e.age_months < g.below_years * 12
where e.refused_because is null
