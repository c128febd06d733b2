-- Readable procedure rows, and those whose encounter nobody sent. Codes lose their dot, so that one spelling is left.
select
    p._feed,
    p._file,
    p._row,
    p._received_at,
    p.row_text,
    p.encounter_id,
    cast(p.procedure_rank as integer) as procedure_rank,
    p.code_system,
    replace(upper(p.procedure_code), '.', '') as procedure_code,
    p.procedure_name,
    p.performed_at,
    p.updated_at,
    case when e.encounter_id is null then 'encounter_id is not in any accepted encounters file' end as refused_because
from typed.procedures as p
anti join silver.repeated_rows as r on p._feed = r._feed and p._file = r._file and p._row = r._row
left join silver.encounters as e on p.encounter_id = e.encounter_id
where p.refused_because is null
