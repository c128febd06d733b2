-- The deployed model in full, bin by bin. Without one there is no row; a deployed model takes this SELECT's place.
select
    cast(null as string) as feature,
    cast(null as string) as kind,
    cast(null as int) as bin_number,
    cast(null as string) as label,
    cast(null as decimal(12, 9)) as points,
    cast(null as bigint) as row_count,
    cast(null as bigint) as event_count
from reference.deployed_model as d
where false
