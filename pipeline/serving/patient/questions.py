"""What is asked of the published tables about one patient: nine questions. Values only ever come in as parameters.

Tables without a patient number are asked for the numbers of the patient's encounters or stays, found first: a question
that looked these up by itself would read all encounters once more.
"""

from __future__ import annotations

PERSON = """
select patient_id, given_name, family_name, sex, birth_date, death_date
from silver.patients where patient_id = $patient_id
"""
ENCOUNTERS = """
with own as (select * from silver.encounters where patient_id = $patient_id),
parts as (select encounter_id, stay_id, joined_because from silver.stay_encounters where patient_id = $patient_id),
emergencies as (
    select emergency_encounter_id, min(stay_id) as stay_id from silver.stays
    where patient_id = $patient_id and emergency_encounter_id is not null
    group by emergency_encounter_id
),
risks as (
    select encounter_id, risk_level, measured_at, severity_name, news2_score, news2_parameter_count, news2_status, unstable_vitals
    from gold.encounter_risks where patient_id = $patient_id
)
select e.encounter_id, coalesce(p.stay_id, v.stay_id) as stay_id, p.joined_because, e.encounter_class, e.site_name,
    e.ward_name, e.admission_type, e.disposition, e.age_years, e.age_months, e.age_days, e.arrived_at, e.discharged_at,
    r.risk_level, r.measured_at, r.severity_name, r.news2_score, r.news2_parameter_count, r.news2_status, r.unstable_vitals
from own as e
left join parts as p on e.encounter_id = p.encounter_id
left join emergencies as v on e.encounter_id = v.emergency_encounter_id
left join risks as r on e.encounter_id = r.encounter_id
order by e.arrived_at desc, e.encounter_id
"""
VITAL_SETS = """
select encounter_id, measured_at, heart_rate_bpm, respiratory_rate_per_min, systolic_bp_mmhg, diastolic_bp_mmhg, temperature_c,
    spo2_pct, is_on_oxygen, consciousness_code, spo2_scale, respiratory_rate_points, spo2_points, oxygen_points,
    systolic_bp_points, pulse_points, consciousness_points, temperature_points, news2_score, news2_parameter_count, news2_status,
    qsofa_score, qsofa_parameter_count, qsofa_status, shock_index, shock_index_limit, is_shock_index_high, shock_index_status,
    heart_rate_z, respiratory_rate_z, systolic_bp_low_limit, is_hypotensive, hypotension_status, child_parameter_count,
    child_severity_status, severity_name
from silver.vital_sets
where encounter_id in (select unnest(cast($encounter_ids as varchar[])))
order by measured_at, encounter_id
"""
STAYS = """
with counted as (select * from gold.index_stays where patient_id = $patient_id),
facts as (select * from gold.stay_facts where patient_id = $patient_id),
scores as (select * from gold.stay_scores where patient_id = $patient_id)
select i.stay_id, i.encounter_count, i.site_name, i.ward_name, i.admission_type, i.disposition,
    i.age_years, i.code_system, i.diagnosis_code, i.diagnosis_name, i.admitted_at, i.discharged_at,
    i.length_of_stay_days, i.is_under_18, i.is_in_hospital, i.has_died, i.is_transferred_out, i.left_against_advice,
    i.is_psychiatric, i.is_rehabilitation, i.is_cancer_treatment, i.lacks_follow_up, i.is_index, i.is_readmitted,
    i.planned_because, i.days_to_next_stay,
    i.count_reason, f.not_applicable, f.acute_admission, f.charlson_points, f.emergency_visit_count, f.prior_admission_count,
    f.haemoglobin_g_dl, f.sodium_mmol_l, f.procedure_done, f.oncology_service, s.unstable_vital_count, s.unstable_vitals,
    s.instability_status, s.lace_length_points, s.lace_acute_points, s.lace_comorbidity_points, s.lace_emergency_points,
    s.lace_score, s.lace_class, s.lace_age_cut, s.is_above_lace_age_cut, s.lace_status, s.hospital_haemoglobin_points,
    s.hospital_oncology_points, s.hospital_sodium_points, s.hospital_procedure_points, s.hospital_urgent_points,
    s.hospital_prior_admission_points, s.hospital_length_points, s.hospital_score, s.hospital_class,
    s.hospital_avoidable_readmission_pct, s.hospital_status
from counted as i
inner join facts as f on i.stay_id = f.stay_id
inner join scores as s on i.stay_id = s.stay_id
order by i.admitted_at desc, i.stay_id
"""
RISKS = """
with scores as (select * from gold.risk_scores where patient_id = $patient_id),
features as (select * from gold.risk_features where patient_id = $patient_id)
select s.*, f.* exclude (stay_id, patient_id, discharged_at, stay_month)
from scores as s
inner join features as f on s.stay_id = f.stay_id
order by s.discharged_at desc nulls first, s.stay_id
"""
COMORBIDITIES = """
select stay_id, condition_name, is_counted, points
from gold.stay_comorbidities
where stay_id in (select unnest(cast($stay_ids as varchar[])))
order by stay_id, points desc, condition_name
"""
DIAGNOSES = """
with own as (select * from silver.diagnoses where encounter_id in (select unnest(cast($encounter_ids as varchar[]))))
select d.encounter_id, d.diagnosis_rank, d.code_system, d.diagnosis_code, min(d.diagnosis_name) as diagnosis_name,
    string_agg(m.grouping || ': ' || m.group_name, '; ' order by m.grouping, m.group_name) as meanings
from own as d
left join silver.code_meanings as m
    on m.code_kind = 'Diagnosis' and d.code_system = m.code_system and d.diagnosis_code = m.code
group by d.encounter_id, d.diagnosis_rank, d.code_system, d.diagnosis_code
order by d.encounter_id, d.diagnosis_rank
"""
PROCEDURES = """
with own as (select * from silver.procedures where encounter_id in (select unnest(cast($encounter_ids as varchar[]))))
select p.encounter_id, p.procedure_rank, p.code_system, p.procedure_code, min(p.procedure_name) as procedure_name,
    min(p.performed_at) as performed_at,
    string_agg(m.grouping || ': ' || m.group_name, '; ' order by m.grouping, m.group_name) as meanings
from own as p
left join silver.code_meanings as m
    on m.code_kind = 'Procedure' and p.code_system = m.code_system and p.procedure_code = m.code
group by p.encounter_id, p.procedure_rank, p.code_system, p.procedure_code
order by p.encounter_id, p.procedure_rank
"""
LAB_RESULTS = """
select encounter_id, collected_at, test_code, result_value, result_unit, analyte_name, analyte_value, canonical_unit
from silver.lab_results
where encounter_id in (select unnest(cast($encounter_ids as varchar[])))
order by collected_at desc, test_code, encounter_id
"""
