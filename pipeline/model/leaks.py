"""Looks for features that know the answer before a model learns from them. Pure.

Four marks of a leak, each of which an honest feature hardly bears. By itself it tells who comes back (AUROC 0.75 and more on
stays that its rates were not learnt from; the strongest honest ones reach 0.65). It holds a rule for the label: a value after which
nearly all or none come back, of too many stays for chance. At a patient's first stay it tells whether there will be any other
stay, which nobody can know. It names patients or stays. A refusal stops the training; a warning goes with the results.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from pipeline.errors import ModelRefused
from pipeline.model.cohort import Cohort
from pipeline.model.evaluation import REFUSE, WARN, LeakFinding
from pipeline.model.measures import auroc
from pipeline.model.ranked import ranked
from pipeline.model.specification import CATEGORY, NUMBER

SINGLE_REFUSES, SINGLE_WARNS = 0.75, 0.70
FUTURE_REFUSES, FUTURE_WARNS = 0.85, 0.75
"""AUROC of one feature. Age, diagnoses and the like tell frequent patients from others at their first stay, up to about 0.65."""

OVERALL_WARNS = 0.85
"""AUROC of a whole model of unplanned returns; those that hold at other hospitals stay below 0.80."""

RULE_ROWS, RULE_SHARE = 50, 0.9
"""A bin of so many stays of which nearly all came back."""

RULE_EXPECTED, RULE_REMAINS = 30, 0.02
"""A bin in which so many returns were to be expected and nearly none happened."""

NEVER_REFUSES = 0.1
"""Share of all stays in such bins from which on they are a leak; a few of which none comes back may be those of a hospice."""

NAMES_FROM = 0.5
"""Share of values that occur for one patient alone, from which on a feature is a name of patients or stays."""

NUMBERS_FROM = 0.99
"""Share of stays with a whole number of their own, from which on it is the stay's number."""

HUNDREDTHS = 100
MISSING = "missing"

SHRINKS_BY = 10
"""Stays at the overall rate that are added to each value's, so that rare values say little."""

LEAST_TO_JUDGE = 500
"""Stays below which a feature cannot be told from chance."""


def scan(cohort: Cohort) -> tuple[LeakFinding, ...]:
    """Everything found in the features of a cohort, refusals first."""
    found = [finding for feature in cohort.kinds for finding in _of_feature(cohort, feature)]
    return tuple(sorted(found, key=lambda finding: (finding.severity != REFUSE, finding.feature, finding.kind)))


def require_clean(findings: Sequence[LeakFinding]) -> None:
    """Raises ModelRefused, naming the features, when there is a refusal."""
    refused = [finding for finding in findings if finding.severity == REFUSE]
    if refused:
        reasons = "; ".join(f"{finding.feature}: {finding.says}" for finding in refused)
        raise ModelRefused(f"The features know the outcome, so nothing was trained. {reasons}. Take them out of the features.")


def apart(patient: np.ndarray, fold: np.ndarray) -> tuple[LeakFinding, ...]:
    """A refusal where a patient has stays in more than one fold: a model would meet in the test whom it learnt from."""
    both = int((pd.Series(fold).groupby(patient).nunique() > 1).sum())
    says = f"{both:,} patients have stays on both sides of the split"
    return (LeakFinding("the split", "split", REFUSE, says),) if both else ()


def overall(title: str, measured: float | None) -> tuple[LeakFinding, ...]:
    """A warning where a whole model is too good to be true."""
    if measured is None or measured <= OVERALL_WARNS:
        return ()
    says = f"AUROC {measured:.3f} of the {title} is more than any honest readmission model reaches: look for what it knows"
    return (LeakFinding("all features", "overall", WARN, says),)


def _of_feature(cohort: Cohort, feature: str) -> Iterator[LeakFinding]:
    values, kind = cohort.features[feature], cohort.kinds[feature]
    single = _held_out_auroc(values, kind, cohort.is_readmitted, cohort.patient)
    if single is not None and single >= SINGLE_WARNS:
        severity = REFUSE if single >= SINGLE_REFUSES else WARN
        yield LeakFinding(feature, "single feature", severity, f"alone it reaches AUROC {single:.3f}")
    yield from _rules(values, kind, cohort.is_readmitted, feature)
    first, has_other = _first_stays(cohort)
    known_ahead = _held_out_auroc(values[first], kind, has_other, cohort.patient[first])
    if known_ahead is not None and known_ahead >= FUTURE_WARNS:
        severity = REFUSE if known_ahead >= FUTURE_REFUSES else WARN
        says = f"at a first stay it tells with AUROC {known_ahead:.3f} whether the patient will have another"
        yield LeakFinding(feature, "future", severity, says)
    if _names_patients(values, kind, cohort.patient):
        yield LeakFinding(feature, "identifier", REFUSE, "most of its values belong to one patient alone and stay with the patient")
    if kind == NUMBER and _names_stays(values):
        yield LeakFinding(feature, "identifier", REFUSE, "nearly every stay has a whole number of its own")


def _held_out_auroc(values: pd.Series, kind: str, came_back: np.ndarray, patient: np.ndarray) -> float | None:
    """AUROC of the rates by bin, learnt on the stays of half the patients, over those of the others."""
    learns = (patient * np.int64(2_654_435_761) >> 7) % 2 == 0
    if min(learns.sum(), (~learns).sum()) < LEAST_TO_JUDGE or not came_back[learns].any() or not came_back[~learns].any():
        return None
    keys = pd.Series(_keys(values, kind).to_numpy())
    rate = came_back[learns].mean()
    seen = pd.Series(came_back[learns]).groupby(keys[learns].to_numpy()).agg(["size", "sum"])
    rates = (seen["sum"] + SHRINKS_BY * rate) / (seen["size"] + SHRINKS_BY)
    return auroc(ranked(came_back[~learns], keys[~learns].map(rates).fillna(rate).to_numpy(float)).weighed())


def _keys(values: pd.Series, kind: str) -> pd.Series:
    """What stays are grouped by: their value, missing being one; of numbers with many values, the hundredth."""
    is_few = kind == CATEGORY or values.nunique() <= HUNDREDTHS
    keys = values if is_few else pd.qcut(values, HUNDREDTHS, labels=False, duplicates="drop")
    return keys.astype("object").where(keys.notna(), MISSING)


def _rules(values: pd.Series, kind: str, came_back: np.ndarray, feature: str) -> Iterator[LeakFinding]:
    rows, events = _groups(values, kind, came_back)
    expected = rows * came_back.mean()
    always = (rows >= RULE_ROWS) & (events >= RULE_SHARE * rows)
    never = (expected >= RULE_EXPECTED) & (events <= RULE_REMAINS * expected)
    for ruled, refuses_from in ((always, 0.0), (never, NEVER_REFUSES)):
        if ruled.any():
            says = f"{events[ruled].sum():,.0f} of {rows[ruled].sum():,.0f} stays with some of its values came back"
            says += f", where {expected[ruled].sum():,.0f} were to be expected"
            severity = REFUSE if rows[ruled].sum() >= refuses_from * rows.sum() else WARN
            yield LeakFinding(feature, "rule for the label", severity, says)


def _groups(values: pd.Series, kind: str, came_back: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Stays and readmissions by value."""
    counts = pd.Series(came_back).groupby(_keys(values, kind).to_numpy()).agg(["size", "sum"])
    return counts["size"].to_numpy(float), counts["sum"].to_numpy(float)


def _first_stays(cohort: Cohort) -> tuple[np.ndarray, np.ndarray]:
    """A mask of each patient's first stay, and of those whether another one follows."""
    order = pd.Series(cohort.ended_at)
    first = (order.groupby(cohort.patient).rank(method="first") == 1).to_numpy()
    count = pd.Series(cohort.patient).groupby(cohort.patient).transform("size").to_numpy()
    return first, count[first] > 1


def _names_patients(values: pd.Series, kind: str, patient: np.ndarray) -> bool:
    """Categories that hardly repeat, and numbers that are the same at all stays of a patient and of no other."""
    seen = pd.DataFrame({"value": values.to_numpy(), "patient": patient}).dropna()
    if len(seen) < LEAST_TO_JUDGE:
        return False
    patients = seen.groupby("value")["patient"].nunique()
    own = float((patients == 1).sum()) / seen["patient"].nunique()
    if kind == CATEGORY:
        return own >= NAMES_FROM
    by_patient = seen.groupby("patient")["value"].agg(["nunique", "size"])
    several = by_patient[by_patient["size"] > 1]
    return own >= NAMES_FROM and len(several) > 0 and float((several["nunique"] == 1).mean()) >= RULE_SHARE


def _names_stays(values: pd.Series) -> bool:
    known = values.dropna()
    return len(known) >= LEAST_TO_JUDGE and bool((known % 1 == 0).all()) and known.nunique() >= NUMBERS_FROM * len(known)
