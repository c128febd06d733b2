-- The worklist: seniors at high risk by the transparent rule, with what the flag rests on in words.
select
    r.encounter_id,
    r.patient_id,
    r.arrival_month,
    r.site_name,
    r.ward_name,
    r.encounter_class,
    r.age_years,
    r.sex,
    r.arrived_at,
    r.discharged_at,
    r.discharged_at is null as is_in_hospital,
    r.measured_at,
    r.heart_rate_bpm,
    r.respiratory_rate_per_min,
    r.systolic_bp_mmhg,
    r.temperature_c,
    r.spo2_pct,
    r.news2_score,
    r.news2_parameter_count,
    r.news2_status,
    r.qsofa_score,
    r.shock_index,
    r.severity_name,
    r.unstable_vital_count,
    concat_ws('; ', 'NEWS2 ' || cast(r.news2_score as string), r.unstable_vitals) as flag_reasons
from gold.encounter_risks as r
where r.age_group = 'Senior' and r.risk_level = 'High'
