"""What an alert budget buys: how many readmissions are found, how many reviews it takes, and whom it names.

The figures are those of the champion's evaluation, on stays its folds had not seen; the names come through the governed door.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pandas as pd

from pipeline.errors import AccessDenied, BadRequest
from pipeline.governance import access
from pipeline.governance.evidence import BudgetChoice, budget_choices, champion_evidence, choose_budget
from pipeline.governance.policy import Viewer, load_policy
from pipeline.model.evaluation import ADDITIVE, PER_DAY, BudgetPoint, ModelResult
from pipeline.model.evidence import Evidence
from pipeline.serving.alert_budget.released import released_evidence
from pipeline.serving.provenance import Source, source
from pipeline.serving.rates import FEWEST
from pipeline.serving.single_rows import STAYS_BY_DAY, why_not_listed

PURPOSE = "Alert budget"
DEFAULT_CAPACITY = 10
"""Stays a day, until the team has chosen."""

LAST_DAY = """
select max(discharge_date) as last_day
from gold.index_stays where not is_in_hospital and not has_died and not is_under_18
"""
NAMED = """
select r.stay_id, r.patient_id, i.age_years, i.site_name, i.ward_name, i.disposition, i.length_of_stay_days,
    r.readmission_probability
from gold.risk_scores as r
inner join gold.index_stays as i on r.stay_id = i.stay_id
where i.discharge_date = $last_day and r.readmission_probability is not null
order by r.readmission_probability desc, r.stay_id
limit $capacity
"""
DISCHARGED = """
select cast(count(*) as bigint) as discharged_count, cast(count(r.readmission_probability) as bigint) as scored_count
from gold.risk_scores as r
inner join gold.index_stays as i on r.stay_id = i.stay_id
where i.discharge_date = $last_day
"""


@dataclass(frozen=True)
class NamedStays:
    """The stays of the last day of discharges that the budget names, the most probable first; none where the policy hides them.

    is_suppressed: whether counts and rows are left out because the role sees no small cells. unlisted: why the stays of a day are
    not told for the role, if not; the day and its counts are empty then.
    """

    day: date | None
    discharged_count: int | None
    scored_count: int | None
    rows: pd.DataFrame
    is_hidden: bool
    is_suppressed: bool = False
    unlisted: str = ""


@dataclass(frozen=True)
class AlertBudget:
    """The page for one capacity. point: the champion's figures at it; others: what scores and rules find at the same one."""

    source: Source
    evidence: Evidence
    point: BudgetPoint
    others: tuple[tuple[ModelResult, BudgetPoint], ...]
    choices: tuple[BudgetChoice, ...]
    named: NamedStays

    @property
    def model(self) -> ModelResult:
        return self.evidence.evaluation.model(ADDITIVE)

    @property
    def is_per_day(self) -> bool:
        return self.evidence.evaluation.budget_unit == PER_DAY


@dataclass(frozen=True)
class Offered:
    """The capacities to choose from, the one that counts until another is chosen, and the team's choices, the newest first."""

    evidence: Evidence
    capacities: tuple[float, ...]
    current: float
    choices: tuple[BudgetChoice, ...]


def offered(viewer: Viewer) -> Offered | None:
    """What the slider offers; None while no model is in use."""
    evidence = champion_evidence(viewer, purpose=PURPOSE)
    if evidence is None:
        return None
    if load_policy().hides_small_cells(viewer.role):
        evidence = released_evidence(evidence)
        _require_a_budget(evidence, load_policy().title(viewer.role))
    capacities = tuple(point.capacity for point in evidence.evaluation.model(ADDITIVE).budget)
    choices = budget_choices(viewer, purpose=PURPOSE)
    chosen = choices[0].capacity if choices else DEFAULT_CAPACITY
    return Offered(evidence, capacities, min(capacities, key=lambda capacity: abs(capacity - chosen)), choices)


def _require_a_budget(evidence: Evidence, role: str) -> None:
    if not evidence.evaluation.model(ADDITIVE).budget:
        raise AccessDenied(
            f"Every figure of the budget rests on a count under {FEWEST}, which the role {role} does not see. Ask a data steward."
        )


def alert_budget(viewer: Viewer, chosen: Offered, capacity: float, *, generated_at: datetime | None = None) -> AlertBudget:
    """The page at one capacity. Raises BadRequest for one that is not offered."""
    if capacity not in chosen.capacities:
        raise BadRequest("There is no such alert budget. Choose one that the slider offers.")
    asked_at = generated_at or datetime.now(UTC).replace(microsecond=0)
    evaluation = chosen.evidence.evaluation
    others = [(model, _at(model, capacity)) for model in evaluation.models if model.name != ADDITIVE]
    return AlertBudget(
        source=source(viewer, access.publication(viewer), asked_at),
        evidence=chosen.evidence,
        point=_at(evaluation.model(ADDITIVE), capacity),
        others=tuple((model, point) for model, point in others if point is not None),
        choices=chosen.choices,
        named=_named(viewer, round(capacity)),
    )


def save_budget(viewer: Viewer, shown: AlertBudget, why: str) -> BudgetChoice:
    """Makes the shown capacity the team's budget. Raises BadRequest without a reason, AccessDenied by the policy."""
    return choose_budget(viewer, shown.point.capacity, why, evidence=shown.evidence)


def _at(model: ModelResult, capacity: float) -> BudgetPoint | None:
    return next((point for point in model.budget if point.capacity == capacity), None)


def _named(viewer: Viewer, capacity: int) -> NamedStays:
    is_hidden = not access.shows(viewer, "gold.risk_scores", "readmission_probability")
    unlisted = why_not_listed(viewer, STAYS_BY_DAY)
    if unlisted:
        return NamedStays(None, None, None, pd.DataFrame(), is_hidden, unlisted=unlisted)
    last_day = access.read(viewer, LAST_DAY, purpose=PURPOSE)["last_day"].iloc[0]
    if pd.isna(last_day):
        return NamedStays(None, 0, 0, pd.DataFrame(), is_hidden)
    asked = {"last_day": pd.Timestamp(last_day).date()}
    counted = access.read(viewer, DISCHARGED, asked, purpose=PURPOSE).iloc[0]
    rows = pd.DataFrame() if is_hidden else access.read(viewer, NAMED, asked | {"capacity": capacity}, purpose=PURPOSE)
    named = NamedStays(asked["last_day"], int(counted["discharged_count"]), int(counted["scored_count"]), rows, is_hidden)
    return _released(named) if load_policy().hides_small_cells(viewer.role) else named


def _released(named: NamedStays) -> NamedStays:
    """Without a small count of the day's stays, of those scored or of the others, and without rows that could be counted."""
    counts = named.discharged_count, named.scored_count, named.discharged_count - named.scored_count, len(named.rows)
    if not any(0 < count < FEWEST for count in counts):
        return named
    return replace(named, discharged_count=None, scored_count=None, rows=named.rows.iloc[:0], is_suppressed=True)
