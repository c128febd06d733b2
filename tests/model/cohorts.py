"""Made-up cohorts for tests: 4,000 stays of 2,000 patients, whose returns hang on prior stays, the ward and a little on a sign."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from pipeline.model.cohort import Cohort, Feature, numbered
from pipeline.model.evaluation import HOSPITAL, LACE
from pipeline.model.specification import CATEGORY, NUMBER

STAYS, PATIENTS = 4_000, 2_000

WARDS = ("Cardiology", "Surgery", "Respiratory", "Closed ward")
WARD_LOG_ODDS = dict(zip(WARDS, (0.5, -0.6, 0.2, 0.0), strict=True))


def made_up_cohort(seed: int = 5, *, has_days: bool = True) -> Cohort:
    """Honest features only. `Closed ward` has some 40 stays; a sign is missing in a fifth, one score in a third of all stays."""
    chance = np.random.default_rng(seed)
    patient = np.sort(chance.integers(PATIENTS, size=STAYS))
    frailty = chance.normal(0, 0.3, PATIENTS)[patient]
    prior = chance.poisson(np.exp(frailty))
    ward = chance.choice(WARDS, STAYS, p=(0.4, 0.39, 0.2, 0.01))
    sign = np.where(chance.random(STAYS) < 0.2, np.nan, np.round(chance.normal(80, 15, STAYS)))
    effect = np.array([WARD_LOG_ODDS[name] for name in ward]) + 0.5 * prior + 0.02 * np.nan_to_num(sign - 80)
    is_readmitted = chance.random(STAYS) < 1 / (1 + np.exp(2.3 - effect - frailty))
    ended_at = np.datetime64("2024-01-01") + chance.integers(0, 700 * 24, STAYS).astype("timedelta64[h]")
    lace = pd.Series(np.minimum(prior + 4, 19)).where(chance.random(STAYS) > 0.33)
    return Cohort(
        name="made up",
        description="Made-up stays",
        source="tests",
        outcome=None,
        is_synthetic=True,
        publication=3,
        known=(_known("prior", NUMBER), _known("ward", CATEGORY), _known("sign", NUMBER)),
        features=pd.DataFrame({"prior": prior.astype(float), "ward": ward.astype(object), "sign": sign}),
        is_readmitted=is_readmitted,
        patient=numbered(pd.Series(patient).map("P{:05d}".format)),
        ended_at=ended_at.astype("datetime64[us]") if has_days else np.arange(STAYS),
        discharge_date=ended_at.astype("datetime64[D]") if has_days else None,
        groups=pd.DataFrame(
            {"sex": chance.choice(["Female", "Male"], STAYS), "site": np.where(np.arange(STAYS) < 100, "Small", "Big")}
        ),
        scores=pd.DataFrame({LACE: lace, HOSPITAL: np.full(STAYS, np.nan)}),
        score_titles={LACE: "LACE"},
        flow=(("Died in hospital", 120),),
        features_fingerprint="f00d",
    )


def with_feature(cohort: Cohort, name: str, values: object, kind: str = NUMBER) -> Cohort:
    """The cohort with one more feature."""
    features = cohort.features.assign(**{name: values})
    return replace(cohort, features=features, known=(*cohort.known, _known(name, kind)))


def _known(name: str, kind: str) -> Feature:
    return Feature(name, kind, f"What is called {name}", None, "at discharge")
