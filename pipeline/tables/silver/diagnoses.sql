-- Every accepted diagnosis, in the order its encounter gives it; rank 1 is the principal diagnosis.
select
    encounter_id,
    diagnosis_rank,
    code_system,
    diagnosis_code,
    diagnosis_name,
    updated_at,
    _file,
    _row
from silver._diagnosis_rows
where refused_because is null
