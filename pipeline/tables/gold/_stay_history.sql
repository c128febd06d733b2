-- How often a patient came in the time before a stay: visits to an emergency department without the one that led to the
-- stay, and earlier stays; and whether the data reach back far enough to know.
with begun as (
    select
        s.stay_id,
        s.patient_id,
        s.emergency_encounter_id,
        s.admitted_at,
        s.admission_date,
        add_months(s.admission_date, 0 - visits.limit_value) as visits_from_date,
        add_months(s.admission_date, 0 - stays.limit_value) as stays_from_date
    from silver.stays as s
    inner join reference.readmission_limits as visits on visits.limit_name = 'emergency look-back'
    inner join reference.readmission_limits as stays on stays.limit_name = 'admission look-back'
),
visited as (
    select b.stay_id, count(*) as emergency_visit_count
    from begun as b
    inner join silver.encounters as e
        on b.patient_id = e.patient_id and e.encounter_class = 'Emergency' and e.arrived_at < b.admitted_at
        and e.arrival_date >= b.visits_from_date and e.encounter_id <> coalesce(b.emergency_encounter_id, '')
    group by b.stay_id
),
stayed as (
    select b.stay_id, count(*) as prior_admission_count
    from begun as b
    inner join begun as earlier
        on b.patient_id = earlier.patient_id and earlier.admitted_at < b.admitted_at
        and earlier.admission_date >= b.stays_from_date
    group by b.stay_id
)
select
    b.stay_id,
    cast(coalesce(v.emergency_visit_count, 0) as integer) as emergency_visit_count,
    cast(coalesce(a.prior_admission_count, 0) as integer) as prior_admission_count,
    b.visits_from_date >= o.first_date as sees_all_visits,
    b.stays_from_date >= o.first_date as sees_all_stays,
    o.first_date
from begun as b
cross join gold._observed_days as o
left join visited as v on b.stay_id = v.stay_id
left join stayed as a on b.stay_id = a.stay_id
