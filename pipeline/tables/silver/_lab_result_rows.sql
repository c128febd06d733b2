-- Readable laboratory rows of known encounters. Tests that a score uses get one name and one unit; any other test is kept as it came.
-- A unit that is not known for its test, or a value no living patient can have, refuses the row.
with named as (
    select
        l._feed,
        l._file,
        l._row,
        l._received_at,
        l.row_text,
        l.encounter_id,
        l.test_code,
        l.collected_at,
        l.result_value,
        l.result_unit,
        l.updated_at,
        t.analyte_name,
        cast(l.result_value * u.factor as decimal(10, 2)) as analyte_value,
        u.canonical_unit,
        case when t.analyte_name is not null and u.factor is null then 'unit is not known for ' || t.analyte_name end as unit_problem
    from typed.lab_results as l
    anti join silver.repeated_rows as r on l._feed = r._feed and l._file = r._file and l._row = r._row
    inner join silver.encounters as e on l.encounter_id = e.encounter_id
    left join reference.lab_tests as t on upper(l.test_code) = t.test_code
    left join reference.lab_units as u on t.analyte_name = u.analyte_name and upper(l.result_unit) = u.unit_text
    where l.refused_because is null
)
select
    n._feed,
    n._file,
    n._row,
    n._received_at,
    n.row_text,
    n.encounter_id,
    n.test_code,
    n.collected_at,
    n.result_value,
    n.result_unit,
    n.analyte_name,
    n.analyte_value,
    n.canonical_unit,
    n.updated_at,
    coalesce(
        n.unit_problem,
        case when n.analyte_value < a.lowest or n.analyte_value > a.highest then
            n.analyte_name || ' is outside ' || cast(a.lowest as string) || ' to ' || cast(a.highest as string) || ' ' || a.unit
        end
    ) as refused_because
from named as n
left join reference.lab_ranges as a on n.analyte_name = a.analyte_name
