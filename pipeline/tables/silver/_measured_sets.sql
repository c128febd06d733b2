-- Vital sets however they came: as a set, or one sign at a time, then put together where no set was sent for that time.
-- Two senders of one time are not mixed: a set stands as it was sent.
with assembled as (
    select
        encounter_id,
        measured_at,
        max(case when sign_name = 'heart_rate' then sign_value end) as heart_rate,
        max(case when sign_name = 'respiratory_rate' then sign_value end) as respiratory_rate,
        max(case when sign_name = 'systolic_bp' then sign_value end) as systolic_bp,
        max(case when sign_name = 'diastolic_bp' then sign_value end) as diastolic_bp,
        max(case when sign_name = 'temperature' then sign_value end) as temperature,
        max(case when sign_name = 'spo2' then sign_value end) as spo2,
        max(case when sign_name = 'on_oxygen' then sign_code end) as on_oxygen,
        max(case when sign_name = 'consciousness' then sign_code end) as consciousness_code,
        max(case when sign_name = 'spo2_scale' then sign_code end) as spo2_scale,
        max(updated_at) as updated_at
    from silver.vital_signs
    group by encounter_id, measured_at
),
sent_beside as (
    select v.encounter_id, v.measured_at
    from typed.vital_sets as v
    semi join silver.vital_signs as g on v.encounter_id = g.encounter_id and v.measured_at = g.measured_at
    where v.refused_because is null
)
select
    v._file,
    v._row,
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
    v.spo2_scale,
    v.updated_at
from typed.vital_sets as v
anti join silver.repeated_rows as r on v._feed = r._feed and v._file = r._file and v._row = r._row
where v.refused_because is null
union all
select
    cast(null as string) as _file,
    cast(null as bigint) as _row,
    a.encounter_id,
    a.measured_at,
    cast(a.heart_rate as decimal(6, 2)) as heart_rate_bpm,
    cast(a.respiratory_rate as decimal(6, 2)) as respiratory_rate_per_min,
    cast(a.systolic_bp as decimal(6, 2)) as systolic_bp_mmhg,
    cast(a.diastolic_bp as decimal(6, 2)) as diastolic_bp_mmhg,
    cast(a.temperature as decimal(5, 2)) as temperature_c,
    cast(a.spo2 as decimal(6, 2)) as spo2_pct,
    a.on_oxygen = 'Y' as is_on_oxygen,
    a.consciousness_code,
    a.spo2_scale,
    a.updated_at
from assembled as a
anti join sent_beside as s on a.encounter_id = s.encounter_id and a.measured_at = s.measured_at
