-- Who the patients are: the newest accepted record of each.
select
    p.patient_id,
    p.given_name,
    p.family_name,
    coalesce(p.sex, 'Unknown') as sex,
    p.postal_code,
    p.birth_date,
    p.birth_date_basis,
    p.death_date,
    p.updated_at,
    p._file,
    p._row
from typed.patients as p
anti join silver.repeated_rows as r on p._feed = r._feed and p._file = r._file and p._row = r._row
where p.refused_because is null
