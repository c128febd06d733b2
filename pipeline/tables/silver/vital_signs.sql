-- Every accepted vital sign that was sent by itself, as it was sent and in its canonical unit or code.
select
    encounter_id,
    measured_at,
    sign_name,
    sent_value,
    sent_unit,
    sign_value,
    canonical_unit,
    sign_code,
    updated_at,
    _file,
    _row
from silver._vital_sign_rows
where refused_because is null
