-- Every accepted diagnosis, in the order its encounter gives it; rank 1 is the principal diagnosis.
-- Codes lose their dot, so that one spelling is left.
select
    d.encounter_id,
    cast(d.diagnosis_rank as integer) as diagnosis_rank,
    d.code_system,
    replace(upper(d.diagnosis_code), '.', '') as diagnosis_code,
    d.diagnosis_name,
    d.updated_at,
    d._file,
    d._row
from typed.diagnoses as d
anti join silver.repeated_rows as r on d._feed = r._feed and d._file = r._file and d._row = r._row
inner join silver.encounters as e on d.encounter_id = e.encounter_id
where d.refused_because is null
