-- Readable encounter rows beside their patient, with what only the two together can show to be wrong.
with candidates as (
    select e.*
    from typed.encounters as e
    anti join silver.repeated_rows as r on e._feed = r._feed and e._file = r._file and e._row = r._row
    where e.refused_because is null
),
known as (
    select
        c._feed,
        c._file,
        c._row,
        c._received_at,
        c.row_text,
        c.encounter_id,
        c.patient_id,
        c.site_name,
        c.ward_name,
        c.encounter_class,
        c.admission_type,
        c.disposition,
        c.arrived_at,
        c.discharged_at,
        c.updated_at,
        p.sex,
        p.birth_date,
        year(c.arrived_at) - year(p.birth_date) as calendar_years,
        month(c.arrived_at) - month(p.birth_date) as calendar_months,
        day(c.arrived_at) - day(p.birth_date) as calendar_days
    from candidates as c
    left join silver.patients as p on c.patient_id = p.patient_id
)
select
    _feed,
    _file,
    _row,
    _received_at,
    row_text,
    encounter_id,
    patient_id,
    site_name,
    ward_name,
    encounter_class,
    admission_type,
    disposition,
    arrived_at,
    discharged_at,
    updated_at,
    sex,
    cast(calendar_years * 12 + calendar_months - case when calendar_days < 0 then 1 else 0 end as integer) as age_months,
    case
        when birth_date is null then 'patient_id is not in any accepted patients file'
        when cast(arrived_at as date) < birth_date then 'arrived_at is before the patient was born'
    end as refused_because
from known
