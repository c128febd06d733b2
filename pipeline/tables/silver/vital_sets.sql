-- Every accepted vital set with its severity: NEWS2 from 16 years on, the worst of heart rate, breathing and hypotension
-- for age below. NEWS2 and qSOFA sum the parameters that are present; a missing one adds nothing and the status names it.
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
    t.sent_spo2_scale,
    t.respiratory_rate_points,
    t.spo2_points,
    t.oxygen_points,
    t.systolic_bp_points,
    t.pulse_points,
    t.consciousness_points,
    t.temperature_points,
    t.spo2_scale,
    cast(case when t.news2_measured_count > 0 then t.news2_points end as integer) as news2_score,
    cast(t.news2_measured_count + t.news2_observed_count as integer) as news2_parameter_count,
    case
        when t.is_pregnant then 'not applicable: pregnancy'
        when not t.is_for_news2 then an.otherwise
        when t.is_news2_complete then 'computed'
        else case when t.news2_measured_count > 0 then 'partial: missing ' else 'not computable: missing ' end
            || concat_ws(
                ', ',
                case when t.respiratory_rate_per_min is null then 'respiratory rate' end,
                case when t.spo2_pct is null then 'oxygen saturation' end,
                case when t.is_on_oxygen is null then 'supplemental oxygen' end,
                case when t.systolic_bp_mmhg is null then 'systolic blood pressure' end,
                case when t.heart_rate_bpm is null then 'heart rate' end,
                case when t.consciousness_code is null then 'consciousness' end,
                case when t.temperature_c is null then 'temperature' end
            )
    end as news2_status,
    cast(case when t.qsofa_count > 0 then t.qsofa_points end as integer) as qsofa_score,
    cast(t.qsofa_count as integer) as qsofa_parameter_count,
    case
        when not t.is_for_qsofa then aq.otherwise
        when t.is_qsofa_complete then 'computed'
        else case when t.qsofa_count > 0 then 'partial: missing ' else 'not computable: missing ' end
            || concat_ws(
                ', ',
                case when t.respiratory_rate_per_min is null then 'respiratory rate' end,
                case when t.systolic_bp_mmhg is null then 'systolic blood pressure' end,
                case when t.consciousness_code is null then 'consciousness' end
            )
    end as qsofa_status,
    t.shock_index,
    t.shock_index_limit,
    t.is_shock_index_high,
    case
        when not t.is_for_shock_index then ai.otherwise
        when t.shock_index is not null then 'computed'
        else 'not computable: missing '
            || concat_ws(
                ', ',
                case when t.heart_rate_bpm is null then 'heart rate' end,
                case when t.systolic_bp_mmhg is null then 'systolic blood pressure' end
            )
    end as shock_index_status,
    t.heart_rate_z,
    t.respiratory_rate_z,
    t.systolic_bp_low_limit,
    t.is_hypotensive,
    case
        when not t.is_child then ac.otherwise
        when t.is_hypotensive is not null then 'computed'
        else 'not computable: missing systolic blood pressure'
    end as hypotension_status,
    cast(t.child_count as integer) as child_parameter_count,
    case
        when not t.is_child then ac.otherwise
        when t.is_child_complete then 'computed'
        else case when t.worst_z is not null then 'partial: missing ' else 'not computable: missing ' end
            || concat_ws(
                ', ',
                case when t.heart_rate_bpm is null then 'heart rate' end,
                case when t.respiratory_rate_per_min is null then 'respiratory rate' end,
                case when t.systolic_bp_mmhg is null then 'systolic blood pressure' end
            )
    end as child_severity_status,
    coalesce(n.severity_name, z.severity_name, 'Not assessed') as severity_name,
    t.updated_at,
    t._file,
    t._row
from silver._vital_totals as t
inner join reference.score_ages as an on an.score = 'NEWS2'
inner join reference.score_ages as aq on aq.score = 'qSOFA'
inner join reference.score_ages as ai on ai.score = 'shock_index'
inner join reference.score_ages as ac on ac.score = 'child_severity'
left join reference.news2_classes as n
    on t.news2_measured_count > 0 and t.has_single_three = n.has_single_three
    and t.news2_points between n.score_at_least and n.score_at_most
left join reference.child_severity as z
    on coalesce(t.is_hypotensive, false) = z.is_hypotensive and t.worst_z > z.z_more_than and t.worst_z <= z.z_at_most
