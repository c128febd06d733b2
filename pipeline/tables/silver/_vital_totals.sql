-- What the signs of a vital set say together: how many parameters are present, the sum of those, and the worst of a child's.
-- A blood pressure that is not low does not show a child well, so without a rate only hypotension says anything.
select
    p._file,
    p._row,
    p.encounter_id,
    p.measured_at,
    p.heart_rate_bpm,
    p.respiratory_rate_per_min,
    p.systolic_bp_mmhg,
    p.diastolic_bp_mmhg,
    p.temperature_c,
    p.spo2_pct,
    p.is_on_oxygen,
    p.consciousness_code,
    p.updated_at,
    p.is_for_news2,
    p.is_pregnant,
    p.is_for_qsofa,
    p.is_for_shock_index,
    p.is_child,
    p.sent_spo2_scale,
    p.spo2_scale,
    p.respiratory_rate_points,
    p.spo2_points,
    p.oxygen_points,
    p.systolic_bp_points,
    p.pulse_points,
    p.consciousness_points,
    p.temperature_points,
    case when p.is_for_news2 then
        case when p.respiratory_rate_points is null then 0 else 1 end
        + case when p.spo2_points is null then 0 else 1 end
        + case when p.systolic_bp_points is null then 0 else 1 end
        + case when p.pulse_points is null then 0 else 1 end
        + case when p.temperature_points is null then 0 else 1 end
    end as news2_measured_count,
    case when p.oxygen_points is null then 0 else 1 end
    + case when p.consciousness_points is null then 0 else 1 end as news2_observed_count,
    coalesce(p.respiratory_rate_points, 0) + coalesce(p.spo2_points, 0) + coalesce(p.oxygen_points, 0)
    + coalesce(p.systolic_bp_points, 0) + coalesce(p.pulse_points, 0) + coalesce(p.consciousness_points, 0)
    + coalesce(p.temperature_points, 0) as news2_points,
    greatest(
        coalesce(p.respiratory_rate_points, 0), coalesce(p.spo2_points, 0), coalesce(p.systolic_bp_points, 0),
        coalesce(p.pulse_points, 0), coalesce(p.consciousness_points, 0), coalesce(p.temperature_points, 0)
    ) = 3 as has_single_three,
    p.respiratory_rate_points + p.spo2_points + p.oxygen_points + p.systolic_bp_points + p.pulse_points
    + p.consciousness_points + p.temperature_points is not null as is_news2_complete,
    case when p.is_for_qsofa then
        case when p.is_breathing_fast is null then 0 else 1 end
        + case when p.is_pressure_low is null then 0 else 1 end
        + case when p.is_mentation_altered is null then 0 else 1 end
    end as qsofa_count,
    case when p.is_breathing_fast then 1 else 0 end + case when p.is_pressure_low then 1 else 0 end
    + case when p.is_mentation_altered then 1 else 0 end as qsofa_points,
    p.is_breathing_fast is not null and p.is_pressure_low is not null and p.is_mentation_altered is not null as is_qsofa_complete,
    p.shock_index,
    p.shock_index_limit,
    p.is_shock_index_high,
    p.heart_rate_z,
    p.respiratory_rate_z,
    p.systolic_bp_low_limit,
    p.is_hypotensive,
    case when p.is_child then
        case when p.heart_rate_z is null then 0 else 1 end
        + case when p.respiratory_rate_z is null then 0 else 1 end
        + case when p.is_hypotensive is null then 0 else 1 end
    end as child_count,
    p.heart_rate_z is not null and p.respiratory_rate_z is not null and p.is_hypotensive is not null as is_child_complete,
    coalesce(greatest(abs(p.heart_rate_z), abs(p.respiratory_rate_z)), case when p.is_hypotensive then cast(0 as double) end)
        as worst_z
from silver._vital_points as p
