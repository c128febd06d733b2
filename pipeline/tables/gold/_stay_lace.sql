-- LACE: length of stay, acute admission, comorbidity, emergency visits (van Walraven et al., CMAJ 2010;182:551).
-- Comorbidity is coded in the stay itself. The usual cut is 10; the cut for the age stands beside it.
with pointed as (
    select
        s.stay_id,
        s.age_years,
        s.first_date,
        s.sees_all_visits,
        s.not_applicable,
        l.points as length_points,
        a.points as acute_points,
        c.points as comorbidity_points,
        e.points as emergency_points,
        nullif(concat_ws(', ',
            case when s.acute_admission is null then 'admission type' end,
            case when s.charlson_points is null then 'diagnoses' end
        ), '') as missing
    from gold.stay_facts as s
    left join reference.lace_points as l
        on s.not_applicable is null and l.component = 'length of stay' and s.length_of_stay_days between l.at_least and l.at_most
    left join reference.lace_points as a
        on s.not_applicable is null and a.component = 'acute admission' and s.acute_admission between a.at_least and a.at_most
    left join reference.lace_points as c
        on s.not_applicable is null and c.component = 'comorbidity' and s.charlson_points between c.at_least and c.at_most
    left join reference.lace_points as e
        on s.not_applicable is null and e.component = 'emergency visits'
        and s.emergency_visit_count between e.at_least and e.at_most
),
summed as (
    select
        p.*,
        case when p.missing is null then
            p.length_points + p.acute_points + p.comorbidity_points + p.emergency_points
        end as lace_score
    from pointed as p
)
select
    t.stay_id,
    t.length_points,
    t.acute_points,
    t.comorbidity_points,
    t.emergency_points,
    t.lace_score,
    k.class_name as lace_class,
    case when t.lace_score is not null then g.cut end as lace_age_cut,
    t.lace_score > g.cut as is_above_lace_age_cut,
    case
        when t.not_applicable is not null then t.not_applicable
        when t.missing is not null then 'not computable: missing ' || t.missing
        when not t.sees_all_visits then 'partial: emergency visits known only from ' || cast(t.first_date as string)
        else 'computed'
    end as lace_status
from summed as t
left join reference.lace_classes as k on t.lace_score between k.score_at_least and k.score_at_most
left join reference.lace_age_cuts as g on t.age_years >= g.from_years and t.age_years < g.below_years
