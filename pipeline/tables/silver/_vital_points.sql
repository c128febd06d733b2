-- What each vital sign says by itself, its value rounded to the precision of the published charts before it meets a band:
-- NEWS2 points (Royal College of Physicians 2017, both SpO2 scales), the signs of qSOFA (Sepsis-3, JAMA 2016;315:801),
-- a child's z-scores (Fleming et al., Lancet 2011;377:1011) and hypotension (Pediatric Advanced Life Support), and the
-- shock index, unrounded, with its limit (SIPA, Acker et al., J Pediatr Surg 2015;50:331; the usual adult mark from 17 on).
select
    v._file,
    v._row,
    v.encounter_id,
    v.measured_at,
    v.heart_rate_bpm,
    v.respiratory_rate_per_min,
    v.systolic_bp_mmhg,
    v.diastolic_bp_mmhg,
    v.temperature_c,
    v.spo2_pct,
    v.is_on_oxygen,
    v.consciousness_code,
    v.updated_at,
    v.is_for_news2,
    v.is_pregnant,
    v.is_for_qsofa,
    v.is_for_shock_index,
    v.is_child,
    v.sent_spo2_scale,
    case when v.is_for_news2 then v.spo2_scale end as spo2_scale,
    rr.points as respiratory_rate_points,
    sp.points as spo2_points,
    ox.points as oxygen_points,
    bp.points as systolic_bp_points,
    hr.points as pulse_points,
    av.points as consciousness_points,
    te.points as temperature_points,
    case when v.is_for_qsofa then cast(v.respiratory_rate_per_min as decimal(5, 0)) between qr.at_least and qr.at_most end
        as is_breathing_fast,
    case when v.is_for_qsofa then cast(v.systolic_bp_mmhg as decimal(5, 0)) between qb.at_least and qb.at_most end
        as is_pressure_low,
    case when v.is_for_qsofa then v.reduced_consciousness between qc.at_least and qc.at_most end as is_mentation_altered,
    case when v.is_for_shock_index then cast(v.heart_rate_bpm as double) / cast(v.systolic_bp_mmhg as double) end as shock_index,
    s.highest_usual as shock_index_limit,
    v.heart_rate_bpm > s.highest_usual * v.systolic_bp_mmhg as is_shock_index_high,
    cast(v.heart_rate_bpm - f.heart_rate_median as double) / cast(f.heart_rate_sd as double) as heart_rate_z,
    cast(v.respiratory_rate_per_min - f.respiratory_rate_median as double) / cast(
        case
            when v.respiratory_rate_per_min < f.respiratory_rate_median then f.respiratory_rate_sd_below
            else f.respiratory_rate_sd_above
        end as double
    ) as respiratory_rate_z,
    h.low_below as systolic_bp_low_limit,
    cast(v.systolic_bp_mmhg as decimal(5, 0)) < h.low_below as is_hypotensive
from silver._vital_set_rows as v
inner join reference.qsofa_limits as qr on qr.parameter = 'respiratory_rate'
inner join reference.qsofa_limits as qb on qb.parameter = 'systolic_bp'
inner join reference.qsofa_limits as qc on qc.parameter = 'consciousness'
left join reference.news2_points as rr
    on v.is_for_news2 and rr.parameter = 'respiratory_rate'
    and cast(v.respiratory_rate_per_min as decimal(5, 0)) between rr.at_least and rr.at_most
left join reference.news2_points as sp
    on v.is_for_news2 and v.spo2_table = sp.parameter
    and cast(v.spo2_pct as decimal(5, 0)) between sp.at_least and sp.at_most
left join reference.news2_points as ox
    on v.is_for_news2 and ox.parameter = 'supplemental_oxygen' and v.oxygen between ox.at_least and ox.at_most
left join reference.news2_points as bp
    on v.is_for_news2 and bp.parameter = 'systolic_bp'
    and cast(v.systolic_bp_mmhg as decimal(5, 0)) between bp.at_least and bp.at_most
left join reference.news2_points as hr
    on v.is_for_news2 and hr.parameter = 'pulse'
    and cast(v.heart_rate_bpm as decimal(5, 0)) between hr.at_least and hr.at_most
left join reference.news2_points as av
    on v.is_for_news2 and av.parameter = 'consciousness' and v.reduced_consciousness between av.at_least and av.at_most
left join reference.news2_points as te
    on v.is_for_news2 and te.parameter = 'temperature'
    and cast(v.temperature_c as decimal(4, 1)) between te.at_least and te.at_most
left join reference.shock_index_limits as s
    on v.is_for_shock_index and v.age_years >= s.from_years and v.age_years < s.below_years
left join reference.fleming_centiles as f
    on v.is_child and v.age_months >= f.from_months and v.age_months < f.below_months
left join reference.pals_hypotension as h
    on v.is_child and v.age_years >= h.from_years and v.age_years < h.below_years
    and v.age_days >= h.from_days and v.age_days < h.below_days
