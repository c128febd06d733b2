"""The untidiness of real feeds, at rates like those met in public hospital data: what is missing, impossible or sent twice.

Works on codes and times before they become text, and on whole lines. All rates are per line and together make 0.3 to
0.6 % of the lines refusable; the kinds of fault are those found in NHAMCS, UCI Diabetes-130 and the MIMIC demos.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.sources.synthetic import text
from pipeline.sources.synthetic.calendar import DAY, WINDOW_END
from pipeline.sources.synthetic.vitals import DIASTOLIC, HEART_RATE, RESPIRATORY_RATE, SPO2, SYSTOLIC, TEMPERATURE

DUPLICATE_SHARE = 0.005
CORRECTED_SHARE = 0.005
BROKEN_LINE_SHARE = 0.00005
"""One comma too many or too few."""

MISSING_TEXTS = (text.EMPTY, text.MINUS_9, text.CODE_998)
MISSING_TEXT_SHARES = (0.80, 0.15, 0.05)
"""NHAMCS writes -9 for "not taken" and 998 for "by Doppler or palpation"."""

UNIT_LEFT_OUT_SHARE = 0.03
OTHER_UNIT_WORD_SHARE = 0.10

VITAL_FAULTS = {
    "heart rate 0": 0.0004,
    "heart rate -1": 0.0001,
    "heart rate 1500": 0.0001,
    "breathing in the heart rate field": 0.0008,
    "saturation in the breathing field": 0.0006,
    "saturation above 100": 0.0004,
    "pressures swapped": 0.0006,
    "unreadable": 0.0010,
    "Fahrenheit called Celsius": 0.0010,
    "unknown encounter": 0.0002,
}
ENCOUNTER_FAULTS = {
    "ends before it begins": 0.0008,
    "unknown patient": 0.0006,
    "no arrival": 0.0004,
    "impossible class": 0.0006,
    "impossible disposition": 0.0004,
    "before birth": 0.0003,
}
CODE_FAULTS = {
    "no code": 0.0006,
    "impossible system": 0.0006,
    "rank 0": 0.0005,
    "no rank": 0.0003,
    "unknown encounter": 0.0004,
}
LAB_FAULTS = {
    "no value": 0.0020,
    "unreadable": 0.0010,
    "value 0": 0.0003,
    "grams per litre called per decilitre": 0.0006,
    "digit lost": 0.0004,
    "unknown encounter": 0.0004,
}
PATIENT_FAULTS = {"no birth date": 0.0005, "impossible sex": 0.0005}


def faults(shares: dict[str, float], count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The rows that each fault befalls; no row has two."""
    fault = np.searchsorted(np.cumsum(list(shares.values())), rng.random(count), "right")
    return {name: np.flatnonzero(fault == number) for number, name in enumerate(shares)}


def corrected_rows(updated: np.ndarray, can_be_wrong: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Rows that are sent again with a changed value, and when; the first version then holds the wrong value."""
    chosen = (rng.random(updated.size) < CORRECTED_SHARE) & can_be_wrong & (updated + 2 * DAY < WINDOW_END)
    rows = np.flatnonzero(chosen)
    return rows, updated[rows] + rng.integers(60, 2 * DAY, rows.size)


def with_duplicates(count: int, rng: np.random.Generator) -> np.ndarray:
    """Row numbers with some of them twice, one after the other."""
    return np.repeat(np.arange(count), 1 + (rng.random(count) < DUPLICATE_SHARE))


def charted_codes(values: np.ndarray, fahrenheit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What stands in the six fields of each vital set: whole numbers, temperature in tenths, or a word for "missing".

    `values` has shape (sets, 6), NaN where missing; `fahrenheit` says which sets send that unit.
    """
    sent = values.copy()
    celsius = values[:, TEMPERATURE]
    sent[:, TEMPERATURE] = np.rint(np.where(fahrenheit, celsius * 18 + 320, celsius * 10))
    missing = np.isnan(sent)
    word = rng.choice(MISSING_TEXTS, size=sent.shape, p=MISSING_TEXT_SHARES)
    return np.where(missing, word, np.where(missing, 0, sent)).astype(np.int64)


def spoil_charted(codes: np.ndarray, hit: dict[str, np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """The same fields with the faults that concern numbers."""
    spoiled = codes.copy()
    spoiled[hit["heart rate 0"], HEART_RATE] = 0
    spoiled[hit["heart rate -1"], HEART_RATE] = text.MINUS_1
    spoiled[hit["heart rate 1500"], HEART_RATE] = 1500
    breathing, saturation, above = (
        hit[name] for name in ("breathing in the heart rate field", "saturation in the breathing field", "saturation above 100")
    )
    spoiled[breathing, HEART_RATE] = rng.integers(16, 20, breathing.size)
    spoiled[saturation, RESPIRATORY_RATE] = rng.integers(96, 100, saturation.size)
    spoiled[above, SPO2] = rng.integers(101, 120, above.size)
    swapped = hit["pressures swapped"]
    spoiled[swapped, SYSTOLIC], spoiled[swapped, DIASTOLIC] = codes[swapped, DIASTOLIC], codes[swapped, SYSTOLIC]
    unreadable = hit["unreadable"]
    words = np.array((text.NOT_AVAILABLE, text.PENDING, text.LETTER_O))
    spoiled[unreadable, rng.integers(0, 6, unreadable.size)] = words[rng.integers(0, 3, unreadable.size)]
    mislabelled = hit["Fahrenheit called Celsius"]
    spoiled[mislabelled, TEMPERATURE] = rng.integers(968, 1022, mislabelled.size)
    return spoiled


def spoil_results(
    codes: np.ndarray, tenths: np.ndarray, hit: dict[str, np.ndarray], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The same results, and whether they are written with a decimal, with the faults that concern numbers."""
    spoiled, decimal = codes.copy(), tenths.copy()
    missing, unreadable = hit["no value"], hit["unreadable"]
    spoiled[missing] = np.array((text.EMPTY, text.MINUS_9, text.CODE_9999))[rng.integers(0, 3, missing.size)]
    spoiled[unreadable] = np.array((text.PENDING, text.HAEMOLYSED, text.NOT_AVAILABLE))[rng.integers(0, 3, unreadable.size)]
    spoiled[hit["value 0"]] = 0
    spoiled[hit["digit lost"]] //= 10
    decimal[hit["grams per litre called per decilitre"]] = False
    return spoiled, decimal


def unit_codes(count: int, mislabelled: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """For each set the site's usual word for its unit (0), its other one (1), no word (-1), or "C" where it is not (2)."""
    drawn = rng.random(count)
    codes = np.where(drawn < UNIT_LEFT_OUT_SHARE, -1, np.where(drawn < UNIT_LEFT_OUT_SHARE + OTHER_UNIT_WORD_SHARE, 1, 0))
    codes[mislabelled] = 2
    return codes


def break_some(lines: pa.Array, rng: np.random.Generator) -> pa.Array:
    """The same lines, a handful of them with one field too many or too few; the first field stays whole."""
    broken = rng.random(len(lines)) < BROKEN_LINE_SHARE
    whole = lines.filter(pa.array(broken)).to_pylist()
    replacements = [_broken(line, extra) for line, extra in zip(whole, rng.random(len(whole)) < 0.5, strict=True)]
    return pc.replace_with_mask(lines, pa.array(broken), pa.array(replacements, pa.string()))


def _broken(line: str, extra: bool) -> str:
    if extra:
        return line[:-1] + ",\n"
    start, _, end = line.rpartition(",")
    return start + end
