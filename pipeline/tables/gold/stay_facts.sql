-- What the scores of a stay rest on, each fact once, and the reason where no adult score applies.
-- 0 and 1 are kept as numbers where a table of points has a band for them.
with comorbidity as (
    select stay_id, cast(sum(points) as integer) as charlson_points
    from gold.stay_comorbidities
    group by stay_id
),
oncology as (
    select s.ward_name
    from silver.stays as s
    inner join reference.oncology_wards as o on substring(lower(s.ward_name), 1, length(o.name_prefix)) = o.name_prefix
    group by s.ward_name
)
select
    i.stay_id,
    i.patient_id,
    i.age_years,
    i.age_group,
    i.sex,
    i.site_name,
    i.ward_name,
    i.stay_month,
    i.discharged_at,
    i.length_of_stay_days,
    s.last_encounter_id,
    case
        when i.is_under_18 then 'not applicable: under 18'
        when i.is_in_hospital then 'not applicable: still in hospital'
        when i.has_died then 'not applicable: died in hospital'
    end as not_applicable,
    case
        when s.emergency_encounter_id is not null then 1
        when i.admission_type = 'Elective' then 0
        when i.admission_type is not null then 1
    end as acute_admission,
    case when i.is_coded then coalesce(c.charlson_points, 0) end as charlson_points,
    h.emergency_visit_count,
    h.prior_admission_count,
    h.sees_all_visits,
    h.sees_all_stays,
    h.first_date,
    l.haemoglobin_g_dl,
    l.haemoglobin_at,
    l.sodium_mmol_l,
    l.sodium_at,
    case when i.has_procedure then 1 else 0 end as procedure_done,
    case when i.ward_name is null then null when o.ward_name is not null then 1 else 0 end as oncology_service
from gold.index_stays as i
inner join silver.stays as s on i.stay_id = s.stay_id
inner join gold._stay_history as h on i.stay_id = h.stay_id
left join comorbidity as c on i.stay_id = c.stay_id
left join gold._stay_labs as l on i.stay_id = l.stay_id
left join oncology as o on i.ward_name = o.ward_name
