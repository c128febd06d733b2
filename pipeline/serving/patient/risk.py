"""The readmission model's probability for a stay, opened: what raises and lowers it, and how far such numbers came true.

Pure. Probability, points and the reason where there is none come from gold.risk_scores, the values behind them from
gold.risk_features. Points are told against the average training stay: by themselves they have no zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

import pandas as pd

from pipeline.serving.patient.risk_words import feature_name, value_text
from pipeline.serving.patient.scores import COMPUTED, Score, ScorePart
from pipeline.serving.rates import FEWEST, rate
from pipeline.serving.reference import reference_rows
from pipeline.serving.wording import NO_BREAK, UNKNOWN, count_text, decimal_text, share_text

SCORED = "scored"
MOST_SHOWN = 4
"""Contributions in each direction; all of them are in the file."""

LEAST_LOG_ODDS = 0.01
"""Below it the odds are the same when they are written with two decimals."""

POINTS = "_points"
HEADINGS = ("Raises ▲ or lowers ▼", "Odds", "")
NOTE = (
    "The estimated share of such stays that an unplanned return follows within 30 days: an association in earlier stays, "
    "no cause and not a diagnosis. Odds are against the average stay that the model was trained on."
)


@dataclass(frozen=True)
class Contribution:
    """What one feature adds to the log-odds beyond the average training stay; above 0 raises the probability."""

    feature: str
    value: str
    log_odds: float


@dataclass(frozen=True)
class Calibration:
    """How the probabilities of one band came true over all index stays followed for 30 days: expected and observed readmissions."""

    stay_count: int
    expected_count: float
    readmission_count: int


@dataclass(frozen=True)
class StayRisk:
    """A stay's probability, 0-1, with its band and its contributions, the strongest first; None and a status where it has none."""

    stay_id: str
    status: str
    model_version: int | None
    probability: float | None
    band: str
    contributions: tuple[Contribution, ...]
    calibration: Calibration | None


def stay_risks(
    scores: pd.DataFrame, terms: pd.DataFrame | None = None, calibration: pd.DataFrame | None = None
) -> tuple[StayRisk, ...]:
    """One per row of scores: a stay's columns of gold.risk_scores and gold.risk_features side by side.

    terms: gold.model_terms; calibration: one row per band_name with mature_count, expected_count and readmission_count; neither
    is needed where no stay was scored.
    """
    averages = {} if terms is None else _averages(terms)
    known = {} if calibration is None else {row.band_name: row for row in calibration.itertuples()}
    return tuple(_stay_risk(row, averages, known) for row in scores.to_dict("records"))


def _averages(terms: pd.DataFrame) -> dict[str, float]:
    """The points of the average training stay, by feature."""
    weighted = (terms["points"].astype(float) * terms["row_count"]).groupby(terms["feature"]).sum()
    counted = terms["row_count"].groupby(terms["feature"]).sum()
    return (weighted / counted.where(counted > 0)).fillna(0.0).to_dict()


def _stay_risk(row: Mapping, averages: Mapping[str, float], known: Mapping) -> StayRisk:
    probability = _or_none(row["readmission_probability"])
    band = "" if probability is None else band_of(probability)
    version = _or_none(row["model_version"])
    found = sorted(_contributions(row, averages), key=lambda one: (-abs(one.log_odds), one.feature))
    return StayRisk(
        stay_id=row["stay_id"],
        status=row["score_status"],
        model_version=None if version is None else int(version),
        probability=probability,
        band=band,
        contributions=tuple(found),
        calibration=_calibration(known.get(band)),
    )


def _contributions(row: Mapping, averages: Mapping[str, float]) -> list[Contribution]:
    used = [feature for feature in averages if _or_none(row.get(feature + POINTS)) is not None]
    return [
        Contribution(one, value_text(one, _or_none(row.get(one))), round(float(row[one + POINTS]) - averages[one], 6))
        for one in used
    ]


def band_of(probability: float) -> str:
    """The band of data/reference that a probability lies in."""
    rows = reference_rows("probability_bands")
    return next(row["band_name"] for row in rows if float(row["at_least"]) <= probability < float(row["below"]))


def risk_score(risk: StayRisk) -> Score:
    """The model as one of the stay's scores: the strongest contributions each way, or the sentence that says why there is none."""
    name = "Readmission model" + ("" if risk.model_version is None else f", version {risk.model_version}")
    if risk.probability is None:
        return Score(name, UNKNOWN, risk.status, "", (), HEADINGS, NOTE)
    strong = [one for one in risk.contributions if abs(one.log_odds) >= LEAST_LOG_ODDS]
    shown = [one for one in strong if one.log_odds > 0][:MOST_SHOWN] + [one for one in strong if one.log_odds < 0][:MOST_SHOWN]
    result = f"{share_text(risk.probability)} · {risk.band}"
    return Score(name, result, COMPUTED, "", tuple(map(_part, shown)), HEADINGS, f"{NOTE} {calibration_text(risk)}")


def calibration_text(risk: StayRisk) -> str:
    """How the probabilities of this band came true so far."""
    seen = risk.calibration
    if seen is None or seen.stay_count < FEWEST:
        return f"Too few stays of the band {risk.band} were followed for 30 days to say how far it came true."
    observed = rate(seen.readmission_count, seen.stay_count)
    return (
        f"In the band {risk.band}, {count_text(seen.stay_count)} stays were followed for 30 days: "
        f"{share_text(seen.expected_count / seen.stay_count)} expected, {observed.text} observed (95{NO_BREAK}% interval"
        f" {observed.interval_text})."
    )


def _part(one: Contribution) -> ScorePart:
    sign = "▲" if one.log_odds > 0 else "▼"
    return ScorePart(f"{sign} {feature_name(one.feature)}", one.value, f"×{NO_BREAK}{decimal_text(exp(one.log_odds), 2)}")


def _calibration(row: object) -> Calibration | None:
    return None if row is None else Calibration(int(row.mature_count), float(row.expected_count), int(row.readmission_count))


def _or_none(value: object) -> object:
    return None if value is None or pd.isna(value) else value
