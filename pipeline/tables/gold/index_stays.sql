-- Why each stay counts or does not count for 30-day readmission, and whether its patient came back.
-- After the CMS hospital-wide readmission measure (NQF 1789): only the first return counts, a planned one neither counts nor
-- lets a later one count; a return can itself be an index stay. Exclusions in the order of the attrition waterfall.
-- The raw return beside it is any next stay within the window after any stay that was left alive.
with judged as (
    select
        q.*,
        case
            when q.is_under_18 then 'Under 18'
            when q.is_in_hospital then 'Still in hospital'
            when q.has_died then 'Died in hospital'
            when q.is_transferred_out then 'Transferred to another hospital'
            when q.left_against_advice then 'Left against medical advice'
            when q.is_psychiatric then 'Psychiatric stay'
            when q.is_rehabilitation then 'Rehabilitation stay'
            when q.is_cancer_treatment then 'Medical treatment of cancer'
            when q.lacks_follow_up then 'Less than 30 days of follow-up'
        end as first_exclusion,
        not q.is_in_hospital and not q.has_died as was_left_alive,
        q.has_return and q.next_planned_because is not null as has_planned_return
    from gold._stay_sequence as q
)
select
    j.stay_id,
    j.patient_id,
    j.site_name,
    j.ward_name,
    j.age_years,
    j.age_group,
    j.sex,
    j.admission_type,
    j.disposition,
    j.code_system,
    j.diagnosis_code,
    j.diagnosis_name,
    j.admitted_at,
    j.admission_date,
    j.discharged_at,
    j.discharge_date,
    j.stay_month,
    j.length_of_stay_days,
    j.encounter_count,
    j.is_coded,
    j.has_procedure,
    j.is_under_18,
    j.is_in_hospital,
    j.has_died,
    j.is_transferred_out,
    j.left_against_advice,
    j.is_psychiatric,
    j.is_rehabilitation,
    j.is_cancer_treatment,
    j.lacks_follow_up,
    j.first_exclusion,
    j.first_exclusion is null as is_index,
    j.planned_because,
    case when j.was_left_alive then j.next_stay_id end as next_stay_id,
    case when j.was_left_alive then j.days_to_next_stay end as days_to_next_stay,
    j.was_left_alive as is_raw_index,
    j.was_left_alive and j.has_return as has_raw_return,
    j.first_exclusion is null and j.has_planned_return as has_planned_return,
    j.first_exclusion is null and j.has_return and not j.has_planned_return as is_readmitted,
    case
        when j.first_exclusion is not null then 'Not counted: ' || lower(j.first_exclusion)
        when j.has_planned_return then 'Counted as not readmitted: the first return, after '
            || cast(j.days_to_next_stay as string) || ' days, was planned (' || j.next_planned_because || ')'
        when j.has_return
            then 'Counted as readmitted: first return after ' || cast(j.days_to_next_stay as string) || ' days, not planned'
        when j.days_to_next_stay is not null
            then 'Counted as not readmitted: next stay after ' || cast(j.days_to_next_stay as string) || ' days'
        else 'Counted as not readmitted: no later stay in the data'
    end as count_reason
from judged as j
