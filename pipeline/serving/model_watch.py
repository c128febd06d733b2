"""Whether the deployed model should be trained again: how far it came true, whom it fits less, how its stays have changed.

Reads four small tables of sums through the governed door and gives one frozen record. Knows no registry: what the model is
comes from the tables that the refresh compiled from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

import pandas as pd

from pipeline.governance import access
from pipeline.governance.policy import Viewer
from pipeline.serving.model_drift import MOVED, Drift, Ratio, drift, judged_together, observed_over_expected
from pipeline.serving.patient.risk_words import feature_name
from pipeline.serving.wording import count_text, decimal_text, months_text

PURPOSE = "Model monitoring"
OUTCOME_MONTHS, DRIFT_MONTHS = 12, 3
"""The newest months looked at: of outcomes, which need thirty days to mature, and of features."""

STALE_AFTER_DAYS = 365
"""A model is looked at again a year after its promotion, whatever it shows (this project's choice)."""

GROUPS = {"band_name": "Probability", "sex": "Sex", "age_group": "Age group", "site_name": "Site"}
"""Columns of gold.score_calibration by which a model is compared."""

MODEL = "select * from gold.scoring_model"
TERMS = "select feature, bin_number, label, row_count from gold.model_terms"
BINS = f"""
with newest as (select distinct stay_month from gold.feature_bins order by stay_month desc limit {DRIFT_MONTHS})
select feature, bin_number, cast(sum(stay_count) as bigint) as stay_count, min(stay_month) as first_month,
    max(stay_month) as last_month
from gold.feature_bins where stay_month in (select stay_month from newest)
group by feature, bin_number
"""
OUTCOMES = f"""
with newest as (
    select distinct stay_month from gold.score_calibration where mature_count > 0 order by stay_month desc limit {OUTCOME_MONTHS}
)
select stay_month, band_name, sex, age_group, site_name, cast(sum(mature_count) as bigint) as mature_count,
    cast(sum(immature_count) as bigint) as immature_count, sum(expected_count) as expected_count,
    cast(sum(readmission_count) as bigint) as readmission_count
from gold.score_calibration
where stay_month >= (select min(stay_month) from newest)
group by stay_month, band_name, sex, age_group, site_name
order by stay_month
"""


@dataclass(frozen=True)
class ModelInUse:
    """The model that scores. days_in_use: since its promotion."""

    name: str
    version: int
    promoted_at: datetime
    promoted_by: str
    days_in_use: int


@dataclass(frozen=True)
class ModelWatch:
    """What monitoring shows; without a model only the reason why none scores.

    overall: over the newest twelve months with mature stays, months: each of them; groups: by heading, each group of it;
    drifts: per feature over the newest three months, the most moved first; immature_count: stays not yet followed for 30 days.
    """

    model: ModelInUse | None
    not_scored_because: str | None
    overall: Ratio | None = None
    immature_count: int | None = 0
    months: tuple[tuple[date, Ratio], ...] = ()
    groups: tuple[tuple[str, tuple[Ratio, ...]], ...] = ()
    drifts: tuple[Drift, ...] = ()
    drift_period: str = ""

    @property
    def reasons_to_train_again(self) -> tuple[str, ...]:
        """One sentence for each; none means that nothing speaks against the model."""
        return tuple(self._reasons())

    def _reasons(self) -> Iterator[str]:
        if self.overall is not None and self.overall.verdict == MOVED:
            yield f"Readmissions are {_ratio_text(self.overall)} of what the model expects."
        for heading, ratios in (("Month", tuple(one for _, one in self.months)), *self.groups):
            yield from (f"{heading} {one.name}: {_ratio_text(one)} of what it expects." for one in ratios if one.verdict == MOVED)
        for one in (one for one in self.drifts if one.verdict == MOVED):
            yield (
                f"{feature_name(one.feature)}: stays lie otherwise than in training (index {decimal_text(one.index, 2)}, most at "
                f"{one.bin_label})."
            )
        if self.model is not None and self.model.days_in_use > STALE_AFTER_DAYS:
            yield f"The model has been in use for {count_text(self.model.days_in_use)} days."


def model_watch(viewer: Viewer, as_of: datetime) -> ModelWatch:
    """What monitoring shows at a time (UTC)."""

    def asked(question: str) -> pd.DataFrame:
        return access.read(viewer, question, purpose=PURPOSE)

    model = asked(MODEL).iloc[0]
    if pd.isna(model["model_version"]):
        return ModelWatch(None, str(model["not_scored_because"]))
    return _watched(_in_use(model, as_of), asked(OUTCOMES), asked(TERMS), asked(BINS))


def judged(found: ModelWatch) -> ModelWatch:
    """The same with the verdicts of its months and groups allowing for how many they are; the overall ratio is judged alone."""
    all_ratios = [one for _, one in found.months] + [one for _, ratios in found.groups for one in ratios]
    together = iter(judged_together(all_ratios))
    months = tuple((month, next(together)) for month, _ in found.months)
    groups = tuple((heading, tuple(next(together) for _ in ratios)) for heading, ratios in found.groups)
    return replace(found, months=months, groups=groups)


def _in_use(model: pd.Series, as_of: datetime) -> ModelInUse:
    promoted_at = pd.Timestamp(model["promoted_at"]).to_pydatetime().replace(tzinfo=None)
    days = (as_of.replace(tzinfo=None) - promoted_at).days
    return ModelInUse(str(model["model_name"]), int(model["model_version"]), promoted_at, str(model["promoted_by"]), days)


def _watched(model: ModelInUse, outcomes: pd.DataFrame, terms: pd.DataFrame, bins: pd.DataFrame) -> ModelWatch:
    found = ModelWatch(
        model=model,
        not_scored_because=None,
        overall=_ratio("All", outcomes),
        immature_count=int(outcomes["immature_count"].sum()),
        months=tuple((month.date(), _ratio(f"{month:%b %Y}", rows)) for month, rows in _by(outcomes, "stay_month")),
        groups=tuple((heading, _ratios(outcomes, column)) for column, heading in GROUPS.items()),
        drifts=_drifts(terms, bins),
        drift_period=months_text(bins["first_month"].min(), bins["last_month"].max()) if len(bins) else "",
    )
    return judged(found)


def _ratios(outcomes: pd.DataFrame, column: str) -> tuple[Ratio, ...]:
    """One ratio per group, by name; bands of probability by how much each expects."""
    ratios = tuple(_ratio(str(name), rows) for name, rows in _by(outcomes, column))
    if column != "band_name":
        return ratios
    return tuple(sorted(ratios, key=lambda one: one.expected / max(one.stay_count, 1)))


def _by(outcomes: pd.DataFrame, column: str) -> Iterator[tuple]:
    values = pd.to_datetime(outcomes[column]) if column == "stay_month" else outcomes[column]
    return iter(outcomes.groupby(values, sort=True))


def _ratio(name: str, rows: pd.DataFrame) -> Ratio:
    counts = rows[["mature_count", "readmission_count"]].sum()
    expected = float(rows["expected_count"].astype(float).sum())
    return observed_over_expected(name, int(counts["mature_count"]), expected, int(counts["readmission_count"]))


def _drifts(terms: pd.DataFrame, bins: pd.DataFrame) -> tuple[Drift, ...]:
    now = {feature: dict(zip(rows["bin_number"], rows["stay_count"], strict=True)) for feature, rows in bins.groupby("feature")}
    found = []
    for feature, rows in terms.sort_values("bin_number").groupby("feature"):
        then = dict(zip(rows["bin_number"], rows["row_count"], strict=True))
        found.append(drift(str(feature), list(rows["label"]), now.get(feature, {}), then))
    return tuple(sorted(found, key=lambda one: (-one.index, one.feature)))


def _ratio_text(one: Ratio) -> str:
    return f"{decimal_text(one.ratio, 2)} ({decimal_text(one.low, 2)}–{decimal_text(one.high, 2)})"
