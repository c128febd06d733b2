-- Every accepted procedure, in the order its encounter gives it.
select
    encounter_id,
    procedure_rank,
    code_system,
    procedure_code,
    procedure_name,
    performed_at,
    updated_at,
    _file,
    _row
from silver._procedure_rows
where refused_because is null
