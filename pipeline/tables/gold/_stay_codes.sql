-- What the codes of a stay say for the readmission measure: its principal diagnosis and all procedures done in it.
with principal as (
    select
        s.stay_id,
        max(case when g.group_name = 'Psychiatric' then 1 else 0 end) as psychiatric,
        max(case when g.group_name = 'Rehabilitation' then 1 else 0 end) as rehabilitation,
        max(case when g.group_name = 'Cancer' then 1 else 0 end) as cancer,
        max(case when g.group_name = 'Always planned diagnosis' then 1 else 0 end) as always_planned,
        max(case when g.group_name = 'Acute diagnosis' then 1 else 0 end) as acute
    from silver.stays as s
    inner join silver.code_meanings as g
        on g.code_kind = 'Diagnosis' and s.code_system = g.code_system and s.diagnosis_code = g.code
    group by s.stay_id
),
done as (
    select
        m.stay_id,
        count(*) as procedures,
        max(case when g.group_name = 'Operation' then 1 else 0 end) as operation,
        max(case when g.group_name = 'Always planned procedure' then 1 else 0 end) as always_planned,
        max(case when g.group_name = 'Potentially planned procedure' then 1 else 0 end) as potentially_planned
    from silver.stay_encounters as m
    inner join silver.procedures as p on m.encounter_id = p.encounter_id
    left join silver.code_meanings as g
        on g.code_kind = 'Procedure' and p.code_system = g.code_system and p.procedure_code = g.code
    group by m.stay_id
)
select
    s.stay_id,
    s.diagnosis_code is not null as is_coded,
    d.procedures is not null as has_procedure,
    coalesce(p.psychiatric, 0) = 1 as is_psychiatric,
    coalesce(p.rehabilitation, 0) = 1 as is_rehabilitation,
    coalesce(p.cancer, 0) = 1 and coalesce(d.operation, 0) = 0 as is_cancer_treatment,
    case
        when d.always_planned = 1 then 'a procedure that is always planned'
        when p.always_planned = 1 then 'a principal diagnosis that is always planned'
        when d.potentially_planned = 1 and s.diagnosis_code is not null and coalesce(p.acute, 0) = 0
            then 'a procedure that is usually planned, without an acute principal diagnosis'
    end as planned_because
from silver.stays as s
left join principal as p on s.stay_id = p.stay_id
left join done as d on s.stay_id = d.stay_id
