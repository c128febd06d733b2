-- Which model scores, or why none does. This is the SELECT where none does; a deployed model takes its place.
select
    cast(null as string) as model_name,
    cast(null as int) as model_version,
    cast(null as string) as run_id,
    cast(null as timestamp_ntz) as promoted_at,
    cast(null as string) as promoted_by,
    cast(null as decimal(12, 9)) as intercept,
    d.not_scored_because
from reference.deployed_model as d
