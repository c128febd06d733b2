-- Readable rows of an encounter that nobody sent, or whose own row was refused.
select v._feed, v._file, v._row, v._received_at, v.encounter_id, v.row_text
from typed.vital_sets as v
anti join silver.repeated_rows as r on v._feed = r._feed and v._file = r._file and v._row = r._row
anti join silver.encounters as e on v.encounter_id = e.encounter_id
where v.refused_because is null
union all
select s._feed, s._file, s._row, s._received_at, s.encounter_id, s.row_text
from typed.vital_signs as s
anti join silver.repeated_rows as r on s._feed = r._feed and s._file = r._file and s._row = r._row
anti join silver.encounters as e on s.encounter_id = e.encounter_id
where s.refused_because is null
union all
select d._feed, d._file, d._row, d._received_at, d.encounter_id, d.row_text
from typed.diagnoses as d
anti join silver.repeated_rows as r on d._feed = r._feed and d._file = r._file and d._row = r._row
anti join silver.encounters as e on d.encounter_id = e.encounter_id
where d.refused_because is null
union all
select p._feed, p._file, p._row, p._received_at, p.encounter_id, p.row_text
from typed.procedures as p
anti join silver.repeated_rows as r on p._feed = r._feed and p._file = r._file and p._row = r._row
anti join silver.encounters as e on p.encounter_id = e.encounter_id
where p.refused_because is null
union all
select l._feed, l._file, l._row, l._received_at, l.encounter_id, l.row_text
from typed.lab_results as l
anti join silver.repeated_rows as r on l._feed = r._feed and l._file = r._file and l._row = r._row
anti join silver.encounters as e on l.encounter_id = e.encounter_id
where l.refused_because is null
