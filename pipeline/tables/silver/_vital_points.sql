-- NEWS2 points of each parameter of a vital set (16 and over) and the heart rate z-score of a child (under 16).
-- Values are rounded to the precision of the published charts before they meet a band.
-- NEWS2, SpO2 scale 1: Royal College of Physicians 2017. Children: Fleming et al., Lancet 2011;377:1011.
with charted as (
    select
        v.*,
        v.age_years >= a.from_years and v.age_years < a.below_years as has_news2_age,
        case when v.is_on_oxygen then 1 when not v.is_on_oxygen then 0 end as oxygen,
        case when v.consciousness_code = 'A' then 0 when v.consciousness_code is not null then 1 end as reduced_consciousness
    from silver._vital_set_rows as v
    inner join reference.score_ages as a on a.score = 'NEWS2'
    where v.refused_because is null
)
select
    c._file,
    c._row,
    c.encounter_id,
    c.measured_at,
    c.heart_rate_bpm,
    c.respiratory_rate_per_min,
    c.systolic_bp_mmhg,
    c.diastolic_bp_mmhg,
    c.temperature_c,
    c.spo2_pct,
    c.is_on_oxygen,
    c.consciousness_code,
    c.updated_at,
    c.has_news2_age,
    rr.points as respiratory_rate_points,
    sp.points as spo2_points,
    ox.points as oxygen_points,
    bp.points as systolic_bp_points,
    hr.points as pulse_points,
    av.points as consciousness_points,
    te.points as temperature_points,
    (cast(c.heart_rate_bpm as double) - cast(f.heart_rate_median as double)) / cast(f.heart_rate_sd as double) as heart_rate_z
from charted as c
left join reference.news2_points as rr
    on c.has_news2_age and rr.parameter = 'respiratory_rate'
    and cast(c.respiratory_rate_per_min as decimal(5, 0)) between rr.at_least and rr.at_most
left join reference.news2_points as sp
    on c.has_news2_age and sp.parameter = 'spo2_scale_1'
    and cast(c.spo2_pct as decimal(5, 0)) between sp.at_least and sp.at_most
left join reference.news2_points as ox
    on c.has_news2_age and ox.parameter = 'supplemental_oxygen' and c.oxygen between ox.at_least and ox.at_most
left join reference.news2_points as bp
    on c.has_news2_age and bp.parameter = 'systolic_bp'
    and cast(c.systolic_bp_mmhg as decimal(5, 0)) between bp.at_least and bp.at_most
left join reference.news2_points as hr
    on c.has_news2_age and hr.parameter = 'pulse'
    and cast(c.heart_rate_bpm as decimal(5, 0)) between hr.at_least and hr.at_most
left join reference.news2_points as av
    on c.has_news2_age and av.parameter = 'consciousness' and c.reduced_consciousness between av.at_least and av.at_most
left join reference.news2_points as te
    on c.has_news2_age and te.parameter = 'temperature'
    and cast(c.temperature_c as decimal(4, 1)) between te.at_least and te.at_most
left join reference.fleming_centiles as f
    on not c.has_news2_age and c.age_months >= f.from_months and c.age_months < f.below_months
