-- Readable diagnosis rows, and those whose encounter nobody sent. Codes lose their dot, so that one spelling is left.
select
    d._feed,
    d._file,
    d._row,
    d._received_at,
    d.row_text,
    d.encounter_id,
    cast(d.diagnosis_rank as integer) as diagnosis_rank,
    d.code_system,
    replace(upper(d.diagnosis_code), '.', '') as diagnosis_code,
    d.diagnosis_name,
    d.updated_at,
    case when e.encounter_id is null then 'encounter_id is not in any accepted encounters file' end as refused_because
from typed.diagnoses as d
anti join silver.repeated_rows as r on d._feed = r._feed and d._file = r._file and d._row = r._row
left join silver.encounters as e on d.encounter_id = e.encounter_id
where d.refused_because is null
