-- Every encounter with its latest vital set and the transparent risk rule: unstable vital signs with NEWS2.
-- Instability counts for adults only (Nguyen et al., J Gen Intern Med 2017;32:42); 16 and 17 have NEWS2 alone;
-- under 16 the level follows heart rate, breathing and hypotension for age. No usable vital sign and pregnancy, for which
-- NEWS2 is not made, give 'Not assessed', never a low risk.
with measured as (
    select
        e.*,
        e.age_years >= a.from_years and e.age_years < a.below_years and v.news2_score is not null as is_for_instability,
        v.measured_at,
        v.heart_rate_bpm,
        v.respiratory_rate_per_min,
        v.systolic_bp_mmhg,
        v.temperature_c,
        v.spo2_pct,
        v.is_on_oxygen,
        v.news2_score,
        v.news2_parameter_count,
        coalesce(v.news2_status, 'not computable: missing vital set') as news2_status,
        v.qsofa_score,
        v.shock_index,
        coalesce(v.severity_name, 'Not assessed') as severity_name
    from silver.encounters as e
    inner join reference.score_ages as a on a.score = 'vital_instability'
    left join gold._latest_vital_sets as v on e.encounter_id = v.encounter_id
),
judged as (
    select
        m.*,
        nullif(concat_ws('; ', hr.words, rr.words, bp.words, sp.words, te.words), '') as unstable_vitals,
        case when m.is_for_instability then
            case when hr.words is null then 0 else 1 end
            + case when rr.words is null then 0 else 1 end
            + case when bp.words is null then 0 else 1 end
            + case when sp.words is null then 0 else 1 end
            + case when te.words is null then 0 else 1 end
        end as unstable_vital_count
    from measured as m
    left join reference.instability_limits as hr
        on m.is_for_instability and hr.parameter = 'heart_rate'
        and cast(m.heart_rate_bpm as decimal(5, 0)) between hr.at_least and hr.at_most
    left join reference.instability_limits as rr
        on m.is_for_instability and rr.parameter = 'respiratory_rate'
        and cast(m.respiratory_rate_per_min as decimal(5, 0)) between rr.at_least and rr.at_most
    left join reference.instability_limits as bp
        on m.is_for_instability and bp.parameter = 'systolic_bp'
        and cast(m.systolic_bp_mmhg as decimal(5, 0)) between bp.at_least and bp.at_most
    left join reference.instability_limits as sp
        on m.is_for_instability and sp.parameter = 'spo2'
        and cast(m.spo2_pct as decimal(5, 0)) between sp.at_least and sp.at_most
    left join reference.instability_limits as te
        on m.is_for_instability and te.parameter = 'temperature'
        and cast(m.temperature_c as decimal(4, 1)) between te.at_least and te.at_most
)
select
    j.encounter_id,
    j.patient_id,
    j.site_name,
    j.ward_name,
    j.encounter_class,
    j.age_years,
    j.age_group,
    j.sex,
    j.arrived_at,
    j.arrival_date,
    j.arrival_month,
    j.discharged_at,
    j.measured_at,
    j.heart_rate_bpm,
    j.respiratory_rate_per_min,
    j.systolic_bp_mmhg,
    j.temperature_c,
    j.spo2_pct,
    j.is_on_oxygen,
    j.news2_score,
    j.news2_parameter_count,
    j.news2_status,
    j.qsofa_score,
    j.shock_index,
    j.severity_name,
    cast(j.unstable_vital_count as integer) as unstable_vital_count,
    j.unstable_vitals,
    coalesce(r.risk_level, c.risk_level, 'Not assessed') as risk_level
from judged as j
left join reference.risk_rule as r
    on j.severity_name = r.severity_name
    and coalesce(j.unstable_vital_count, 0) between r.unstable_at_least and r.unstable_at_most
left join reference.child_severity as c on j.severity_name = c.severity_name
