-- What each diagnosis and procedure code met in the data means to the definitions used here: every group it belongs to.
with met as (
    select 'Diagnosis' as code_kind, code_system, diagnosis_code as code, count(*) as use_count
    from silver.diagnoses
    group by code_system, diagnosis_code
    union all
    select 'Procedure' as code_kind, code_system, procedure_code as code, count(*) as use_count
    from silver.procedures
    group by code_system, procedure_code
)
select
    m.code_kind,
    m.code_system,
    m.code,
    g.grouping,
    g.group_name,
    cast(max(m.use_count) as bigint) as use_count
from met as m
inner join reference.code_groups as g
    on m.code_kind = g.code_kind and m.code_system = g.code_system
    and substring(m.code, 1, length(g.code_prefix)) = g.code_prefix
group by m.code_kind, m.code_system, m.code, g.grouping, g.group_name
