-- Encounters whose diagnoses place a pregnancy, an abortion or a birth in them: NEWS2 is not for these patients.
select d.encounter_id
from silver.diagnoses as d
inner join silver.code_meanings as m
    on m.code_kind = 'Diagnosis' and m.grouping = 'Pregnancy' and d.code_system = m.code_system and d.diagnosis_code = m.code
group by d.encounter_id
