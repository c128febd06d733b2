"""The severity of a child under 16, judged a second time from the published tables: heart rate, breathing, hypotension."""

from __future__ import annotations

import math

FLEMING = [
    (3, 143, 16, 43, 34, 57), (6, 140, 15.5, 41, 33, 55), (9, 134, 15.3, 39, 31, 52), (12, 128, 14.8, 37, 30, 50),
    (18, 123, 14.8, 35, 28, 46), (24, 117, 14.7, 31, 25, 40), (36, 110, 14.4, 28, 22, 34), (48, 104, 14.3, 25, 21, 29),
    (72, 98, 14, 23, 20, 27), (96, 91, 13.8, 21, 18, 24), (144, 84, 13.4, 19, 16, 22), (180, 78, 13.2, 18, 15, 21),
    (216, 73, 13, 16, 13, 19),
]  # fmt: skip
"""Below this age in months: median and standard deviation of the heart rate; median, p10 and p90 of the respiratory rate."""

P90_IN_SD = 1.2816


def child_risk(row: dict) -> str:
    """Low, Moderate, High or Not assessed, of a row with age_days, age_months, age_years and the three signs."""
    if _is_hypotensive(row):
        return "High"
    furthest = [abs(z) for z in _z_scores(row) if not math.isnan(z)]
    if not furthest:
        return "Not assessed"
    return "High" if max(furthest) > 3 else "Moderate" if max(furthest) > 2 else "Low"


def _z_scores(row: dict) -> tuple[float, float]:
    _, heart, spread, breaths, p10, p90 = next(band for band in FLEMING if row["age_months"] < band[0])
    side = p90 - breaths if row["respiratory_rate"] >= breaths else breaths - p10
    return (row["heart_rate"] - heart) / spread, (row["respiratory_rate"] - breaths) / round(side / P90_IN_SD, 2)


def _is_hypotensive(row: dict) -> bool:
    years = row["age_years"]
    limit = 60 if row["age_days"] <= 28 else 70 if years < 1 else 70 + 2 * years if years <= 10 else 90
    return math.floor(row["systolic_bp"] + 0.5) < limit if not math.isnan(row["systolic_bp"]) else False
