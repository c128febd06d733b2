-- Readmissions that the deployed model expects beside those observed; the counts can be added over any rows.
-- Index stays once they were followed for 30 days; stays that will be index stays by then are counted as not yet mature.
with scored as (
    select
        i.stay_month,
        i.site_name,
        i.sex,
        i.age_group,
        b.band_name,
        i.is_index,
        i.is_readmitted,
        case when i.is_index then cast(r.readmission_probability as decimal(18, 12)) end as expected
    from gold.risk_scores as r
    inner join gold.index_stays as i on r.stay_id = i.stay_id
    inner join reference.probability_bands as b
        on r.readmission_probability >= b.at_least and r.readmission_probability < b.below
    where i.is_index or i.first_exclusion = 'Less than 30 days of follow-up'
)
select
    stay_month,
    site_name,
    sex,
    age_group,
    band_name,
    count(*) as stay_count,
    count(case when is_index then 1 end) as mature_count,
    count(case when not is_index then 1 end) as immature_count,
    cast(coalesce(sum(expected), 0) as decimal(28, 12)) as expected_count,
    count(case when is_readmitted then 1 end) as readmission_count
from scored
group by stay_month, site_name, sex, age_group, band_name
