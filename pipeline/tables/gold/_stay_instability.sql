-- Vital signs outside the stability limits in the latest vital set of the last 24 h before discharge, adults
-- (Nguyen et al., J Gen Intern Med 2017;32:42).
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
from gold._stay_last_vital_sets
