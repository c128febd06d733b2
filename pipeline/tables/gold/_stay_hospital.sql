-- The HOSPITAL score in its variant of 2016 (Donze et al., JAMA Intern Med 2016;176:496): haemoglobin and sodium at
-- discharge, oncology service, procedure, urgent admission, prior admissions, length of stay.
-- A missing laboratory value makes it not computable; it is never taken to be normal.
with pointed as (
    select
        s.stay_id,
        s.first_date,
        s.sees_all_stays,
        s.not_applicable,
        hb.points as haemoglobin_points,
        o.points as oncology_points,
        na.points as sodium_points,
        p.points as procedure_points,
        u.points as urgent_points,
        a.points as prior_admission_points,
        l.points as length_points,
        nullif(concat_ws(', ',
            case when s.haemoglobin_g_dl is null then 'haemoglobin' end,
            case when s.sodium_mmol_l is null then 'sodium' end,
            case when s.oncology_service is null then 'ward' end,
            case when s.acute_admission is null then 'admission type' end
        ), '') as missing
    from gold.stay_facts as s
    left join reference.hospital_points as hb
        on s.not_applicable is null and hb.component = 'haemoglobin' and s.haemoglobin_g_dl between hb.at_least and hb.at_most
    left join reference.hospital_points as o
        on s.not_applicable is null and o.component = 'oncology service' and s.oncology_service between o.at_least and o.at_most
    left join reference.hospital_points as na
        on s.not_applicable is null and na.component = 'sodium' and s.sodium_mmol_l between na.at_least and na.at_most
    left join reference.hospital_points as p
        on s.not_applicable is null and p.component = 'procedure' and s.procedure_done between p.at_least and p.at_most
    left join reference.hospital_points as u
        on s.not_applicable is null and u.component = 'urgent admission' and s.acute_admission between u.at_least and u.at_most
    left join reference.hospital_points as a
        on s.not_applicable is null and a.component = 'prior admissions'
        and s.prior_admission_count between a.at_least and a.at_most
    left join reference.hospital_points as l
        on s.not_applicable is null and l.component = 'length of stay' and s.length_of_stay_days between l.at_least and l.at_most
),
summed as (
    select
        q.*,
        case when q.missing is null then
            q.haemoglobin_points + q.oncology_points + q.sodium_points + q.procedure_points + q.urgent_points
            + q.prior_admission_points + q.length_points
        end as hospital_score
    from pointed as q
)
select
    t.stay_id,
    t.haemoglobin_points,
    t.oncology_points,
    t.sodium_points,
    t.procedure_points,
    t.urgent_points,
    t.prior_admission_points,
    t.length_points,
    t.hospital_score,
    k.class_name as hospital_class,
    k.avoidable_readmission_pct as hospital_avoidable_readmission_pct,
    case
        when t.not_applicable is not null then t.not_applicable
        when t.missing is not null then 'not computable: missing ' || t.missing
        when not t.sees_all_stays then 'partial: admissions known only from ' || cast(t.first_date as string)
        else 'computed'
    end as hospital_status
from summed as t
left join reference.hospital_classes as k on t.hospital_score between k.score_at_least and k.score_at_most
