"""The door to what is known of the readmission model, and to the alert budget that people chose. No row of a patient is behind it.

Every look and every choice is on record, like reads of tables.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from pipeline.errors import BadRequest
from pipeline.governance.access import record_action, record_look
from pipeline.governance.policy import Viewer
from pipeline.model.evidence import Evidence, evidence_from_json
from pipeline.settings import Settings, load_settings


@dataclass(frozen=True)
class BudgetChoice:
    """How much follow-up the team decided on: by whom, when, why, and for which version of the model.

    capacity: in the unit of the model's evaluation, mostly stays per day; cut_off: the probability it implied then, 0-1.
    """

    capacity: float
    cut_off: float | None
    model_version: int
    chosen_by: str
    role: str
    why: str
    chosen_at: datetime


def champion_evidence(viewer: Viewer, *, purpose: str, settings: Settings | None = None) -> Evidence | None:
    """What is known of the champion, None without one. Raises ModelRefused when its file is damaged."""
    settings = settings or load_settings()
    record_look(viewer, "the champion's evidence", purpose, settings)
    try:
        text = settings.evidence_file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return evidence_from_json(text)


def choose_budget(
    viewer: Viewer, capacity: float, why: str, *, evidence: Evidence, settings: Settings | None = None
) -> BudgetChoice:
    """Keeps a choice. Raises BadRequest without a reason or for a capacity that was not evaluated, AccessDenied by the policy."""
    settings = settings or load_settings()
    points = {point.capacity: point for point in evidence.evaluation.model("additive").budget}
    if capacity not in points:
        raise BadRequest("There is no such alert budget. Choose one that the slider offers.")
    if not why.strip():
        raise BadRequest("Say why this budget is right: the reason is kept with the choice.")
    record_action(viewer, "set_budget", f"Alert budget {capacity:g}", settings)
    choice = BudgetChoice(
        capacity=capacity,
        cut_off=points[capacity].cut_off,
        model_version=evidence.promotion.version,
        chosen_by=viewer.name,
        role=viewer.role,
        why=why.strip(),
        chosen_at=datetime.now(UTC).replace(microsecond=0),
    )
    settings.alert_budgets.parent.mkdir(parents=True, exist_ok=True)
    with settings.alert_budgets.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(choice) | {"chosen_at": choice.chosen_at.isoformat()}, ensure_ascii=False) + "\n")
    return choice


def budget_choices(viewer: Viewer, *, purpose: str, settings: Settings | None = None) -> tuple[BudgetChoice, ...]:
    """Every choice, the newest first."""
    settings = settings or load_settings()
    record_look(viewer, "the alert budgets", purpose, settings)
    try:
        lines = settings.alert_budgets.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    said = [json.loads(line) for line in lines]
    return tuple(BudgetChoice(**one | {"chosen_at": datetime.fromisoformat(one["chosen_at"])}) for one in reversed(said))
