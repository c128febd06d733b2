"""The reference band of a vital sign at the patient's age, from data/reference, and where a value lies in it.

Pure. From the age at which NEWS2 begins the band is the range that scores 0 points there; below it is the 10th to 90th
centile of healthy children, known for heart and respiratory rate only. Where neither applies there is no band.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from pipeline.serving.groups import VITAL_SIGNS, VitalSign, adult_reference
from pipeline.serving.patient.kinds import VitalSet
from pipeline.serving.patient.points import table_rows
from pipeline.serving.patient.scores import NOT_APPLICABLE
from pipeline.serving.reference import reference_rows
from pipeline.serving.wording import decimal_text

WITHIN, ABOVE, BELOW, NO_BAND = "within", "above", "below", "no band"

ADULT_SOURCE = "adult bands: range that scores 0 in NEWS2 (Royal College of Physicians 2017)"
NO_BANDS = "no bands: they are those of NEWS2, which does not apply"
CHILD_SOURCE = "child bands: 10th to 90th centile of healthy children (Fleming, Lancet 2011), heart and respiratory rate only"

_BY_STEM = {sign.stem: sign for sign in VITAL_SIGNS}
CHARTED_SIGNS = tuple(_BY_STEM[stem] for stem in ("heart_rate", "respiratory_rate", "systolic_bp", "spo2", "temperature"))


@dataclass(frozen=True)
class Band:
    """The two ends of a reference band, both inside it."""

    low: float
    high: float


def decimals(sign: VitalSign) -> int:
    """How many decimals a single measurement has on the published charts: one for temperature, none for the others."""
    return 1 if sign.stem == "temperature" else 0


def charted(value: float, places: int) -> float:
    """A value at the precision of the published charts, halves rounded up as the tables do before they look up points."""
    return float(Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def value_of(sign: VitalSign, one: VitalSet) -> float | None:
    """The measurement of a vital sign in a set; None when it was not measured."""
    return getattr(one, sign.reference_column)


def value_text(sign: VitalSign, one: VitalSet) -> str:
    """The measurement with its unit; a dash when it was not measured."""
    value = value_of(sign, one)
    return decimal_text(value, decimals(sign)) if value is None else f"{decimal_text(value, decimals(sign))} {sign.unit}"


def is_news2_age(one: VitalSet) -> bool:
    """Whether the patient is of an age for NEWS2."""
    return one.age_years >= news2_from_years()


def is_without_bands(one: VitalSet) -> bool:
    """Whether NEWS2 is said not to apply to a patient of its age, as in pregnancy: then no adult band holds either."""
    return is_news2_age(one) and one.news2_status.startswith(NOT_APPLICABLE)


def band(sign: VitalSign, one: VitalSet) -> Band | None:
    """The reference band for this vital set; None for a child's other signs, and where NEWS2 is said not to apply."""
    if not is_news2_age(one):
        return child_band(sign.stem, one.age_months)
    if is_without_bands(one):
        return None
    if sign.stem == "spo2" and one.spo2_scale == 2:
        target = table_rows("news2_points", "spo2_scale_2_oxygen", points=0)[0]
        return Band(target.at_least, target.at_most)
    return Band(*adult_reference()[sign.reference_column])


def band_text(sign: VitalSign, one: VitalSet) -> str:
    """51–90, or why there is no band."""
    found = band(sign, one)
    if found is not None:
        scale = ", scale 2" if sign.stem == "spo2" and one.spo2_scale == 2 else ""
        return f"{decimal_text(found.low, decimals(sign))}–{decimal_text(found.high, decimals(sign))}{scale}"
    return "no band" if is_news2_age(one) else f"no band under {news2_from_years()}"


def place(sign: VitalSign, one: VitalSet) -> str | None:
    """within, above or below the band, or no band; None when the sign was not measured.

    On SpO2 scale 2 a saturation over the target scores 0 when it is reached on air, so it counts as within.
    """
    value, found = value_of(sign, one), band(sign, one)
    if value is None or found is None:
        return None if value is None else NO_BAND
    shown = charted(value, decimals(sign))
    if shown < found.low:
        return BELOW
    is_free = sign.stem == "spo2" and one.spo2_scale == 2 and one.is_on_oxygen is False
    return ABOVE if shown > found.high and not is_free else WITHIN


@cache
def news2_from_years() -> int:
    """The age from which NEWS2 applies, from data/reference."""
    return next(int(row["from_years"]) for row in reference_rows("score_ages") if row["score"] == "NEWS2")


@cache
def child_band(stem: str, age_months: int) -> Band | None:
    """The 10th to 90th centile at an age in completed months; None for a vital sign without published centiles."""
    known = reference_rows("fleming_centiles")
    rows = [row for row in known if int(row["from_months"]) <= age_months < int(row["below_months"])]
    if not rows or f"{stem}_p10" not in rows[0]:
        return None
    return Band(float(rows[0][f"{stem}_p10"]), float(rows[0][f"{stem}_p90"]))
