-- The stays of UCI Diabetes 130-US as a model may know them when the patient leaves: the stay, and earlier stays of the patient.
-- Whether an earlier stay was followed by another is not used: its NO is also said of stays that were followed by one.
-- The payer is left out, as it stands for income; race is no feature and stays to look at groups.
-- LACE-like takes emergency visits of a year for those of half a year; HOSPITAL-like has no haemoglobin and no sodium.
-- For DuckDB alone. staged.diabetic_data holds the file as text; its encounter numbers rise with time.
with stays as (
    select
        d.*,
        cast(d.encounter_id as bigint) as placed_at,
        row_number() over (order by cast(d.encounter_id as bigint)) as place_in_file,
        cast(d.time_in_hospital as integer) as length_of_stay_days,
        cast(d.num_procedures as integer) as procedure_count,
        cast(d.num_medications as integer) as medication_count,
        cast(d.number_diagnoses as integer) as diagnosis_count,
        cast(d.number_outpatient as integer) as outpatient_visit_count,
        cast(d.number_emergency as integer) as emergency_visit_count,
        cast(d.number_inpatient as integer) as prior_admission_count,
        case when d.admission_type_id in ('1', '2', '7') then 1 when d.admission_type_id = '3' then 0 end as acute_admission,
        case when d.medical_specialty in ('Oncology', 'Hematology/Oncology', 'Hematology') then 1 else 0 end as oncology_service,
        [
            d.metformin, d.repaglinide, d.nateglinide, d.chlorpropamide, d.glimepiride, d.acetohexamide, d.glipizide, d.glyburide,
            d.tolbutamide, d.pioglitazone, d.rosiglitazone, d.acarbose, d.miglitol, d.troglitazone, d.tolazamide, d.insulin,
            d."glyburide-metformin", d."glipizide-metformin", d."glimepiride-pioglitazone", d."metformin-rosiglitazone",
            d."metformin-pioglitazone",
        ] as doses,
        c.* exclude (encounter_id)
    from staged.diabetic_data as d
    inner join staged.diabetic_diagnoses as c on d.encounter_id = c.encounter_id
)
select
    s.encounter_id as stay_id,
    s.patient_nbr as patient_id,
    s.placed_at,
    s.readmitted = '<30' as is_readmitted,
    case
        when s.discharge_disposition_id in ('11', '19', '20', '21') then 'Died in hospital'
        when s.discharge_disposition_id in ('13', '14') then 'Discharged to a hospice'
    end as first_exclusion,
    s.age as age_band,
    nullif(s.race, '?') as race,
    ll.points + la.points + lc.points + le.points as lace_score,
    hl.points + hu.points + hp.points + hn.points + ho.points as hospital_score,
    cast(regexp_extract(s.age, '[0-9]+') as integer) as age_years_from,
    case s.gender when 'Unknown/Invalid' then 'Unknown' else s.gender end as sex,
    s.admission_type_id as admission_type,
    s.admission_source_id as admission_source,
    s.prior_admission_count,
    s.emergency_visit_count,
    s.outpatient_visit_count,
    s.prior_admission_count + s.emergency_visit_count as acute_visit_count,
    s.prior_admission_count + s.emergency_visit_count + s.outpatient_visit_count as visit_count,
    row_number() over patient - 1 as earlier_stay_count,
    sum(s.length_of_stay_days) over earlier as earlier_days,
    s.place_in_file - lag(s.place_in_file) over patient as encounters_since_previous,
    lag(s.length_of_stay_days) over patient as previous_length_of_stay_days,
    lag(s.prior_admission_count) over patient as previous_admission_count,
    s.prior_admission_count - lag(s.prior_admission_count) over patient as added_admission_count,
    lag(s.emergency_visit_count) over patient as previous_emergency_visit_count,
    lag(s.medication_count) over patient as previous_medication_count,
    lag(s.diagnosis_count) over patient as previous_diagnosis_count,
    lag(s.discharge_disposition_id) over patient as previous_disposition,
    lag(s.principal_chapter) over patient as previous_chapter,
    case when lag(s.principal_category) over patient = s.principal_category then 1
        when row_number() over patient > 1 then 0 end as same_cause_as_previous,
    row_number() over cause - 1 as earlier_same_cause_count,
    s.length_of_stay_days,
    nullif(s.medical_specialty, '?') as specialty,
    s.discharge_disposition_id as disposition,
    s.discharge_disposition_id || ' and ' || least(s.prior_admission_count, 4) as disposition_and_admissions,
    s.discharge_disposition_id || ' and ' || s.principal_chapter as disposition_and_chapter,
    s.principal_category,
    s.second_category,
    s.third_category,
    s.principal_chapter,
    s.second_chapter,
    s.third_chapter,
    s.diagnosis_count,
    s.charlson_points,
    max(s.heart_failure) over so_far as heart_failure,
    max(s.myocardial_infarction) over so_far as myocardial_infarction,
    max(s.cerebrovascular_disease) over so_far as cerebrovascular_disease,
    max(s.peripheral_vascular_disease) over so_far as peripheral_vascular_disease,
    max(s.pulmonary_disease) over so_far as pulmonary_disease,
    max(s.diabetes_with_damage) over so_far as diabetes_with_damage,
    max(s.liver_or_renal_disease) over so_far as liver_or_renal_disease,
    max(s.tumour) over so_far as tumour,
    max(s.metastatic_tumour) over so_far as metastatic_tumour,
    cast(s.num_lab_procedures as integer) as lab_test_count,
    s.procedure_count,
    s.medication_count,
    s.max_glu_serum as glucose_result,
    s.a1cresult as hba1c_result,
    s.insulin,
    s.metformin,
    s.glipizide,
    s.rosiglitazone,
    case s.diabetesmed when 'Yes' then 1 else 0 end as on_diabetes_drug,
    case s.change when 'Ch' then 1 else 0 end as regimen_changed,
    len(list_filter(s.doses, lambda dose: dose <> 'No')) as drug_count,
    len(list_filter(s.doses, lambda dose: dose in ('Up', 'Down'))) as drug_change_count
from stays as s
left join reference.lace_points as ll
    on ll.component = 'length of stay' and s.length_of_stay_days between ll.at_least and ll.at_most
left join reference.lace_points as la on la.component = 'acute admission' and s.acute_admission between la.at_least and la.at_most
left join reference.lace_points as lc on lc.component = 'comorbidity' and s.charlson_points between lc.at_least and lc.at_most
left join reference.lace_points as le
    on le.component = 'emergency visits' and s.emergency_visit_count between le.at_least and le.at_most
left join reference.hospital_points as hl
    on hl.component = 'length of stay' and s.length_of_stay_days between hl.at_least and hl.at_most
left join reference.hospital_points as hu on hu.component = 'urgent admission' and s.acute_admission between hu.at_least and hu.at_most
left join reference.hospital_points as hp
    on hp.component = 'procedure' and least(s.procedure_count, 1) between hp.at_least and hp.at_most
left join reference.hospital_points as hn
    on hn.component = 'prior admissions' and s.prior_admission_count between hn.at_least and hn.at_most
left join reference.hospital_points as ho
    on ho.component = 'oncology service' and s.oncology_service between ho.at_least and ho.at_most
window
    patient as (partition by s.patient_nbr order by s.placed_at),
    cause as (partition by s.patient_nbr, s.principal_category order by s.placed_at),
    so_far as (partition by s.patient_nbr order by s.placed_at rows unbounded preceding),
    earlier as (partition by s.patient_nbr order by s.placed_at rows between unbounded preceding and 1 preceding)
