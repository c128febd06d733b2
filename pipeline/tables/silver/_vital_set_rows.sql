-- Readable vital sets with the age of their patient, and those whose encounter nobody sent.
select
    v._feed,
    v._file,
    v._row,
    v._received_at,
    v.row_text,
    v.encounter_id,
    v.measured_at,
    v.heart_rate_bpm,
    v.respiratory_rate_per_min,
    v.systolic_bp_mmhg,
    v.diastolic_bp_mmhg,
    v.temperature_c,
    v.spo2_pct,
    v.is_on_oxygen,
    v.consciousness_code,
    v.updated_at,
    e.age_years,
    e.age_months,
    case when e.encounter_id is null then 'encounter_id is not in any accepted encounters file' end as refused_because
from typed.vital_sets as v
anti join silver.repeated_rows as r on v._feed = r._feed and v._file = r._file and v._row = r._row
left join silver.encounters as e on v.encounter_id = e.encounter_id
where v.refused_because is null
