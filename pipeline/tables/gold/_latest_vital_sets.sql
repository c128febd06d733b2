-- The latest vital set of each encounter: the one nearest to its discharge, or to now while in hospital.
with latest as (
    select encounter_id, max(measured_at) as measured_at
    from silver.vital_sets
    group by encounter_id
)
select
    v.encounter_id,
    v.measured_at,
    v.heart_rate_bpm,
    v.respiratory_rate_per_min,
    v.systolic_bp_mmhg,
    v.temperature_c,
    v.spo2_pct,
    v.is_on_oxygen,
    v.news2_score,
    v.news2_parameter_count,
    v.news2_status,
    v.qsofa_score,
    v.shock_index,
    v.severity_name
from silver.vital_sets as v
inner join latest as l on v.encounter_id = l.encounter_id and v.measured_at = l.measured_at
