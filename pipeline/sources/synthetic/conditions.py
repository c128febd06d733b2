"""The chronic conditions of people: stable over the years, more frequent in the old and frail, and seldom alone.

How frequent each is by age, how it goes with frailty and with diseased vessels, how often coders note it and what it
does to the blood stands in codes/chronic_conditions.csv. The shares are assumptions of the size found in US hospitals
(HCUP Facts and Figures 2007, exhibit 2.4: of all stays hypertension 35 %, chronic lung disease 14 %, diabetes 17 %,
renal failure 7 %, heart failure as a comorbidity 6 %, and more since, as more is coded). Points are the LACE index's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.sources.synthetic.code_tables import chronic_conditions, diagnosis_codes

AGES = np.array([0, 18, 30, 45, 65, 75, 85])
"""The first age of each band of the list, in the middle of the window."""

CANCERS = (
    "colon cancer",
    "lung cancer",
    "breast cancer",
    "prostate cancer",
    "other solid cancer",
    "lymphoma or leukaemia",
)
METASTATIC_SHARE = 0.38
"""Of people with cancer."""

HEART_DISEASES = ("heart failure", "coronary disease", "atrial fibrillation", "old myocardial infarction")
LUNG_DISEASES = ("chronic obstructive lung disease", "asthma")

INSTEAD_OF = (
    ("severe liver disease", "mild liver disease"),
    ("severe kidney disease", "moderate kidney disease"),
    ("diabetes with complications", "diabetes"),
    ("chronic obstructive lung disease", "asthma"),
)
"""Who has the first is not said to have the second as well."""

HYPERCAPNIC_SHARE = 0.40
"""Of people with chronic obstructive lung disease, those at risk of hypercapnic failure (assumption)."""

TYPE_1_BELOW_YEARS = 30
"""Diabetes without complications below this age is type 1."""

FRAILTY_ON_HAEMOGLOBIN, FRAILTY_ON_SODIUM = -0.22, -0.35
"""g/dL and mmol/L per standard deviation of latent frailty (assumption)."""


@dataclass(frozen=True)
class Health:
    """One row per person: `has` and `code` have shape (people, conditions); codes are positions in diagnosis_codes()."""

    has: np.ndarray
    code: np.ndarray
    points: np.ndarray
    """The comorbidity points of the LACE index, not capped."""

    is_hypercapnic: np.ndarray
    haemoglobin: np.ndarray
    sodium: np.ndarray
    """How far the conditions move both, in g/dL and mmol/L."""

    def has_any(self, *names: str) -> np.ndarray:
        """Whether each person has at least one of these conditions."""
        return self.has[:, chronic_conditions().positions(*names)].any(axis=1)


def health(age: np.ndarray, is_male: np.ndarray, frailty: np.ndarray, rng: np.random.Generator) -> Health:
    """Draws the chronic conditions of people of these ages in the middle of the window."""
    known = chronic_conditions()
    has = rng.random((age.size, len(known.names)), dtype=np.float32) < _chances(age, is_male, frailty, rng)
    at = {name: number for number, name in enumerate(known.names)}
    has_cancer = has[:, known.positions(*CANCERS)].any(axis=1)
    has[:, at["metastatic cancer"]] = has_cancer & (rng.random(age.size) < METASTATIC_SHARE) & (age >= 18)
    has[:, at["coronary disease"]] |= has[:, at["old myocardial infarction"]]
    for stronger, weaker in INSTEAD_OF:
        has[:, at[weaker]] &= ~has[:, at[stronger]]
    lungs = has[:, at["chronic obstructive lung disease"]]
    return Health(
        has=has,
        code=_codes(age, has, rng),
        points=(has * known.points).sum(axis=1),
        is_hypercapnic=lungs & (rng.random(age.size) < HYPERCAPNIC_SHARE),
        haemoglobin=(has * known.haemoglobin).sum(axis=1) + FRAILTY_ON_HAEMOGLOBIN * frailty,
        sodium=(has * known.sodium).sum(axis=1) + FRAILTY_ON_SODIUM * frailty,
    )


def _chances(age: np.ndarray, is_male: np.ndarray, frailty: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The probability of each condition: the share at that age, moved by frailty and by one latent state of the vessels."""
    known, single = chronic_conditions(), np.float32
    by_sex = np.stack([np.where((known.sex < 0) | (known.sex == male), known.by_age.T, 0.0) for male in (0, 1)])
    # Both latent values raise the mean of the odds; taken off again so that the list says what comes out.
    odds = by_sex / (1 - by_sex) / np.exp((known.frailty**2 + known.vessels**2) / 2)
    band = np.searchsorted(AGES, np.maximum(age, 0), "right") - 1
    vessels = rng.standard_normal((age.size, 1)).astype(single)
    latent = frailty[:, None].astype(single) * known.frailty.astype(single) + vessels * known.vessels.astype(single)
    own = odds.astype(single)[is_male.astype(int), band] * np.exp(latent)
    return own / (1 + own)


def _codes(age: np.ndarray, has: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The code by which each person's condition goes: one of several that mean it, the same at every encounter."""
    known, position = chronic_conditions(), diagnosis_codes().position
    drawn = rng.random(has.shape, dtype=np.float32)
    code = np.column_stack(
        [np.array(codes)[(drawn[:, number] * len(codes)).astype(int)] for number, codes in enumerate(known.codes)]
    )
    failing, kidney, severe, diabetes, pressure, leukaemia = known.positions(
        "heart failure",
        "moderate kidney disease",
        "severe kidney disease",
        "diabetes",
        "hypertension",
        "lymphoma or leukaemia",
    )
    code[age < TYPE_1_BELOW_YEARS, diabetes] = position("E10.9")
    code[age < 18, leukaemia] = position("C91.00")
    words = np.array([position(text) for text in ("I10", "I12.9", "I12.0", "I11.0", "I13.0", "I13.2")])
    last_stage = has[:, severe] & (code[:, severe] != position("N18.4"))
    kidneys = np.where(last_stage, 2, (has[:, kidney] | has[:, severe]).astype(int))
    code[:, pressure] = words[3 * has[:, failing] + kidneys]
    return code
