-- The readmission scores of each stay with their components: vital-sign instability, LACE and HOSPITAL (2016).
-- None of them is for children, for patients who died or who are still in hospital; the status of each says so.
select
    s.stay_id,
    s.patient_id,
    v.unstable_vital_count,
    v.unstable_vitals,
    v.instability_status,
    l.length_points as lace_length_points,
    l.acute_points as lace_acute_points,
    l.comorbidity_points as lace_comorbidity_points,
    l.emergency_points as lace_emergency_points,
    l.lace_score,
    l.lace_class,
    l.lace_age_cut,
    l.is_above_lace_age_cut,
    l.lace_status,
    h.haemoglobin_points as hospital_haemoglobin_points,
    h.oncology_points as hospital_oncology_points,
    h.sodium_points as hospital_sodium_points,
    h.procedure_points as hospital_procedure_points,
    h.urgent_points as hospital_urgent_points,
    h.prior_admission_points as hospital_prior_admission_points,
    h.length_points as hospital_length_points,
    h.hospital_score,
    h.hospital_class,
    h.hospital_avoidable_readmission_pct,
    h.hospital_status
from gold.stay_facts as s
inner join gold._stay_instability as v on s.stay_id = v.stay_id
inner join gold._stay_lace as l on s.stay_id = l.stay_id
inner join gold._stay_hospital as h on s.stay_id = h.stay_id
