"""Monitoring in words and tables: how far the model came true, for whom, and which features moved. Pure."""

from __future__ import annotations

import pandas as pd

from pipeline.serving.model_drift import MOVED, STEADY, UNSURE, WATCH, Drift, Ratio
from pipeline.serving.model_watch import ModelWatch
from pipeline.serving.patient.risk_words import feature_name
from pipeline.serving.rates import FEWEST, HIDDEN_NOTE, TOO_FEW, WITHHELD
from pipeline.serving.wording import NO_BREAK, UNKNOWN, count_text, decimal_text, plural, share_text

VERDICTS = {STEADY: "● steady", WATCH: "▲ watch", MOVED: "■ moved", UNSURE: "○ too few"}
"""With a sign each, so that no colour is needed."""

RATIO_NOTE = (
    "Observed over expected readmissions: 1 is as the model says, above it more came back. Watch: beyond chance; moved: beyond "
    "chance and outside 0.9–1.1; too few: under 500 stays or 50 expected. The 95 % intervals after Byar are each of one group "
    "alone; what is beyond chance allows for how many months and groups are judged together (Holm 1979)."
)
DRIFT_NOTE = (
    "Population stability index against the training stays: under 0.1 steady, above 0.2 moved (Siddiqi 2006); too few: under 500 "
    "stays. A feature that moved need not harm the score; it is a reason to look."
)
NOTHING_TO_DO = "Nothing speaks for training again."


def in_use_sentence(found: ModelWatch) -> str:
    """Which model scores and how far it came true, or why none scores."""
    if found.model is None:
        return f"No model scores: {found.not_scored_because}."
    used = f"Version {found.model.version} has been in use for {plural(found.model.days_in_use, 'day', 'days')}."
    overall = found.overall
    if overall is not None and (overall.suppressed or overall.observed_suppressed):
        return f"{used} {HIDDEN_NOTE}."
    if overall is None or overall.ratio is None or overall.stay_count < FEWEST:
        return f"{used} No stays that it scores were followed for 30 days yet."
    return (
        f"{used} Of {count_text(overall.stay_count)} index stays {count_text(overall.observed)} were readmitted, "
        f"{decimal_text(overall.expected, 1)} were expected: {ratio_text(overall)}. "
        f"{_immature_text(found)} not yet followed for 30 days."
    )


def _immature_text(found: ModelWatch) -> str:
    return f"{TOO_FEW} stays are" if found.immature_count is None else plural(found.immature_count, "stay is", "stays are")


def reasons(found: ModelWatch) -> tuple[str, ...]:
    """Why the model should be trained again, or that nothing speaks for it."""
    return found.reasons_to_train_again or ((NOTHING_TO_DO,) if found.model else ())


def stale_sentence(found: ModelWatch) -> str:
    """What a reader must know before relying on the probabilities."""
    return f"The readmission model should be looked at before it is relied on. {' '.join(found.reasons_to_train_again)}"


def ratio_text(one: Ratio) -> str:
    """1.04 (0.97–1.12); a dash where nothing was expected or too few stays are counted to be shown."""
    if one.ratio is None or one.stay_count < FEWEST:
        return UNKNOWN
    return f"{decimal_text(one.ratio, 2)} ({decimal_text(one.low, 2)}–{decimal_text(one.high, 2)})"


def months_table(found: ModelWatch) -> pd.DataFrame:
    """One row per month, the newest first."""
    return _ratio_table("Month", [("", ratio) for _, ratio in reversed(found.months)]).drop(columns="By")


def groups_table(found: ModelWatch) -> pd.DataFrame:
    """One row per band of probability, where the share that came back is its PPV in use, and per group of sex, age and site."""
    return _ratio_table("Group", [(heading, ratio) for heading, ratios in found.groups for ratio in ratios])


def _ratio_table(name: str, rows: list[tuple[str, Ratio]]) -> pd.DataFrame:
    columns = ["By", name, "Index stays", "Came back", "Expected", "Observed", "Observed ÷ expected", "Verdict"]
    return pd.DataFrame([(heading, *_ratio_row(one)) for heading, one in rows], columns=columns)


def _ratio_row(one: Ratio) -> tuple[str, ...]:
    if one.suppressed or 0 < one.stay_count < FEWEST:
        return one.name, one.suppressed or TOO_FEW, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, VERDICTS[UNSURE]
    share = share_text(one.observed / one.stay_count) if one.stay_count and one.observed is not None else UNKNOWN
    observed = one.observed_suppressed or count_text(one.observed)
    counts = count_text(one.stay_count), share, decimal_text(one.expected, 1), observed
    return one.name, *counts, ratio_text(one), VERDICTS[one.verdict]


def drift_table(found: ModelWatch) -> pd.DataFrame:
    """One row per feature of the model, the most moved first."""
    columns = ["Feature", "Index", "Moved most", "In training", "Now", "Verdict"]
    return pd.DataFrame([_drift_row(one) for one in found.drifts], columns=columns)


def _drift_row(one: Drift) -> tuple[str, ...]:
    if one.stay_count is None or one.stay_count < FEWEST:
        return feature_name(one.feature), UNKNOWN, UNKNOWN, UNKNOWN, TOO_FEW, VERDICTS[UNSURE]
    shares = (WITHHELD if share is None else share_text(share) for share in (one.share_then, one.share_now))
    return (
        feature_name(one.feature),
        decimal_text(one.index, 3),
        one.bin_label.replace(" ", NO_BREAK),
        *shares,
        VERDICTS[one.verdict],
    )
