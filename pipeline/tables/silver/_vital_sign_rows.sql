-- Readable vital signs of known encounters in their canonical unit or code, and what is wrong with them.
-- A value or unit that cannot be read, a value no living patient can have, and a pair of pressures that cannot be one refuse the row.
with readable as (
    select
        v._feed,
        v._file,
        v._row,
        v._received_at,
        v.row_text,
        v.encounter_id,
        v.measured_at,
        v.sign_name,
        v.sent_value,
        v.sent_unit,
        v.updated_at,
        case when regexp_like(v.sent_value || '|', '^-?[0-9]{1,6}([.][0-9]{1,4})?[|]$') then try_cast(v.sent_value as decimal(10, 4)) end
            as sent_number
    from typed.vital_signs as v
    anti join silver.repeated_rows as r on v._feed = r._feed and v._file = r._file and v._row = r._row
    inner join silver.encounters as e on v.encounter_id = e.encounter_id
    where v.refused_because is null
),
coded_signs as (
    select sign_name
    from reference.sign_codes
    group by sign_name
),
in_canonical_unit as (
    select
        v.*,
        cast((v.sent_number - u.offset_in_unit) * u.factor as decimal(12, 2)) as sign_value,
        u.column_name,
        u.canonical_unit,
        c.code as sign_code,
        k.sign_name is not null as is_code
    from readable as v
    left join coded_signs as k on v.sign_name = k.sign_name
    left join reference.sign_codes as c on v.sign_name = c.sign_name and upper(v.sent_value) = c.value_text
    left join reference.sign_units as u
        on v.sign_name = u.sign_name and upper(coalesce(v.sent_unit, '')) = u.unit_text
        and v.sent_number > u.above and v.sent_number <= u.at_most
),
judged as (
    select
        n.*,
        case
            when upper(n.sent_value) = 'WITHDRAWN' then 'the sender withdrew the value'
            when n.is_code and n.sign_code is null then 'value cannot be read as a known code'
            when n.is_code then cast(null as string)
            when n.sent_number is null then 'value cannot be read as a number'
            when n.sign_value is null then 'unit is not known for ' || n.sign_name
            when n.sign_value not between p.lowest and p.highest then
                n.column_name || ' is outside ' || cast(p.lowest as string) || ' to ' || cast(p.highest as string) || ' ' || p.unit
        end as problem
    from in_canonical_unit as n
    left join reference.plausible_ranges as p on n.column_name = p.column_name
),
pressures as (
    select
        encounter_id,
        measured_at,
        max(case when sign_name = 'systolic_bp' then sign_value end) as systolic,
        max(case when sign_name = 'diastolic_bp' then sign_value end) as diastolic
    from judged
    where problem is null and sign_name in ('systolic_bp', 'diastolic_bp')
    group by encounter_id, measured_at
)
select
    j._feed,
    j._file,
    j._row,
    j._received_at,
    j.row_text,
    j.encounter_id,
    j.measured_at,
    j.sign_name,
    j.sent_value,
    j.sent_unit,
    j.sign_value,
    j.canonical_unit,
    j.sign_code,
    j.updated_at,
    case
        when j.problem is not null then j.problem
        when j.sign_name in ('systolic_bp', 'diastolic_bp') and b.diastolic >= b.systolic then 'diastolic_bp is not below systolic_bp'
    end as refused_because
from judged as j
left join pressures as b on j.encounter_id = b.encounter_id and j.measured_at = b.measured_at
