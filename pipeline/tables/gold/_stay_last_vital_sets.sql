-- The latest vital set of the encounter in which the patient left, and whether it was taken in the last 24 h before.
select
    s.stay_id,
    s.not_applicable,
    s.discharged_at,
    r.measured_at,
    r.heart_rate_bpm,
    r.respiratory_rate_per_min,
    r.systolic_bp_mmhg,
    r.temperature_c,
    r.spo2_pct,
    r.is_on_oxygen,
    r.news2_score,
    r.unstable_vital_count,
    r.unstable_vitals,
    (datediff(cast(s.discharged_at as date), cast(r.measured_at as date)) * 24 + hour(s.discharged_at) - hour(r.measured_at)) * 60
        + minute(s.discharged_at) - minute(r.measured_at) <= w.limit_value as is_in_time
from gold.stay_facts as s
inner join reference.readmission_limits as w on w.limit_name = 'discharge vital signs'
left join gold.encounter_risks as r on s.last_encounter_id = r.encounter_id
