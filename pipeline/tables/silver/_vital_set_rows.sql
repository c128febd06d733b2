-- Vital sets of known encounters with oxygen and consciousness as the codes of the charts, and which scores are for the patient.
-- NEWS2 is for 16 and over and not for pregnancy (Royal College of Physicians 2017).
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
    e.age_years,
    e.age_months,
    e.age_days,
    v.spo2_scale as sent_spo2_scale,
    case when v.spo2_scale = '2' then 2 else 1 end as spo2_scale,
    case
        when v.spo2_scale is null or v.spo2_scale = '1' then 'spo2_scale_1'
        when v.is_on_oxygen then 'spo2_scale_2_oxygen'
        when not v.is_on_oxygen then 'spo2_scale_2_air'
        else 'spo2_scale_2_unknown'
    end as spo2_table,
    case when v.is_on_oxygen then 1 when not v.is_on_oxygen then 0 end as oxygen,
    case when v.consciousness_code = 'A' then 0 when v.consciousness_code is not null then 1 end as reduced_consciousness,
    e.age_years >= n.from_years and e.age_years < n.below_years and p.encounter_id is null as is_for_news2,
    e.age_years >= n.from_years and e.age_years < n.below_years and p.encounter_id is not null as is_pregnant,
    e.age_years >= q.from_years and e.age_years < q.below_years as is_for_qsofa,
    e.age_years >= i.from_years and e.age_years < i.below_years as is_for_shock_index,
    e.age_years >= c.from_years and e.age_years < c.below_years as is_child
from silver._measured_sets as v
inner join silver.encounters as e on v.encounter_id = e.encounter_id
left join silver._pregnant_encounters as p on v.encounter_id = p.encounter_id
inner join reference.score_ages as n on n.score = 'NEWS2'
inner join reference.score_ages as q on q.score = 'qSOFA'
inner join reference.score_ages as i on i.score = 'shock_index'
inner join reference.score_ages as c on c.score = 'child_severity'
