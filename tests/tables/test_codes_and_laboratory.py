"""What a code means, and how a laboratory result becomes a value in the canonical unit, on the real SQL."""

from __future__ import annotations

import pytest

from tests.tables.golden import built_from, cases_in

CODES = cases_in("code_group_cases")
VISIT = {"patients": [{}], "encounters": [{}]}
MEANINGS = "select code_kind, code_system, code, grouping, group_name from silver.code_meanings"
SPELLINGS = ["I50.9", "i50.9", "I509", " I50.9 "]
FIRST_LINE = 2
KEPT = [
    (("718-7", "12.34", "g/dL"), ("Haemoglobin", 12.34)),
    (("hgb", "123", "G/L"), ("Haemoglobin", 12.3)),
    (("59260-0", "8", "mmol/L"), ("Haemoglobin", 12.89)),
    (("SODIUM", "134", "mEq/L"), ("Sodium", 134)),
    (("2951-2", "134.5", "mmol/L"), ("Sodium", 134.5)),
    (("2823-3", "4.1", "mmol/L"), (None, None)),
]
REFUSED = [
    ({"unit": "stones"}, "unit is not known for Haemoglobin"),
    ({"unit": ""}, "unit is not known for Haemoglobin"),
    ({"value": "130"}, "Haemoglobin is outside 1.0 to 30.0 g/dL"),
    ({"test_code": "SODIUM", "value": "79.9", "unit": "mmol/L"}, "Sodium is outside 80.0 to 220.0 mmol/L"),
    ({"value": "positive"}, "value cannot be read as a number"),
    ({"encounter_id": "E-9"}, "encounter_id is not in any accepted encounters file"),
]


@pytest.fixture(scope="module")
def read():
    """Every spelling and every result of this file in one hospital, each result an hour after the one before."""
    results = [dict(zip(("test_code", "value", "unit"), row, strict=True)) for row, _ in KEPT] + [row for row, _ in REFUSED]
    dated = [row | {"collected_at": f"2025-06-15 {hour:02d}:00:00"} for hour, row in enumerate(results)]
    spelled = [{"diagnosis_rank": str(rank), "code": code} for rank, code in enumerate(SPELLINGS, start=1)]
    return built_from(VISIT | {"diagnoses": spelled, "lab_results": dated})


@pytest.fixture(scope="module")
def meanings():
    """Group names by kind, system, code and grouping."""
    found: dict[tuple[str, ...], set[str]] = {}
    for kind, system, code, grouping, name in built_from(VISIT | _coded()).rows(MEANINGS):
        found.setdefault((kind, system, code, grouping), set()).add(name)
    return found


@pytest.mark.parametrize("case", CODES, ids=[case["says"] for case in CODES])
def test_a_code_belongs_to_the_groups_of_its_definition(case, meanings):
    key = (case["code_kind"], case["code_system"], case["code"], case["grouping"])
    assert "; ".join(sorted(meanings.get(key, set()))) == "; ".join(sorted(filter(None, case["group_names"].split(";"))))


@pytest.mark.parametrize("written", ["I50.9", "i50.9", "I509", " I50.9 "])
def test_one_spelling_of_a_code_is_left(written, read):
    assert read.rows(
        "select diagnosis_code from silver.diagnoses where diagnosis_rank = $rank", {"rank": SPELLINGS.index(written) + 1}
    ) == [("I509",)]


@pytest.mark.parametrize("number", range(len(KEPT)), ids=[" ".join(row) for row, _ in KEPT])
def test_a_result_is_kept_in_the_canonical_unit(number, read):
    [(name, value)] = read.rows(
        "select analyte_name, analyte_value from silver.lab_results where _row = $row", {"row": FIRST_LINE + number}
    )
    assert (name, value if value is None else float(value)) == KEPT[number][1]


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=[reason for _, reason in REFUSED])
def test_a_result_that_cannot_be_true_is_quarantined_with_its_reason(number, read):
    line = FIRST_LINE + len(KEPT) + number
    assert read.rows("select reasons from silver.quarantine where _row = $row", {"row": line}) == [(REFUSED[number][1],)]
    assert read.rows("select count(*) from silver.lab_results where _row = $row", {"row": line}) == [(0,)]


def _coded() -> dict[str, list[dict]]:
    systems = {"ICD-10": "ICD-10-CM", "ICD-9": "ICD-9-CM", "ICD-9-PROC": "ICD-9-CM"}
    numbered = [(str(rank), case) for rank, case in enumerate(CODES, start=1)]
    return {
        feed: [
            {rank_name: rank, "code": case["code"], "code_system": systems.get(case["code_system"], case["code_system"])}
            for rank, case in numbered
            if case["code_kind"] == kind
        ]
        for feed, kind, rank_name in (("diagnoses", "Diagnosis", "diagnosis_rank"), ("procedures", "Procedure", "procedure_rank"))
    }
