-- Every stay beside the patient's next one, with every exclusion of the readmission measure as a column of its own.
with sequence as (
    select
        s.*,
        lead(s.stay_id) over (
            partition by s.patient_id order by s.admitted_at asc nulls last, s.stay_id asc nulls last
        ) as next_stay_id,
        lead(s.admission_date) over (
            partition by s.patient_id order by s.admitted_at asc nulls last, s.stay_id asc nulls last
        ) as next_admission_date
    from silver.stays as s
)
select
    q.stay_id,
    q.patient_id,
    q.site_name,
    q.ward_name,
    q.age_years,
    q.age_group,
    q.sex,
    q.admission_type,
    q.disposition,
    q.code_system,
    q.diagnosis_code,
    q.diagnosis_name,
    q.admitted_at,
    q.admission_date,
    q.discharged_at,
    q.discharge_date,
    q.stay_month,
    q.length_of_stay_days,
    q.encounter_count,
    q.next_stay_id,
    c.is_coded,
    c.has_procedure,
    c.planned_because,
    q.age_years < adult.limit_value as is_under_18,
    q.discharged_at is null as is_in_hospital,
    coalesce(q.disposition = 'Died' or (q.disposition is null and p.death_date <= q.discharge_date), false) as has_died,
    coalesce(q.disposition = 'Transfer to acute care', false) as is_transferred_out,
    coalesce(q.disposition = 'Against medical advice', false) as left_against_advice,
    c.is_psychiatric,
    c.is_rehabilitation,
    c.is_cancer_treatment,
    coalesce(datediff(o.last_date, q.discharge_date) < follow_up.limit_value, false) as lacks_follow_up,
    cast(datediff(q.next_admission_date, q.discharge_date) as integer) as days_to_next_stay,
    coalesce(datediff(q.next_admission_date, q.discharge_date) <= return_window.limit_value, false) as has_return,
    n.planned_because as next_planned_because
from sequence as q
cross join gold._observed_days as o
inner join reference.readmission_limits as adult on adult.limit_name = 'adult'
inner join reference.readmission_limits as follow_up on follow_up.limit_name = 'follow-up'
inner join reference.readmission_limits as return_window on return_window.limit_name = 'return window'
inner join gold._stay_codes as c on q.stay_id = c.stay_id
left join gold._stay_codes as n on q.next_stay_id = n.stay_id
left join silver.patients as p on q.patient_id = p.patient_id
