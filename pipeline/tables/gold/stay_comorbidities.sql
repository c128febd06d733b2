-- The conditions of LACE's Charlson index that the diagnoses of a stay show. A condition that a graver one of the same
-- organ replaces is listed and does not count. ICD lists after Quan et al., Med Care 2005;43:1130.
with shown as (
    select m.stay_id, g.group_name
    from silver.stay_encounters as m
    inner join silver.diagnoses as d on m.encounter_id = d.encounter_id
    inner join silver.code_meanings as g
        on g.code_kind = 'Diagnosis' and g.grouping = 'Charlson' and d.code_system = g.code_system and d.diagnosis_code = g.code
    group by m.stay_id, g.group_name
)
select
    s.stay_id,
    s.group_name as condition_name,
    graver.group_name is null as is_counted,
    case when graver.group_name is null then w.points else 0 end as points
from shown as s
inner join reference.charlson_weights as w on s.group_name = w.group_name
left join shown as graver on s.stay_id = graver.stay_id and w.outranked_by = graver.group_name
