"""What an evaluation of the readmission model found, as values that are written to JSON and read back without loss.

Knows no library that trains, measures or draws. How to read each measure stands in `measures.py` and `curves.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from pipeline.errors import ModelRefused
from pipeline.model.records import read_record

FORMAT = 1
"""Of the JSON text."""

ADDITIVE, FULL = "additive", "full"
PREVALENCE, VITAL_INSTABILITY, LACE, HOSPITAL = "prevalence", "vital_instability", "lace", "hospital"
CURRENT_CHAMPION = "current_champion"

PER_DAY, SHARE_OF_DISCHARGES = "per day", "share of discharges"

REFUSE, WARN = "refuse", "warn"


@dataclass(frozen=True)
class Interval:
    """A measure and its 95 % interval, from resampling patients."""

    value: float
    low: float
    high: float

    @property
    def text(self) -> str:
        """As people read it: 0.683 (0.677–0.688)."""
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"


@dataclass(frozen=True)
class Measures:
    """How well one model's probabilities did on some rows. Sensitivity and PPV are those at the alert budget.

    None: the measure does not exist for these probabilities, such as the slope of a constant; or, as of a count, it is not told
    to the reader.
    """

    rows: int | None
    events: int | None
    auroc: Interval | None
    auprc: Interval | None
    brier: Interval | None
    scaled_brier: Interval | None
    slope: Interval | None
    intercept: Interval | None
    ece: Interval | None
    sensitivity: Interval | None
    ppv: Interval | None


@dataclass(frozen=True)
class SubgroupResult:
    """The same model in one group of patients, at the cut-off of everybody; None where the group is too small to tell.

    rows, events: None where they are not told to the reader.
    """

    grouping: str
    group: str
    rows: int | None
    events: int | None
    auroc: Interval | None
    observed_over_expected: Interval | None
    sensitivity: Interval | None
    ppv: Interval | None

    @property
    def is_too_few(self) -> bool:
        return self.auroc is None


@dataclass(frozen=True)
class CurvePoint:
    """A tenth of the rows, by predicted probability: their mean, and the share that came back with its Wilson interval."""

    predicted: float
    observed: float
    low: float
    high: float
    rows: int


@dataclass(frozen=True)
class NetBenefitPoint:
    """Net benefit at one threshold probability: of the model, and of following up everybody (following up nobody is 0)."""

    threshold: float
    model: float
    treat_all: float


@dataclass(frozen=True)
class BudgetPoint:
    """What one capacity for follow-up buys.

    capacity: stays flagged per day, or the share of discharges flagged (`Evaluation.budget_unit`).
    number_needed_to_review: flags for each readmission found; None when none was found.
    cut_off: the lowest probability that was flagged; by day, the median over the days on which the capacity was used up,
    or None where no day used it up.
    """

    capacity: float
    flagged: int
    true_positives: int
    sensitivity: float
    ppv: float
    number_needed_to_review: float | None
    flags_per_100: float
    cut_off: float | None


@dataclass(frozen=True)
class ModelResult:
    """One model, judged on rows that it was not fitted on.

    grouped: every row of the cohort, each predicted by a model that never saw its patient. temporal: the last quarter,
    predicted by a model of the first three. temporal_unseen: those of them whose patients are not among the first three.
    additive_ahead_by: AUROC of the additive model minus this one's, over the same resampled patients, where both predict.
    """

    name: str
    title: str
    grouped: Measures
    temporal: Measures
    temporal_unseen: Measures | None
    subgroups: tuple[SubgroupResult, ...]
    calibration: tuple[CurvePoint, ...]
    net_benefit: tuple[NetBenefitPoint, ...]
    budget: tuple[BudgetPoint, ...]
    note: str
    additive_ahead_by: Interval | None = None
    additive_ahead_over_time_by: Interval | None = None


@dataclass(frozen=True)
class CohortFacts:
    """Whose stays these were. flow: what was left out and why, in order, with counts; None for one that is not told."""

    name: str
    description: str
    source: str
    is_synthetic: bool
    publication: int | None
    stays: int
    patients: int
    events: int
    first_at: datetime | None
    last_at: datetime | None
    flow: tuple[tuple[str, int | None], ...]
    features_fingerprint: str
    content_fingerprint: str


@dataclass(frozen=True)
class FeatureFacts:
    """One feature of the additive model. importance: mean absolute points over the rows, in log-odds; 0 is never used.

    missing_share: None where it is not told to the reader.
    """

    name: str
    description: str
    unit: str | None
    available: str
    kind: str
    missing_share: float | None
    importance: float


@dataclass(frozen=True)
class LeakFinding:
    """A sign that a feature knows the answer. severity: `refuse` stops the training, `warn` is shown with the results."""

    feature: str
    kind: str
    severity: str
    says: str


@dataclass(frozen=True)
class PublishedResult:
    """What others reported on the same data. leaks: empty, or why the figure cannot be trusted."""

    source: str
    method: str
    split: str
    auroc: float
    leaks: str


@dataclass(frozen=True)
class Evaluation:
    """Everything one training found out about its models."""

    cohort: CohortFacts
    models: tuple[ModelResult, ...]
    features: tuple[FeatureFacts, ...]
    leaks: tuple[LeakFinding, ...]
    parameters: Mapping[str, float | int | str]
    budget_unit: str
    published: tuple[PublishedResult, ...]
    made_with: Mapping[str, str]
    seconds: float

    def model(self, name: str) -> ModelResult | None:
        """The result of that name; None where it was not part of the evaluation."""
        return next((result for result in self.models if result.name == name), None)

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True, allow_nan=False, default=_text)


def evaluation_from_json(text: str) -> Evaluation:
    """The evaluation in a text of this format. Raises ModelRefused for another format or a text that is not whole."""
    try:
        said = json.loads(text)
        if said.pop("format") != FORMAT:
            raise ModelRefused("The evaluation was written in another format. Train again: python -m pipeline train")
        return read_record(Evaluation, said)
    except (ValueError, KeyError, TypeError, AttributeError) as broken:
        raise ModelRefused("The evaluation's text is damaged. Train again: python -m pipeline train") from broken


def _text(moment: datetime) -> str:
    return moment.isoformat()
