"""The model card page: which version scores, what was found of it, and how far to trust it. Filled from its training run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from pipeline.governance import access
from pipeline.governance.evidence import champion_evidence
from pipeline.governance.policy import Viewer, load_policy
from pipeline.model.evaluation import ADDITIVE, FULL, Interval
from pipeline.model.evidence import CardSection, Evidence
from pipeline.serving.model_card.released import released_evidence
from pipeline.serving.provenance import Source, source
from pipeline.serving.rates import HIDDEN_NOTE
from pipeline.serving.wording import UNKNOWN, date_text

PURPOSE = "Model card"

NO_MODEL = (
    "No readmission model is in use. The rules and scores carry on without one. A data steward trains one with"
    " python -m pipeline train and promotes it with python -m pipeline promote."
)

LEFT_OUT = "Tenths of which a small count could be told are not shown"


@dataclass(frozen=True)
class ModelCard:
    """Everything the page shows. evidence is None while no model is in use."""

    source: Source
    evidence: Evidence | None

    @property
    def sections(self) -> tuple[CardSection, ...]:
        return self.evidence.card if self.evidence else ()


def model_card(viewer: Viewer, generated_at: datetime | None = None) -> ModelCard:
    """The champion's card for one viewer. Raises ModelRefused for damaged evidence, AccessDenied where no figure may be shown."""
    asked_at = generated_at or datetime.now(UTC).replace(microsecond=0)
    read_from = source(viewer, access.publication(viewer), asked_at)
    evidence = champion_evidence(viewer, purpose=PURPOSE)
    if evidence is not None and load_policy().hides_small_cells(viewer.role):
        evidence = released_evidence(evidence, load_policy().title(viewer.role))
    return ModelCard(read_from, evidence)


@dataclass(frozen=True)
class HeadlineFigure:
    """One figure of the champion: its name, its text, its 95 % interval, and how to read it."""

    name: str
    text: str
    interval_text: str | None
    meaning: str


def headline(shown: ModelCard) -> tuple[HeadlineFigure, ...]:
    """The figures at the top."""
    evaluation = shown.evidence.evaluation
    champion, full = evaluation.model(ADDITIVE), evaluation.model(FULL)
    beside = f"The full model with interactions: {_text(full.grouped.auroc)}. " if full else ""
    return (
        _figure("AUROC, other patients", champion.grouped.auroc, f"{beside}0.5 is chance, 1 perfect"),
        _figure("AUROC, later stays", champion.temporal.auroc, "Fitted on the earlier three quarters of stays, judged on the last"),
        _figure("Calibration slope", champion.grouped.slope, "1 is right; below 1 the probabilities are too extreme"),
        _figure("Calibration error", champion.grouped.ece, "Mean distance of predicted from observed shares; 0 is right"),
    )


def _figure(name: str, measured: Interval | None, meaning: str) -> HeadlineFigure:
    ends = None if measured is None else f"{measured.low:.3f}–{measured.high:.3f}"
    return HeadlineFigure(name, _text(measured), ends, meaning)


def _text(measured: Interval | None) -> str:
    return UNKNOWN if measured is None else f"{measured.value:.3f}"


def promotion_sentence(shown: ModelCard) -> str:
    """Which version, since when, by whom and why."""
    promotion = shown.evidence.promotion
    return (
        f"Version {promotion.version}, in use since {date_text(promotion.promoted_at.date())}, promoted by {promotion.promoted_by}:"
        f" {promotion.promoted_because}"
    )


def cohort_sentence(shown: ModelCard) -> str:
    """On whom the figures were found."""
    cohort = shown.evidence.evaluation.cohort
    kind = "synthetic patients" if cohort.is_synthetic else "real patients"
    return f"{cohort.stays:,} index stays of {cohort.patients:,} {kind}, {cohort.events:,} readmissions"


def calibration_caption(shown: ModelCard) -> str:
    """What the points of the calibration are, and whether some are left out."""
    drawn = sum(point.rows for point in shown.evidence.evaluation.model(ADDITIVE).calibration)
    said = f"Tenths of {cohort_sentence(shown)}, each predicted by a model that had not seen the patient"
    is_whole = drawn == shown.evidence.evaluation.model(ADDITIVE).grouped.rows
    return said if is_whole or not shown.source.suppression else f"{said}. {LEFT_OUT}"


def net_benefit_caption(shown: ModelCard) -> str:
    """How to read net benefit, or why none is drawn."""
    if shown.source.suppression and not shown.evidence.evaluation.model(ADDITIVE).net_benefit:
        return HIDDEN_NOTE
    return "Readmissions found less the price of needless reviews; above both lines the model is worth using"


def section_table(section: CardSection) -> pd.DataFrame:
    """The table of one section of the card."""
    return pd.DataFrame(list(section.rows), columns=list(section.columns))
