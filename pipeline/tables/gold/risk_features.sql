-- What the readmission model may know of a stay when the patient leaves. Nothing here looks at a later stay or at the outcome.
-- What was not sent, or was measured after the patient had left, is empty; models take missing values as a kind of their own.
-- Earlier stays are looked for twelve months back and no further, so that a feature does not change as the data grow longer.
-- Conditions are those of LACE's Charlson index; a stay without a principal diagnosis has none known, not none.
with sequence as (
    select
        i.*,
        lag(i.stay_id) over (
            partition by i.patient_id order by i.admitted_at asc nulls last, i.stay_id asc nulls last
        ) as previous_stay_id,
        lag(i.discharge_date) over (
            partition by i.patient_id order by i.admitted_at asc nulls last, i.stay_id asc nulls last
        ) as previous_discharge_date,
        lag(i.length_of_stay_days) over (
            partition by i.patient_id order by i.admitted_at asc nulls last, i.stay_id asc nulls last
        ) as previous_length_of_stay_days
    from gold.index_stays as i
),
conditions as (
    select
        stay_id,
        max(case when condition_name = 'Congestive heart failure' then 1 else 0 end) as heart_failure,
        max(case when condition_name = 'Previous myocardial infarction' then 1 else 0 end) as myocardial_infarction,
        max(case when condition_name = 'Cerebrovascular disease' then 1 else 0 end) as cerebrovascular_disease,
        max(case when condition_name = 'Chronic pulmonary disease' then 1 else 0 end) as pulmonary_disease,
        max(case when condition_name in ('Diabetes without complications', 'Diabetes with end-organ damage') then 1 else 0 end)
            as diabetes,
        max(case when condition_name in ('Mild liver or renal disease', 'Moderate or severe liver or renal disease') then 1 else 0 end)
            as liver_or_renal_disease,
        max(case when condition_name in ('Any tumour (incl. lymphoma or leukaemia)', 'Metastatic solid tumour') then 1 else 0 end)
            as tumour,
        max(case when condition_name = 'Metastatic solid tumour' then 1 else 0 end) as metastatic_tumour,
        max(case when condition_name = 'Dementia' then 1 else 0 end) as dementia
    from gold.stay_comorbidities
    group by stay_id
),
coded as (
    select f.stay_id, count(*) as diagnosis_count
    from gold.stay_facts as f
    inner join silver._classified_diagnoses as d on f.last_encounter_id = d.encounter_id
    group by f.stay_id
),
principal_codes as (
    select code_system, diagnosis_code
    from gold.index_stays
    where diagnosis_code is not null
    group by code_system, diagnosis_code
),
chapters as (
    select p.code_system, p.diagnosis_code, min(c.chapter_name) as diagnosis_chapter
    from principal_codes as p
    inner join reference.diagnosis_chapters as c
        on p.code_system = c.code_system and substring(p.diagnosis_code, 1, 3) between c.from_category and c.to_category
    group by p.code_system, p.diagnosis_code
)
select
    i.stay_id,
    i.patient_id,
    i.discharged_at,
    i.stay_month,
    f.not_applicable,
    not (i.is_under_18 or i.is_in_hospital or i.has_died or i.is_transferred_out or i.left_against_advice or i.is_psychiatric
        or i.is_rehabilitation or i.is_cancer_treatment) as is_eligible,
    i.age_years,
    i.sex,
    i.admission_type,
    f.acute_admission,
    f.emergency_visit_count,
    f.prior_admission_count,
    case when i.previous_discharge_date >= add_months(i.admission_date, 0 - k.limit_value)
        then cast(datediff(i.admission_date, i.previous_discharge_date) as integer) end as days_since_previous_discharge,
    case when i.previous_discharge_date >= add_months(i.admission_date, 0 - k.limit_value) then i.previous_length_of_stay_days end
        as previous_length_of_stay_days,
    case
        when i.previous_stay_id is null then 0
        when i.previous_discharge_date is null then null
        when datediff(i.admission_date, i.previous_discharge_date) <= w.limit_value then 1
        else 0
    end as recent_discharge,
    i.length_of_stay_days,
    i.encounter_count,
    i.ward_name,
    f.oncology_service,
    i.disposition,
    h.diagnosis_chapter,
    cast(d.diagnosis_count as integer) as diagnosis_count,
    f.charlson_points,
    case when i.is_coded then coalesce(c.heart_failure, 0) end as heart_failure,
    case when i.is_coded then coalesce(c.myocardial_infarction, 0) end as myocardial_infarction,
    case when i.is_coded then coalesce(c.cerebrovascular_disease, 0) end as cerebrovascular_disease,
    case when i.is_coded then coalesce(c.pulmonary_disease, 0) end as pulmonary_disease,
    case when i.is_coded then coalesce(c.diabetes, 0) end as diabetes,
    case when i.is_coded then coalesce(c.liver_or_renal_disease, 0) end as liver_or_renal_disease,
    case when i.is_coded then coalesce(c.tumour, 0) end as tumour,
    case when i.is_coded then coalesce(c.metastatic_tumour, 0) end as metastatic_tumour,
    case when i.is_coded then coalesce(c.dementia, 0) end as dementia,
    f.procedure_done,
    case when f.haemoglobin_at <= i.discharged_at then f.haemoglobin_g_dl end as haemoglobin_g_dl,
    case when f.sodium_at <= i.discharged_at then f.sodium_mmol_l end as sodium_mmol_l,
    case when v.measured_at <= i.discharged_at then v.heart_rate_bpm end as heart_rate_bpm,
    case when v.measured_at <= i.discharged_at then v.respiratory_rate_per_min end as respiratory_rate_per_min,
    case when v.measured_at <= i.discharged_at then v.systolic_bp_mmhg end as systolic_bp_mmhg,
    case when v.measured_at <= i.discharged_at then v.temperature_c end as temperature_c,
    case when v.measured_at <= i.discharged_at then v.spo2_pct end as spo2_pct,
    case when v.measured_at <= i.discharged_at and v.is_on_oxygen is not null then case when v.is_on_oxygen then 1 else 0 end end
        as on_oxygen,
    case when v.measured_at <= i.discharged_at then v.news2_score end as news2_score,
    case when v.measured_at <= i.discharged_at then v.unstable_vital_count end as unstable_vital_count,
    case when v.measured_at <= i.discharged_at and v.is_in_time then 1 else 0 end as measured_in_last_day
from sequence as i
inner join reference.readmission_limits as w on w.limit_name = 'return window'
inner join reference.readmission_limits as k on k.limit_name = 'admission look-back'
inner join gold.stay_facts as f on i.stay_id = f.stay_id
inner join gold._stay_last_vital_sets as v on i.stay_id = v.stay_id
left join conditions as c on i.stay_id = c.stay_id
left join coded as d on i.stay_id = d.stay_id
left join chapters as h on i.code_system = h.code_system and i.diagnosis_code = h.diagnosis_code
