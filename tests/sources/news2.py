"""A small NEWS2 of the tests' own (Royal College of Physicians 2017): no code of the product judges itself."""

from __future__ import annotations

import numpy as np
import pandas as pd

POINTS = {
    "respiratory_rate": ([9, 12, 21, 25], [3, 1, 0, 2, 3]),
    "spo2": ([92, 94, 96], [3, 2, 1, 0]),
    "systolic_bp": ([91, 101, 111, 220], [3, 2, 1, 0, 3]),
    "heart_rate": ([41, 51, 91, 111, 131], [3, 1, 0, 1, 2, 3]),
    "temperature_c": ([35.05, 36.05, 38.05, 39.05], [3, 1, 0, 1, 2]),
}
"""For each sign the values from which the next number of points holds; saturation on scale 1."""

SCALE_2_ON_AIR = ([84, 86, 88], [3, 2, 1, 0])
SCALE_2_ON_OXYGEN = ([84, 86, 88, 93, 95, 97], [3, 2, 1, 0, 1, 2, 3])


def news2(vital_sets: pd.DataFrame) -> pd.Series:
    """Points of each set; a missing sign counts 0, as in a normal one."""
    by_sign = {sign: _points(vital_sets[sign], *steps) for sign, steps in POINTS.items()}
    on_scale_2, on_oxygen = vital_sets.spo2_scale == "2", is_on_oxygen(vital_sets)
    scale_2 = _points(vital_sets.spo2, *SCALE_2_ON_OXYGEN).where(on_oxygen, _points(vital_sets.spo2, *SCALE_2_ON_AIR))
    by_sign["spo2"] = by_sign["spo2"].where(~on_scale_2, scale_2)
    signs = sum(by_sign.values())
    return signs + 2 * on_oxygen + 3 * is_not_alert(vital_sets)


def is_on_oxygen(vital_sets: pd.DataFrame) -> pd.Series:
    return vital_sets.on_oxygen.isin(["Y", "1", "TRUE"])


def is_not_alert(vital_sets: pd.DataFrame) -> pd.Series:
    return vital_sets.consciousness.isin(["C", "V", "P", "U"])


def _points(value: pd.Series, from_values: list[float], points: list[int]) -> pd.Series:
    step = np.searchsorted(from_values, value, side="right")
    return pd.Series(np.array(points)[step], index=value.index).where(value.notna(), 0)
