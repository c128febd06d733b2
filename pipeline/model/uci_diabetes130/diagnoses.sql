-- What the up to three ICD-9 codes of each stay say: categories, chapters, the conditions of LACE's Charlson index and its points.
-- The file lost leading zeros: 8 is category 008. For DuckDB alone; staged.diabetic_data holds the file as text.
with written_codes as (
    select encounter_id, 1 as diagnosis_rank, diag_1 as code from staged.diabetic_data
    union all
    select encounter_id, 2 as diagnosis_rank, diag_2 as code from staged.diabetic_data
    union all
    select encounter_id, 3 as diagnosis_rank, diag_3 as code from staged.diabetic_data
),
codes as (
    select
        encounter_id,
        diagnosis_rank,
        case
            when regexp_like(code, '^[0-9]') then lpad(split_part(code, '.', 1), 3, '0') || split_part(code, '.', 2)
            else replace(code, '.', '')
        end as code
    from written_codes
    where code <> '?'
),
chapters as (
    select distinct c.code, h.chapter_name
    from codes as c
    inner join reference.diagnosis_chapters as h
        on h.code_system = 'ICD-9' and substring(c.code, 1, 3) between h.from_category and h.to_category
),
places as (
    select
        c.encounter_id,
        max(case when c.diagnosis_rank = 1 then substring(c.code, 1, 3) end) as principal_category,
        max(case when c.diagnosis_rank = 2 then substring(c.code, 1, 3) end) as second_category,
        max(case when c.diagnosis_rank = 3 then substring(c.code, 1, 3) end) as third_category,
        max(case when c.diagnosis_rank = 1 then h.chapter_name end) as principal_chapter,
        max(case when c.diagnosis_rank = 2 then h.chapter_name end) as second_chapter,
        max(case when c.diagnosis_rank = 3 then h.chapter_name end) as third_chapter
    from codes as c
    left join chapters as h on c.code = h.code
    group by c.encounter_id
),
meanings as (
    select distinct c.code, g.group_name
    from codes as c
    inner join reference.code_groups as g
        on g.code_kind = 'Diagnosis' and g.grouping = 'Charlson' and g.code_system = 'ICD-9'
        and substring(c.code, 1, length(g.code_prefix)) = g.code_prefix
),
shown as (
    select distinct c.encounter_id, m.group_name
    from codes as c
    inner join meanings as m on c.code = m.code
),
points as (
    select s.encounter_id, cast(sum(w.points) as integer) as charlson_points
    from shown as s
    inner join reference.charlson_weights as w on s.group_name = w.group_name
    left join shown as graver on s.encounter_id = graver.encounter_id and w.outranked_by = graver.group_name
    where graver.group_name is null
    group by s.encounter_id
),
conditions as (
    select
        encounter_id,
        max(case when group_name = 'Congestive heart failure' then 1 else 0 end) as heart_failure,
        max(case when group_name = 'Previous myocardial infarction' then 1 else 0 end) as myocardial_infarction,
        max(case when group_name = 'Cerebrovascular disease' then 1 else 0 end) as cerebrovascular_disease,
        max(case when group_name = 'Peripheral vascular disease' then 1 else 0 end) as peripheral_vascular_disease,
        max(case when group_name = 'Chronic pulmonary disease' then 1 else 0 end) as pulmonary_disease,
        max(case when group_name = 'Diabetes with end-organ damage' then 1 else 0 end) as diabetes_with_damage,
        max(case when group_name like '%liver or renal disease' then 1 else 0 end) as liver_or_renal_disease,
        max(case when group_name in ('Any tumour (incl. lymphoma or leukaemia)', 'Metastatic solid tumour') then 1 else 0 end)
            as tumour,
        max(case when group_name = 'Metastatic solid tumour' then 1 else 0 end) as metastatic_tumour
    from shown
    group by encounter_id
)
select
    d.encounter_id,
    p.principal_category,
    p.second_category,
    p.third_category,
    p.principal_chapter,
    p.second_chapter,
    p.third_chapter,
    coalesce(c.heart_failure, 0) as heart_failure,
    coalesce(c.myocardial_infarction, 0) as myocardial_infarction,
    coalesce(c.cerebrovascular_disease, 0) as cerebrovascular_disease,
    coalesce(c.peripheral_vascular_disease, 0) as peripheral_vascular_disease,
    coalesce(c.pulmonary_disease, 0) as pulmonary_disease,
    coalesce(c.diabetes_with_damage, 0) as diabetes_with_damage,
    coalesce(c.liver_or_renal_disease, 0) as liver_or_renal_disease,
    coalesce(c.tumour, 0) as tumour,
    coalesce(c.metastatic_tumour, 0) as metastatic_tumour,
    coalesce(q.charlson_points, 0) as charlson_points
from staged.diabetic_data as d
left join places as p on d.encounter_id = p.encounter_id
left join conditions as c on d.encounter_id = c.encounter_id
left join points as q on d.encounter_id = q.encounter_id
