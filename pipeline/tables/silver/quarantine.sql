-- Every input row that was refused, as it was received, with all the reasons.
-- Whose it is, as far as it could be read: a row can be taken when the record it waits for arrives.
select _feed as feed, _file, _row, patient_id, cast(null as string) as encounter_id, refused_because as reasons, row_text, _received_at as refused_at
from typed.patients
where refused_because is not null
union all
select _feed as feed, _file, _row, patient_id, encounter_id, refused_because as reasons, row_text, _received_at as refused_at
from typed.encounters
where refused_because is not null
union all
select _feed as feed, _file, _row, cast(null as string) as patient_id, encounter_id, refused_because as reasons, row_text, _received_at as refused_at
from typed.vital_sets
where refused_because is not null
union all
select _feed as feed, _file, _row, cast(null as string) as patient_id, encounter_id, refused_because as reasons, row_text, _received_at as refused_at
from typed.vital_signs
where refused_because is not null
union all
select _feed as feed, _file, _row, cast(null as string) as patient_id, encounter_id, refused_because as reasons, row_text, _received_at as refused_at
from typed.diagnoses
where refused_because is not null
union all
select _feed as feed, _file, _row, cast(null as string) as patient_id, encounter_id, refused_because as reasons, row_text, _received_at as refused_at
from typed.procedures
where refused_because is not null
union all
select _feed as feed, _file, _row, cast(null as string) as patient_id, encounter_id, refused_because as reasons, row_text, _received_at as refused_at
from typed.lab_results
where refused_because is not null
union all
select _feed as feed, _file, _row, patient_id, encounter_id, refused_because as reasons, row_text, _received_at as refused_at
from silver._encounter_rows
where refused_because is not null
union all
select _feed as feed, _file, _row, cast(null as string) as patient_id, encounter_id, refused_because as reasons, row_text, _received_at as refused_at
from silver._lab_result_rows
where refused_because is not null
union all
select _feed as feed, _file, _row, cast(null as string) as patient_id, encounter_id, refused_because as reasons, row_text, _received_at as refused_at
from silver._vital_sign_rows
where refused_because is not null
union all
select
    _feed as feed,
    _file,
    _row,
    cast(null as string) as patient_id,
    encounter_id,
    'encounter_id is not in any accepted encounters file' as reasons,
    row_text,
    _received_at as refused_at
from silver._stranger_rows
union all
select _feed as feed, _file, _row, cast(null as string) as patient_id, cast(null as string) as encounter_id, reason as reasons, line_text as row_text, _received_at as refused_at
from bronze.unreadable_lines
