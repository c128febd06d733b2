"""OBX as vital signs and laboratory results of the visit of their message."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.sources.hl7.people_and_visits import visit_number
from pipeline.sources.hl7.segments import DELETED, Parsed, Segment
from pipeline.sources.hl7.times import Clock
from pipeline.sources.known_codes import lab_test_codes, vital_sign_codes
from pipeline.sources.numbers import canonical_number, is_number
from pipeline.sources.records import NotUnderstood, Record
from pipeline.sources.withdrawn import WITHDRAWN

LOINC = {"LN", "LOINC"}
LABORATORY = {"", "LAB", "CH", "HM", "SR", "CG", "BLB", "GE", "IMM", "TX", "BG"}
"""OBR-24: sections of a laboratory; most senders leave it empty."""

WITHDRAWN_STATUSES = {"D": "it was deleted", "W": "it was posted to the wrong patient"}
NO_RESULT_STATUSES = {"X", "I", "N", "O"}
NUMERIC, CODED = {"NM", "SN", "ST", ""}, {"CE", "CWE", "CNE", "IS", "ID"}


class NotUsed(Exception):
    """Why an OBX gives no record."""


def results(message: Parsed, clock: Clock, updated_at: str) -> Iterator[Record | NotUnderstood]:
    """One record for each OBX that is a vital sign or a laboratory number."""
    order: Segment | None = None
    held: list[Segment] = []
    for segment in message.segments:
        if segment.name == "OBR":
            yield from _of_order(order, held, message, clock, updated_at)
            order, held = segment, []
        elif segment.name == "OBX":
            held.append(segment)
    yield from _of_order(order, held, message, clock, updated_at)


def _of_order(
    order: Segment | None, held: list[Segment], message: Parsed, clock: Clock, updated_at: str
) -> Iterator[Record | NotUnderstood]:
    """Beside a vital sign, what is none is a sign that is not used and no laboratory result, unless its code is one of a test."""
    has_signs = any(_sign(one) for one in held)
    is_laboratory = not has_signs and order is not None and order.text(24).upper() in LABORATORY
    for one in held:
        taken = clock.utc(one.text(14) or (order.text(7) if order else ""))
        common = {"encounter_id": visit_number(message), "unit": one.text(6).replace(DELETED, ""), "updated_at": updated_at}
        try:
            yield _record(one, taken, common, is_laboratory=is_laboratory)
        except NotUsed as reason:
            yield NotUnderstood("OBX", str(reason))


def _record(one: Segment, taken: str, common: dict[str, str], *, is_laboratory: bool) -> Record:
    sign, status = _sign(one), one.text(11).upper()
    if status in WITHDRAWN_STATUSES and sign:
        return Record("vital_signs", one.row, common | {"measured_at": taken, "sign": sign, "value": WITHDRAWN}, str(one))
    if status in WITHDRAWN_STATUSES:
        raise NotUsed(WITHDRAWN_STATUSES[status])
    if status in NO_RESULT_STATUSES:
        raise NotUsed("it has no result yet")
    if not sign and not is_laboratory and not any(code.upper() in lab_test_codes() for _, code in _codes(one)):
        raise NotUsed("neither a vital sign nor a laboratory result")
    value = _value(one)
    if sign:
        return Record("vital_signs", one.row, common | {"measured_at": taken, "sign": sign, "value": value}, str(one))
    if not is_number(value):
        raise NotUsed("a laboratory result that is not a number")
    return Record("lab_results", one.row, common | {"collected_at": taken, "test_code": _test(one), "value": value}, str(one))


def _codes(one: Segment) -> list[tuple[str, str]]:
    """System and code of OBX-3 and of its alternative."""
    return [(one.text(3, system).upper(), one.text(3, code)) for code, system in ((1, 3), (4, 6)) if one.text(3, code)]


def _sign(one: Segment) -> str:
    """The vital sign an OBX is, by its LOINC code or by the name of the canonical feed; empty when it is none."""
    known = vital_sign_codes()
    return next((code for system, code in _codes(one) if code.upper() in known and (system in LOINC or "-" not in code)), "")


def _test(one: Segment) -> str:
    found = _codes(one)
    return next((code for system, code in found if system in LOINC), found[0][1] if found else "")


def _value(one: Segment) -> str:
    type_ = one.text(2).upper()
    if one.repetitions(5) > 1:
        raise NotUsed("several values in one field")
    if type_ == "SN":
        return _structured(one)
    value = one.text(5)
    if value in ("", DELETED):
        raise NotUsed("it has no value")
    if type_ in NUMERIC:
        return canonical_number(value)
    if type_ in CODED or type_ in ("TX", "FT"):
        return value
    raise NotUsed("a type of value that is not used here")


def _structured(one: Segment) -> str:
    """A structured number counts where it is one number: no bound, no range, no ratio."""
    bound, number, between, second = (one.text(5, part) for part in (1, 2, 3, 4))
    if bound not in ("", "=") or between or second:
        raise NotUsed("its value is a bound and not a number")
    if not number:
        raise NotUsed("it has no value")
    return canonical_number(number)
