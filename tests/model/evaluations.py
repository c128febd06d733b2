"""An evaluation as a training finds it, small and plausible, for tests that only read one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pipeline.model.evaluation import (
    ADDITIVE,
    CURRENT_CHAMPION,
    LACE,
    PER_DAY,
    BudgetPoint,
    CohortFacts,
    CurvePoint,
    Evaluation,
    FeatureFacts,
    Interval,
    Measures,
    ModelResult,
    NetBenefitPoint,
    SubgroupResult,
)

COHORT = CohortFacts(
    name="Hospital",
    description="Index stays of adults.",
    source="Synthetic hospital",
    is_synthetic=True,
    publication=3,
    stays=12_000,
    patients=9_000,
    events=1_400,
    first_at=datetime(2024, 1, 1),
    last_at=datetime(2025, 6, 30),
    flow=(("Under 18", 800), ("Index stays", 12_000)),
    features_fingerprint="f00d",
    content_fingerprint="beef",
)


def near(value: float, width: float = 0.01) -> Interval:
    """An interval around a value."""
    return Interval(value, value - width, value + width)


def measures(auroc: float = 0.70, slope: float = 1.0, ece: float = 0.004, sensitivity: float = 0.30) -> Measures:
    """Measures of a model that discriminates and is calibrated like this."""
    return Measures(
        rows=12_000,
        events=1_400,
        auroc=near(auroc),
        auprc=near(0.25),
        brier=near(0.095, 0.001),
        scaled_brier=near(0.05),
        slope=near(slope, 0.04),
        intercept=near(0.01, 0.05),
        ece=near(ece, 0.001),
        sensitivity=near(sensitivity),
        ppv=near(0.33),
    )


def subgroup(grouping: str, group: str, auroc: float = 0.69, observed_over_expected: float = 1.0) -> SubgroupResult:
    """A group that is large enough to be judged."""
    return SubgroupResult(grouping, group, 5_000, 600, near(auroc), near(observed_over_expected, 0.05), near(0.3), near(0.3))


def model(name: str = ADDITIVE, lead: float | None = None, **changed: object) -> ModelResult:
    """A model of which nothing is wrong; `lead`: by how much the additive one is ahead of it, over time too."""
    ahead = None if lead is None else near(lead, 0.004)
    result = ModelResult(
        name=name,
        title=name.replace("_", " "),
        grouped=measures(),
        temporal=measures(),
        temporal_unseen=None,
        subgroups=(subgroup("sex", "Female"), subgroup("sex", "Male"), subgroup("age band", "65-79")),
        calibration=tuple(CurvePoint(x / 20, x / 20, x / 20 - 0.01, x / 20 + 0.01, 1_200) for x in range(1, 6)),
        net_benefit=(NetBenefitPoint(0.05, 0.08, 0.07), NetBenefitPoint(0.2, 0.02, -0.1)),
        budget=tuple(BudgetPoint(k, 500 * k, 170 * k, 0.12 * k, 0.34, 2.9, 4.2 * k, 0.5 - k / 20) for k in range(1, 9)),
        note="",
        additive_ahead_by=ahead,
        additive_ahead_over_time_by=ahead,
    )
    return replace(result, **changed)


def evaluation(*models: ModelResult, **changed: object) -> Evaluation:
    """What a training found: these models, or the additive one and LACE."""
    found = Evaluation(
        cohort=COHORT,
        models=models or (model(), model(LACE, lead=0.05)),
        features=(FeatureFacts("age_years", "Completed years at admission", "years", "at admission", "number", 0.0, 0.21),),
        leaks=(),
        parameters={"seed": 1, "learning_rate": 0.05},
        budget_unit=PER_DAY,
        published=(),
        made_with={"scikit-learn": "1.9.1"},
        seconds=12.0,
    )
    return replace(found, **changed)


def beside_champion(candidate: ModelResult | None = None, *, lead: float = 0.001, **champion: object) -> Evaluation:
    """A candidate judged together with the present champion, ahead of it by `lead`."""
    return evaluation(candidate or model(), model(CURRENT_CHAMPION, lead=lead, **champion))
