-- Every accepted procedure, in the order its encounter gives it. Codes lose their dot, so that one spelling is left.
select
    p.encounter_id,
    cast(p.procedure_rank as integer) as procedure_rank,
    p.code_system,
    replace(upper(p.procedure_code), '.', '') as procedure_code,
    p.procedure_name,
    p.performed_at,
    p.updated_at,
    p._file,
    p._row
from typed.procedures as p
anti join silver.repeated_rows as r on p._feed = r._feed and p._file = r._file and p._row = r._row
inner join silver.encounters as e on p.encounter_id = e.encounter_id
where p.refused_because is null
