-- Diagnoses in a code system that the code groups are written in, so that a group not met means the patient does not have it.
-- SNOMED CT is kept in silver.diagnoses and is not here: a stay with nothing else is not coded.
with systems as (
    select code_system
    from reference.code_groups
    where code_kind = 'Diagnosis'
    group by code_system
)
select
    d.encounter_id,
    d.diagnosis_rank,
    d.code_system,
    d.diagnosis_code,
    d.diagnosis_name
from silver.diagnoses as d
inner join systems as s on d.code_system = s.code_system
