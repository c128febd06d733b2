"""The scores of one vital set, opened: NEWS2, qSOFA and shock index from 16 years on, rates for age and hypotension below.

Pure. Every score comes from silver.vital_sets; what is looked up here is only the row of the published table behind it.
"""

from __future__ import annotations

from pipeline.serving.groups import VitalSign
from pipeline.serving.patient.bands import (
    CHARTED_SIGNS,
    band_text,
    charted,
    decimals,
    is_news2_age,
    value_of,
    value_text,
)
from pipeline.serving.patient.header import NOT_ASSESSED
from pipeline.serving.patient.kinds import VitalSet
from pipeline.serving.patient.points import row_text, table_rows
from pipeline.serving.patient.scores import NOT_APPLICABLE, NOT_MEASURED, Score, ScorePart, points_text, yes_or_no
from pipeline.serving.wording import MINUS, UNKNOWN, decimal_text
from pipeline.serving.worklist import NEWS2_PARAMETERS, SEVERITY_TEXTS

NEWS2_NOTE = "National Early Warning Score 2, Royal College of Physicians 2017, reproduced with acknowledgement."
QSOFA_NOTE = (
    "Sepsis-3: two or more are positive. The Surviving Sepsis Campaign 2021 advises against qSOFA as the sole screen for sepsis."
)
SHOCK_INDEX_NOTE = (
    "Heart rate divided by systolic blood pressure. Older age, hypertension and beta- or calcium-channel blockers "
    "weaken what it says. The limits for 4 to 16 years come from blunt trauma (SIPA, Acker 2015)."
)
CHILD_NOTE = (
    "Standard deviations from the median of healthy children of the same age, awake and at rest (Fleming, Lancet 2011). "
    "Fever, crying or activity raise both rates."
)
HYPOTENSION_NOTE = (
    "Lower limit of systolic blood pressure for the age: Pediatric Advanced Life Support, American Heart Association."
)

QSOFA_PARAMETERS = 3
CHILD_PARAMETERS = 3
SHOCK_INDEX_PARAMETERS = 2
CONSCIOUSNESS = {"A": "Alert", "C": "New confusion", "V": "Responds to voice", "P": "Responds to pain", "U": "Unresponsive"}

_SIGNS = {sign.stem: sign for sign in CHARTED_SIGNS}
_HEART_RATE, _RESPIRATORY_RATE, _SYSTOLIC_BP = (_SIGNS[stem] for stem in ("heart_rate", "respiratory_rate", "systolic_bp"))


def scores(one: VitalSet) -> tuple[Score, ...]:
    """Every score, those for the patient's age first; the others say that they do not apply."""
    for_children = (severity_for_age(one), hypotension(one))
    if is_news2_age(one):
        return news2(one), qsofa(one), shock_index(one)
    return *for_children, shock_index(one), news2(one), qsofa(one)


def news2(one: VitalSet) -> Score:
    """NEWS2 with its seven parameters."""
    parts = (
        _news2_part(_RESPIRATORY_RATE, one, "respiratory_rate", one.respiratory_rate_points),
        _news2_part(_SIGNS["spo2"], one, _spo2_table(one), one.spo2_points),
        ScorePart("Air or oxygen", _oxygen(one), points_text(one.oxygen_points), "oxygen 2, air 0"),
        _news2_part(_SYSTOLIC_BP, one, "systolic_bp", one.systolic_bp_points),
        _news2_part(_HEART_RATE, one, "pulse", one.pulse_points),
        ScorePart(
            "Consciousness", CONSCIOUSNESS.get(one.consciousness_code or "", UNKNOWN), points_text(one.consciousness_points),
            "alert 0, any other 3",
        ),
        _news2_part(_SIGNS["temperature"], one, "temperature", one.temperature_points),
    )  # fmt: skip
    result = UNKNOWN
    if one.news2_score is not None:
        result = f"{one.news2_score} · {SEVERITY_TEXTS.get(one.severity_name, one.severity_name)}"
    return Score(
        "NEWS2", result, one.news2_status, _measured(one.news2_parameter_count, NEWS2_PARAMETERS), _opened(one.news2_status, parts),
        ("Parameter", "Points", "Band"), NEWS2_NOTE,
    )  # fmt: skip


def _news2_part(sign: VitalSign, one: VitalSet, table: str, points: int | None) -> ScorePart:
    value, places = value_of(sign, one), decimals(sign)
    rule = "" if value is None else row_text("news2_points", table, charted(value, places), places)
    name = f"{sign.name}, scale {one.spo2_scale}" if sign.stem == "spo2" and one.spo2_scale is not None else sign.name
    return ScorePart(name, value_text(sign, one), points_text(points), rule)


def _spo2_table(one: VitalSet) -> str:
    if one.spo2_scale != 2:
        return "spo2_scale_1"
    return {True: "spo2_scale_2_oxygen", False: "spo2_scale_2_air", None: "spo2_scale_2_unknown"}[one.is_on_oxygen]


def _oxygen(one: VitalSet) -> str:
    return {True: "Oxygen", False: "Air", None: UNKNOWN}[one.is_on_oxygen]


def qsofa(one: VitalSet) -> Score:
    """qSOFA with its three questions."""
    altered = None if one.consciousness_code is None else one.consciousness_code != "A"
    parts = (
        _qsofa_part(_RESPIRATORY_RATE, one),
        _qsofa_part(_SYSTOLIC_BP, one),
        ScorePart("Altered mentation", CONSCIOUSNESS.get(one.consciousness_code or "", UNKNOWN), yes_or_no(altered), "not alert"),
    )
    result = UNKNOWN if one.qsofa_score is None else f"{one.qsofa_score} of {QSOFA_PARAMETERS} met"
    return Score(
        "qSOFA", result, one.qsofa_status, _measured(one.qsofa_parameter_count, QSOFA_PARAMETERS), _opened(one.qsofa_status, parts),
        ("Question", "Met", "Limit"), QSOFA_NOTE,
    )  # fmt: skip


def _qsofa_part(sign: VitalSign, one: VitalSet) -> ScorePart:
    value, limit = value_of(sign, one), table_rows("qsofa_limits", sign.stem)[0]
    met = None if value is None else limit.holds(charted(value, 0))
    return ScorePart(sign.name, value_text(sign, one), yes_or_no(met), limit.text())


def _opened(status: str, parts: tuple[ScorePart, ...]) -> tuple[ScorePart, ...]:
    """The parts, unless the score is not for this patient."""
    return () if status.startswith(NOT_APPLICABLE) else parts


def shock_index(one: VitalSet) -> Score:
    """Heart rate over systolic blood pressure, beside the limit for the age."""
    result = UNKNOWN
    if one.shock_index is not None:
        side = {True: "above", False: "not above", None: "no"}[one.is_shock_index_high]
        limit = "limit for the age" if one.shock_index_limit is None else f"the limit of {one.shock_index_limit:g} for the age"
        rest = f"{value_text(_HEART_RATE, one)} over {value_text(_SYSTOLIC_BP, one)}"
        result = f"{decimal_text(one.shock_index, 2)} · {side} {limit} · {rest}"
    present = sum(value is not None for value in (one.heart_rate_bpm, one.systolic_bp_mmhg))
    measured = "" if one.shock_index_status.startswith(NOT_APPLICABLE) else _measured(present, SHOCK_INDEX_PARAMETERS)
    return Score("Shock index", result, one.shock_index_status, measured, (), ("", "", ""), SHOCK_INDEX_NOTE)


def severity_for_age(one: VitalSet) -> Score:
    """A child's heart and respiratory rate in standard deviations from the median of the age, and the blood pressure."""
    limit = "" if one.systolic_bp_low_limit is None else f"low under {one.systolic_bp_low_limit:g}"
    low = NOT_MEASURED if one.is_hypotensive is None else "low" if one.is_hypotensive else "not low"
    parts = (
        _rate_part(_HEART_RATE, one, one.heart_rate_z),
        _rate_part(_RESPIRATORY_RATE, one, one.respiratory_rate_z),
        ScorePart(_SYSTOLIC_BP.name, value_text(_SYSTOLIC_BP, one), low, limit),
    )
    result = UNKNOWN if one.severity_name == NOT_ASSESSED else one.severity_name.replace("-", "–")
    return Score(
        "Severity for age", result, one.child_severity_status, _measured(one.child_parameter_count, CHILD_PARAMETERS),
        _opened(one.child_severity_status, parts), ("Sign", "From median", "10th–90th centile"), CHILD_NOTE,
    )  # fmt: skip


def _rate_part(sign: VitalSign, one: VitalSet, z: float | None) -> ScorePart:
    return ScorePart(sign.name, value_text(sign, one), _z_text(z), band_text(sign, one))


def hypotension(one: VitalSet) -> Score:
    """A child's systolic blood pressure beside the lower limit for the age."""
    result = UNKNOWN
    if one.is_hypotensive is not None:
        side = "below" if one.is_hypotensive else "not below"
        result = f"{side} the limit of {one.systolic_bp_low_limit:g} {_SYSTOLIC_BP.unit} for the age"
    present = int(one.systolic_bp_mmhg is not None)
    return Score("Hypotension for age", result, one.hypotension_status, _measured(present, 1), (), ("", "", ""), HYPOTENSION_NOTE)


def _measured(count: int | None, out_of: int) -> str:
    return "" if count is None else f"{count} of {out_of} measured"


def _z_text(z: float | None) -> str:
    if z is None:
        return UNKNOWN
    return f"{'+' if z >= 0 else MINUS}{abs(z):.1f} SD"
