-- Input rows that another row stands for: the same record sent again unchanged, or an older version of it.
-- The newest version wins; between equal ones the one received last, then the first in its file.
with readable_rows as (
    select _feed, _file, _row, _received_at, record_key, updated_at, row_text
    from typed.patients
    where refused_because is null
    union all
    select _feed, _file, _row, _received_at, record_key, updated_at, row_text
    from typed.encounters
    where refused_because is null
    union all
    select _feed, _file, _row, _received_at, record_key, updated_at, row_text
    from typed.vital_sets
    where refused_because is null
    union all
    select _feed, _file, _row, _received_at, record_key, updated_at, row_text
    from typed.vital_signs
    where refused_because is null
    union all
    select _feed, _file, _row, _received_at, record_key, updated_at, row_text
    from typed.diagnoses
    where refused_because is null
    union all
    select _feed, _file, _row, _received_at, record_key, updated_at, row_text
    from typed.procedures
    where refused_because is null
    union all
    select _feed, _file, _row, _received_at, record_key, updated_at, row_text
    from typed.lab_results
    where refused_because is null
),
repeated_records as (
    select _feed, record_key
    from typed.patients
    where refused_because is null
    group by _feed, record_key
    having count(*) > 1
    union all
    select _feed, record_key
    from typed.encounters
    where refused_because is null
    group by _feed, record_key
    having count(*) > 1
    union all
    select _feed, record_key
    from typed.vital_sets
    where refused_because is null
    group by _feed, record_key
    having count(*) > 1
    union all
    select _feed, record_key
    from typed.vital_signs
    where refused_because is null
    group by _feed, record_key
    having count(*) > 1
    union all
    select _feed, record_key
    from typed.diagnoses
    where refused_because is null
    group by _feed, record_key
    having count(*) > 1
    union all
    select _feed, record_key
    from typed.procedures
    where refused_because is null
    group by _feed, record_key
    having count(*) > 1
    union all
    select _feed, record_key
    from typed.lab_results
    where refused_because is null
    group by _feed, record_key
    having count(*) > 1
),
versions as (
    select
        v._feed,
        v._file,
        v._row,
        v.record_key,
        v.row_text,
        row_number() over (
            partition by v._feed, v.record_key
            order by v.updated_at desc nulls last, v._received_at desc nulls last, v._file desc nulls last, v._row asc nulls last
        ) as version_rank
    from readable_rows as v
    inner join repeated_records as r on v._feed = r._feed and v.record_key = r.record_key
)
select
    older._feed,
    older._file,
    older._row,
    case when older.row_text = kept.row_text then 'duplicate' else 'superseded' end as fate,
    kept._file as kept_file,
    kept._row as kept_row
from versions as older
inner join versions as kept on older._feed = kept._feed and older.record_key = kept.record_key and kept.version_rank = 1
where older.version_rank > 1
