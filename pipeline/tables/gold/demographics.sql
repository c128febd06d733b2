-- Who came, and at which risk level the transparent rule puts them.
select
    arrival_month,
    site_name,
    age_group,
    sex,
    risk_level,
    count(*) as encounter_count
from gold.encounter_risks
group by arrival_month, site_name, age_group, sex, risk_level
