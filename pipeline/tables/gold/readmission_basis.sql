-- What the readmission rates rest on, and hence what they may be called: planned returns can only be told apart where
-- diagnoses and procedures were sent. Without them the result is a return rate and not a readmission measure.
with counted as (
    select
        cast(coalesce(sum(stay_count), 0) as bigint) as stay_count,
        cast(coalesce(sum(index_count), 0) as bigint) as index_count,
        cast(coalesce(sum(coded_index_count), 0) as bigint) as coded_index_count,
        cast(coalesce(sum(procedure_stay_count), 0) as bigint) as procedure_stay_count
    from gold.readmission_rates
),
compared as (
    select
        c.*,
        c.coded_index_count * 100 >= c.index_count * n.limit_value as is_coded_enough
    from counted as c
    inner join reference.readmission_limits as n on n.limit_name = 'coded share'
)
select
    o.first_date,
    o.last_date,
    c.stay_count,
    c.index_count,
    c.coded_index_count,
    c.procedure_stay_count,
    case
        when c.procedure_stay_count > 0 and c.is_coded_enough then '30-day unplanned readmission, CMS-style'
        else '30-day return, transfers merged'
    end as measure_name
from compared as c
cross join gold._observed_days as o
