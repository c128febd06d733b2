"""Vital signs that come one at a time: what each becomes, and how those of one time make a set, on the real SQL.

Every case of the CSV is a row of a vital_signs file: fields of the raw file, then, after =, what became of it.
"""

from __future__ import annotations

import pytest

from tests.tables.golden import built_from, cases_in

CASES = {case["says"]: case for case in cases_in("vital_sign_cases")}
FIRST_LINE = 2
SENT = ("sign", "value", "unit")
TEN, ELEVEN = "2025-06-15 10:00:00", "2025-06-15 11:00:00"
SIGNS = "heart_rate_bpm, systolic_bp_mmhg, diastolic_bp_mmhg, temperature_c, is_on_oxygen, consciousness_code, _file, _row"


@pytest.fixture(scope="module")
def read():
    """Every case at a time of its own, in one encounter."""
    rows = [
        {"measured_at": f"2025-06-15 10:{minute:02d}:00"} | {field: case[field] for field in SENT}
        for minute, case in enumerate(CASES.values())
    ]
    return built_from({"patients": [{}], "encounters": [{}], "vital_signs": rows})


@pytest.mark.parametrize("says", CASES)
def test_a_sign_is_kept_in_its_canonical_unit_or_quarantined_with_its_reason(says, read):
    line, case = {"row": FIRST_LINE + list(CASES).index(says)}, CASES[says]
    kept = read.rows("select sign_name, sign_value, sign_code from silver.vital_signs where _row = $row", line)
    refused = read.rows("select reasons from silver.quarantine where _row = $row and feed = 'vital_signs'", line)
    assert [tuple("" if value is None else str(value) for value in row) for row in kept] == (
        [(case["=sign_name"], case["=sign_value"], case["=sign_code"])] if case["=sign_name"] else []
    )
    assert refused == ([(case["=reason"],)] if case["=reason"] else [])


def test_the_signs_of_one_time_make_one_set_whatever_order_they_come_in():
    rows = [("diastolic_bp", "10", "kPa"), ("heart_rate", "80", "/min"), ("systolic_bp", "120", "mm[Hg]"), ("on_oxygen", "Y", "")]
    later = [("temperature", "98.6", "[degF]"), ("consciousness", "V", "")]
    duck = _hospital(vital_signs=[*(_sign(TEN, *row) for row in rows), *(_sign(ELEVEN, *row) for row in later)])
    assert _sets(duck) == [
        (TEN, "80.00", "120.00", "75.01", "", "True", "", "", ""),
        (ELEVEN, "", "", "", "37.00", "", "V", "", ""),
    ]


def test_a_set_put_together_is_scored_like_one_that_was_sent():
    signs = {"heart_rate": "131", "respiratory_rate": "25", "systolic_bp": "90", "temperature": "39.1", "spo2": "88"}
    coded = {"on_oxygen": "Y", "consciousness": "A", "spo2_scale": "2"}
    duck = _hospital(vital_signs=[_sign(TEN, sign, value, "") for sign, value in (signs | coded).items()])
    scored = "select news2_score, news2_status, spo2_scale, severity_name from silver.vital_sets"
    assert duck.rows(scored) == [(13, "computed", 2, "High")]


def test_a_set_that_was_sent_for_the_same_time_stands_as_it_was_sent():
    sent = {"measured_at": TEN, "heart_rate": "70", "systolic_bp": "", "diastolic_bp": "", "temperature": "", "on_oxygen": ""}
    signs = [_sign(TEN, "heart_rate", "99", ""), _sign(TEN, "systolic_bp", "120", ""), _sign(ELEVEN, "heart_rate", "98", "")]
    duck = _hospital(vital_sets=[sent | {"consciousness": ""}], vital_signs=signs)
    assert _sets(duck) == [
        (TEN, "70.00", "", "", "", "", "", "vital_sets.csv", "2"),
        (ELEVEN, "98.00", "", "", "", "", "", "", ""),
    ]
    assert duck.rows("select count(*) from silver.vital_signs") == [(3,)]


def test_a_set_that_was_refused_leaves_its_time_to_the_signs():
    duck = _hospital(vital_sets=[{"measured_at": TEN, "heart_rate": "16"}], vital_signs=[_sign(TEN, "heart_rate", "88", "")])
    assert _sets(duck) == [(TEN, "88.00", "", "", "", "", "", "", "")]


def test_two_signs_of_one_time_do_not_supersede_each_other():
    duck = _hospital(vital_signs=[_sign(TEN, "heart_rate", "80", ""), _sign(TEN, "temperature", "37", "Cel")])
    assert duck.rows("select count(*) from silver.repeated_rows") == [(0,)]


def test_the_newest_version_of_one_sign_counts_under_whichever_of_its_names():
    corrected = _sign(TEN, "8867-4", "81", "/min") | {"updated_at": "2025-06-16 08:00:00"}
    duck = _hospital(vital_signs=[_sign(TEN, "heart_rate", "80", ""), corrected, _sign(TEN, "heart_rate", "80", "")])
    assert _sets(duck) == [(TEN, "81.00", "", "", "", "", "", "", "")]
    fates = "select _row, fate, kept_row from silver.repeated_rows order by _row"
    assert duck.rows(fates) == [(2, "superseded", 3), (4, "superseded", 3)]


def test_a_value_that_is_withdrawn_is_gone_and_told():
    withdrawn = _sign(TEN, "heart_rate", "WITHDRAWN", "") | {"updated_at": "2025-06-16 08:00:00"}
    duck = _hospital(vital_signs=[_sign(TEN, "heart_rate", "80", ""), withdrawn])
    assert _sets(duck) == []
    assert duck.rows("select _row, reasons from silver.quarantine") == [(3, "the sender withdrew the value")]
    assert duck.rows("select _row, fate from silver.repeated_rows") == [(2, "superseded")]


def test_an_encounter_that_is_cancelled_is_gone_and_its_signs_wait():
    cancelled = {"encounter_class": "CANCELLED", "updated_at": "2025-06-16 08:00:00"}
    duck = built_from({"patients": [{}], "encounters": [{}, cancelled], "vital_signs": [_sign(TEN, "heart_rate", "80", "")]})
    assert duck.rows("select count(*) from silver.encounters") == [(0,)]
    refused = duck.rows("select feed, reasons from silver.quarantine order by feed")
    assert refused == [
        ("encounters", "the encounter was cancelled"),
        ("vital_signs", "encounter_id is not in any accepted encounters file"),
    ]


def test_a_sign_sent_twice_unchanged_is_a_duplicate():
    duck = _hospital(vital_signs=[_sign(TEN, "heart_rate", "80", "")] * 2)
    assert duck.rows("select _row, fate, kept_row from silver.repeated_rows") == [(3, "duplicate", 2)]


@pytest.mark.parametrize("diastolic, unit", [("120", "mm[Hg]"), ("121", ""), ("16", "kPa")])
def test_a_pair_of_pressures_that_cannot_be_one_is_quarantined_and_the_rest_of_its_time_is_not(diastolic, unit):
    rows = [_sign(TEN, "systolic_bp", "120", ""), _sign(TEN, "diastolic_bp", diastolic, unit), _sign(TEN, "heart_rate", "80", "")]
    duck = _hospital(vital_signs=rows)
    assert _sets(duck) == [(TEN, "80.00", "", "", "", "", "", "", "")]
    reasons = "select _row, reasons, encounter_id from silver.quarantine order by _row"
    assert duck.rows(reasons) == [(line, "diastolic_bp is not below systolic_bp", "E-1") for line in (2, 3)]


def test_a_sign_of_an_encounter_that_nobody_sent_waits_in_quarantine():
    duck = _hospital(vital_signs=[_sign(TEN, "heart_rate", "80", "") | {"encounter_id": "E-9"}])
    assert _sets(duck) == []
    refused = duck.rows("select feed, _row, encounter_id, reasons from silver.quarantine")
    assert refused == [("vital_signs", 2, "E-9", "encounter_id is not in any accepted encounters file")]


def _hospital(**feeds):
    return built_from({"patients": [{}], "encounters": [{}], **feeds})


def _sign(at: str, sign: str, value: str, unit: str) -> dict[str, str]:
    return {"measured_at": at, "sign": sign, "value": value, "unit": unit}


def _sets(duck) -> list[tuple[str, ...]]:
    """Time, then the signs of SIGNS, as text; nothing is an empty text."""
    found = duck.rows(f"select measured_at, {SIGNS} from silver.vital_sets order by measured_at")
    return [tuple("" if value is None else str(value) for value in row) for row in found]
