-- Which inpatient encounters are one stay: those that overlap, transfers on the same or next day to another site (or
-- where the discharge says transfer), and a return to the same site on the same day for the same condition, which is the
-- same three-character category of the principal diagnosis. After the CMS hospital-wide readmission measure.
-- An encounter without a discharge is still going on, unless the patient was admitted again since.
with inpatient as (
    select
        e.encounter_id,
        e.patient_id,
        e.site_name,
        e.disposition,
        e.arrived_at,
        e.arrival_date,
        e.discharge_date,
        lead(e.arrived_at) over (
            partition by e.patient_id order by e.arrived_at asc nulls last, e.encounter_id asc nulls last
        ) as next_arrived_at,
        e.discharged_at,
        d.code_system || ' ' || substring(d.diagnosis_code, 1, 3) as condition_code
    from silver.encounters as e
    left join silver._classified_diagnoses as d on e.encounter_id = d.encounter_id and d.diagnosis_rank = 1
    where e.encounter_class = 'Inpatient'
),
ended as (
    select
        i.*,
        case
            when i.discharged_at is not null then i.discharged_at
            when i.next_arrived_at is not null then i.arrived_at
            else cast('9999-12-31 00:00:00' as timestamp_ntz)
        end as ends_at
    from inpatient as i
),
covered as (
    select
        n.*,
        max(n.ends_at) over (
            partition by n.patient_id order by n.arrived_at asc nulls last, n.encounter_id asc nulls last
            rows between unbounded preceding and 1 preceding
        ) as covered_until_at
    from ended as n
),
episodes as (
    select
        c.*,
        sum(case when c.covered_until_at is null or c.arrived_at >= c.covered_until_at then 1 else 0 end) over (
            partition by c.patient_id order by c.arrived_at asc nulls last, c.encounter_id asc nulls last
            rows between unbounded preceding and current row
        ) as episode_number
    from covered as c
),
edges as (
    select
        e.*,
        row_number() over (
            partition by e.patient_id, e.episode_number order by e.arrived_at asc nulls last, e.encounter_id asc nulls last
        ) as first_rank,
        row_number() over (
            partition by e.patient_id, e.episode_number
            order by e.ends_at desc nulls last, e.arrived_at desc nulls last, e.encounter_id desc nulls last
        ) as last_rank
    from episodes as e
),
linked as (
    select
        e.patient_id,
        e.episode_number,
        e.encounter_id,
        case
            when b.patient_id is null then null
            when datediff(e.arrival_date, b.discharge_date) <= t.limit_value
                and (b.site_name <> e.site_name or b.disposition = 'Transfer to acute care') then 'transfer on the same or next day'
            when datediff(e.arrival_date, b.discharge_date) = 0 and b.condition_code = e.condition_code
                then 'back on the same day for the same condition'
        end as joined_because
    from edges as e
    inner join reference.readmission_limits as t on t.limit_name = 'transfer'
    left join edges as b
        on e.patient_id = b.patient_id and e.episode_number = b.episode_number + 1 and b.last_rank = 1
    where e.first_rank = 1
),
stays as (
    select
        l.*,
        sum(case when l.joined_because is null then 1 else 0 end) over (
            partition by l.patient_id order by l.episode_number asc nulls last rows between unbounded preceding and current row
        ) as stay_number
    from linked as l
),
opened as (
    select patient_id, stay_number, encounter_id as stay_id
    from stays
    where joined_because is null
)
select
    e.encounter_id,
    o.stay_id,
    e.patient_id,
    cast(row_number() over (
        partition by o.stay_id order by e.arrived_at asc nulls last, e.encounter_id asc nulls last
    ) as integer) as arrival_rank,
    cast(row_number() over (
        partition by o.stay_id order by e.ends_at desc nulls last, e.arrived_at desc nulls last, e.encounter_id desc nulls last
    ) as integer) as leaving_rank,
    case when e.first_rank = 1 then coalesce(s.joined_because, 'opens the stay') else 'overlaps with the stay' end as joined_because
from edges as e
inner join stays as s on e.patient_id = s.patient_id and e.episode_number = s.episode_number
inner join opened as o on s.patient_id = o.patient_id and s.stay_number = o.stay_number
