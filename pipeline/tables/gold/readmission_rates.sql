-- Counts behind every readmission rate: they can be added over any months, sites, wards and age groups.
select
    stay_month,
    site_name,
    coalesce(ward_name, 'Not said') as ward_name,
    age_group,
    coalesce(first_exclusion, 'Index stay') as counted_as,
    count(*) as stay_count,
    count(case when is_raw_index then 1 end) as raw_index_count,
    count(case when has_raw_return then 1 end) as raw_return_count,
    count(case when is_index then 1 end) as index_count,
    count(case when is_readmitted then 1 end) as readmission_count,
    count(case when has_planned_return then 1 end) as planned_return_count,
    count(case when is_coded then 1 end) as coded_count,
    count(case when is_index and is_coded then 1 end) as coded_index_count,
    count(case when has_procedure then 1 end) as procedure_stay_count
from gold.index_stays
group by stay_month, site_name, coalesce(ward_name, 'Not said'), age_group, coalesce(first_exclusion, 'Index stay')
