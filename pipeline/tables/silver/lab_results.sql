-- Every accepted laboratory result; where a score uses the test, also its canonical name, value and unit.
select
    encounter_id,
    test_code,
    collected_at,
    result_value,
    result_unit,
    analyte_name,
    analyte_value,
    canonical_unit,
    updated_at,
    _file,
    _row
from silver._lab_result_rows
where refused_because is null
