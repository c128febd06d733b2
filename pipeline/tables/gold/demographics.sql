-- Who came, at which risk level the transparent rule puts them, and who is still in hospital.
select
    arrival_month,
    site_name,
    age_group,
    sex,
    risk_level,
    count(*) as encounter_count,
    count(case when discharged_at is null then 1 end) as in_hospital_count
from gold.encounter_risks
group by arrival_month, site_name, age_group, sex, risk_level
