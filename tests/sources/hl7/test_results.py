"""OBX of ORU messages as vital signs and laboratory results."""

from __future__ import annotations

import pytest

from tests.sources.hl7.written import PID, counted, message, result, rows, visit

ORDER = "OBR|1|||57021-8^CBC^LN|||20250228090000+0000"
HGB = "718-7^Haemoglobin^LN"


def oru(*segments: str) -> str:
    return message("ORU^R01^ORU_R01", PID, visit(), ORDER, *segments)


def test_a_vital_sign_becomes_a_canonical_row(tmp_path):
    assert rows(tmp_path, "vital_signs", oru(result("72"))) == [
        {
            "encounter_id": "V-1", "measured_at": "2025-02-28 10:10:00", "sign": "8867-4", "value": "72", "unit": "/min",
            "updated_at": "2025-02-28 10:00:00",
        }
    ]  # fmt: skip


def test_a_laboratory_result_becomes_a_canonical_row(tmp_path):
    assert rows(tmp_path, "lab_results", oru("OBX|1|NM|718-7^Haemoglobin^LN||12.34567|g/dL|||||F")) == [
        {
            "encounter_id": "V-1", "test_code": "718-7", "collected_at": "2025-02-28 09:00:00", "value": "12.3457",
            "unit": "g/dL", "updated_at": "2025-02-28 10:00:00",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    "code, sign",
    [("8867-4^Heart rate^LN", "8867-4"), ("HR^Pulse^L^8867-4^Heart rate^LN", "8867-4"), ("heart_rate", "heart_rate")],
)
def test_a_sign_is_known_by_its_loinc_code_or_its_canonical_name(code, sign, tmp_path):
    assert [row["sign"] for row in rows(tmp_path, "vital_signs", oru(result("72", code)))] == [sign]


@pytest.mark.parametrize(
    "type_, value, read",
    [
        ("NM", "72", "72"),
        ("NM", "+72.0", "72.0"),
        ("ST", "72", "72"),
        ("ST", "fast", "fast"),
        ("", "72", "72"),
        ("SN", "^72", "72"),
        ("SN", "=^72", "72"),
        ("CWE", "450847001^Responds to pain^SCT", "450847001"),
        ("CE", "A^Alert^L", "A"),
        ("TX", "Y", "Y"),
    ],
)
def test_each_type_of_value_is_handed_on_as_its_number_or_code(type_, value, read, tmp_path):
    assert [row["value"] for row in rows(tmp_path, "vital_signs", oru(result(value, type_=type_)))] == [read]


@pytest.mark.parametrize(
    "sent, reason",
    [
        (result("60~120"), "several values in one field"),
        (result(""), "it has no value"),
        (result('""'), "it has no value"),
        (result(">^72", type_="SN"), "its value is a bound and not a number"),
        (result("^60^-^72", type_="SN"), "its value is a bound and not a number"),
        (result("^", type_="SN"), "it has no value"),
        (result("72", status="X"), "it has no result yet"),
        (result("a^b", type_="RP"), "a type of value that is not used here"),
        (result("positive", HGB, type_="ST"), "a laboratory result that is not a number"),
        (result("12", HGB, status="D"), "it was deleted"),
        (result("12", HGB, status="W"), "it was posted to the wrong patient"),
    ],
)
def test_a_result_without_a_value_of_its_own_is_counted(sent, reason, tmp_path):
    assert counted(tmp_path, oru(sent)) == [("OBX", reason, 1)]


@pytest.mark.parametrize("status", ["D", "W"])
def test_a_vital_sign_that_was_taken_back_takes_the_place_of_what_was_sent_before(status, tmp_path):
    assert [row["value"] for row in rows(tmp_path, "vital_signs", oru(result("72", status=status)))] == ["WITHDRAWN"]


def test_beside_vital_signs_nothing_is_taken_for_a_laboratory_result(tmp_path):
    sent = oru(result("72"), result("180", "8302-2^Body height^LN", unit="cm"))
    assert rows(tmp_path, "lab_results", sent) == []
    assert counted(tmp_path, sent) == [("OBX", "neither a vital sign nor a laboratory result", 1)]


def test_a_test_that_a_score_uses_is_a_laboratory_result_wherever_it_stands(tmp_path):
    assert [row["test_code"] for row in rows(tmp_path, "lab_results", oru(result("72"), result("12", HGB)))] == ["718-7"]


def test_an_order_of_another_department_is_no_laboratory(tmp_path):
    radiology = message("ORU^R01", PID, visit(), "OBR|1|||X^Chest" + "|" * 20 + "RAD", result("12", "1-8^Dose^LN"))
    assert counted(tmp_path, radiology) == [("OBX", "neither a vital sign nor a laboratory result", 1)]


def test_every_order_of_a_message_is_read_with_its_own_time(tmp_path):
    second = "OBR|2|||X^CBC|||20250228120000+0000"
    sent = message("ORU^R01", PID, visit(), ORDER, "OBX|1|NM|718-7^H^LN||12|g/dL", second, "OBX|1|NM|718-7^H^LN||13|g/dL")
    assert [row["collected_at"] for row in rows(tmp_path, "lab_results", sent)] == ["2025-02-28 09:00:00", "2025-02-28 12:00:00"]


def test_a_message_without_a_visit_gives_rows_that_say_so(tmp_path):
    [row] = rows(tmp_path, "vital_signs", message("ORU^R01", "PID|1||77", ORDER, result("72")))
    assert "encounter_id" not in row
