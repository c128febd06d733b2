-- Every accepted vital set with its severity: NEWS2 from 16 years on, heart rate for age below.
-- NEWS2 sums the parameters that are present and says how many of the 7 they are; a missing one adds nothing.
with totalled as (
    select
        p.*,
        case when p.has_news2_age then
            case when p.respiratory_rate_points is null then 0 else 1 end
            + case when p.spo2_points is null then 0 else 1 end
            + case when p.systolic_bp_points is null then 0 else 1 end
            + case when p.pulse_points is null then 0 else 1 end
            + case when p.temperature_points is null then 0 else 1 end
        end as measured_count,
        case when p.oxygen_points is null then 0 else 1 end
        + case when p.consciousness_points is null then 0 else 1 end as observed_count,
        coalesce(p.respiratory_rate_points, 0) + coalesce(p.spo2_points, 0) + coalesce(p.oxygen_points, 0)
        + coalesce(p.systolic_bp_points, 0) + coalesce(p.pulse_points, 0) + coalesce(p.consciousness_points, 0)
        + coalesce(p.temperature_points, 0) as points,
        greatest(
            coalesce(p.respiratory_rate_points, 0), coalesce(p.spo2_points, 0), coalesce(p.systolic_bp_points, 0),
            coalesce(p.pulse_points, 0), coalesce(p.consciousness_points, 0), coalesce(p.temperature_points, 0)
        ) = 3 as has_single_three
    from silver._vital_points as p
)
select
    t.encounter_id,
    t.measured_at,
    t.heart_rate_bpm,
    t.respiratory_rate_per_min,
    t.systolic_bp_mmhg,
    t.diastolic_bp_mmhg,
    t.temperature_c,
    t.spo2_pct,
    t.is_on_oxygen,
    t.consciousness_code,
    cast(case when t.measured_count > 0 then t.points end as integer) as news2_score,
    cast(t.measured_count + t.observed_count as integer) as news2_parameter_count,
    t.heart_rate_z,
    coalesce(n.severity_name, z.severity_name, 'Not assessed') as severity_name,
    t.updated_at,
    t._file,
    t._row
from totalled as t
left join reference.news2_classes as n
    on t.measured_count > 0 and t.has_single_three = n.has_single_three
    and t.points between n.score_at_least and n.score_at_most
left join reference.child_severity as z
    on not t.has_news2_age and abs(t.heart_rate_z) > z.z_more_than and abs(t.heart_rate_z) <= z.z_at_most
