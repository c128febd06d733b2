-- Readable encounter rows beside their patient, with what only the two together can show to be wrong.
-- Ages and days are those of the hospital's calendar; the instants themselves stay UTC.
with candidates as (
    select
        e.*,
        from_utc_timestamp(e.arrived_at, k.time_zone) as arrived_locally_at,
        from_utc_timestamp(e.discharged_at, k.time_zone) as discharged_locally_at
    from typed.encounters as e
    cross join reference.hospital_clock as k
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
        c.time_basis,
        c.updated_at,
        p.sex,
        p.birth_date,
        cast(c.arrived_locally_at as date) as arrival_date,
        cast(c.discharged_locally_at as date) as discharge_date,
        year(c.arrived_locally_at) - year(p.birth_date) as calendar_years,
        month(c.arrived_locally_at) - month(p.birth_date) as calendar_months,
        day(c.arrived_locally_at) - day(p.birth_date) as calendar_days
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
    arrival_date,
    discharge_date,
    time_basis,
    updated_at,
    sex,
    cast(calendar_years * 12 + calendar_months - case when calendar_days < 0 then 1 else 0 end as integer) as age_months,
    cast(datediff(arrival_date, birth_date) as integer) as age_days,
    case
        when encounter_class = 'Cancelled' then 'the encounter was cancelled'
        when birth_date is null then 'patient_id is not in any accepted patients file'
        when arrival_date < birth_date then 'arrived_at is before the patient was born'
    end as refused_because
from known
