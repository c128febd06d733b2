-- Vital signs outside the stability limits in the latest vital set of the last 24 h before discharge, adults
-- (Nguyen et al., J Gen Intern Med 2017;32:42).
with latest as (
    select
        s.stay_id,
        s.not_applicable,
        r.measured_at,
        r.unstable_vital_count,
        r.unstable_vitals,
        (datediff(cast(s.discharged_at as date), cast(r.measured_at as date)) * 24 + hour(s.discharged_at) - hour(r.measured_at)) * 60
            + minute(s.discharged_at) - minute(r.measured_at) <= w.limit_value as is_in_time
    from gold.stay_facts as s
    inner join reference.readmission_limits as w on w.limit_name = 'discharge vital signs'
    left join gold.encounter_risks as r on s.last_encounter_id = r.encounter_id
)
select
    stay_id,
    case when not_applicable is null and is_in_time then unstable_vital_count end as unstable_vital_count,
    case when not_applicable is null and is_in_time then unstable_vitals end as unstable_vitals,
    case
        when not_applicable is not null then not_applicable
        when measured_at is null then 'not computable: missing vital signs'
        when not is_in_time then 'not computable: missing vital signs in the last 24 h'
        when unstable_vital_count is null then 'not computable: missing vital signs'
        else 'computed'
    end as instability_status
from latest
