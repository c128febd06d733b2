-- How the stays of each month lie in the bins of the deployed model, to be compared with the stays it was trained on.
-- Without a deployed model there are no bins; a deployed model takes this SELECT's place.
select
    f.stay_month,
    cast(null as string) as feature,
    cast(null as int) as bin_number,
    count(*) as stay_count
from gold.risk_features as f
where false
group by f.stay_month
