"""A de-identified extract holds nobody: no number, name, day, postal code or high age, and says what was done."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from pipeline.errors import AccessDenied, BadRequest, CheckFailed, ContractBroken
from pipeline.governance.audit import read_log
from pipeline.governance.policy import Viewer
from pipeline.governance.safe_harbor import Surrogates, extract, require_nothing_identifies, white_list
from tests.governance.test_attacks import CANARIES

STEWARD = Viewer("sam", "data_steward")
AS_OF = date(2026, 11, 1)


@pytest.fixture
def extracted(tiny_lake, tmp_path):
    return extract(STEWARD, tmp_path / "out", tiny_lake, as_of=AS_OF)


def part(extracted, name: str) -> pd.DataFrame:
    return pd.read_csv(extracted.folder / f"{name}.csv", dtype={"area": str})


def test_no_identifier_of_anybody_is_in_any_file(extracted):
    text = "\n".join(path.read_text(encoding="utf-8") for path in extracted.folder.glob("*.csv"))
    assert not [canary for canary in (*CANARIES, "Ada", "North", "Cardiology", "Heart failure") if canary in text]


def test_it_holds_everybody_and_their_groups(extracted, tiny_lake):
    patients = part(extracted, "patients")
    assert extracted.rows["patients"] == len(patients) == 5
    assert sorted(patients["sex"]) == ["Female", "Female", "Female", "Male", "Male"]


def test_a_patient_has_the_same_surrogate_in_every_part_and_a_stay_that_of_its_encounter(extracted):
    patients, encounters, stays = (part(extracted, name) for name in ("patients", "encounters", "stays"))
    assert set(encounters["patient_id"]) <= set(patients["patient_id"])
    assert set(stays["patient_id"]) <= set(patients["patient_id"])
    assert set(stays["stay_id"]) <= set(encounters["encounter_id"])


def test_two_extracts_share_no_surrogate(tiny_lake, tmp_path):
    first, second = (extract(STEWARD, tmp_path / name, tiny_lake, as_of=AS_OF) for name in ("one", "two"))
    assert not set(part(first, "patients")["patient_id"]) & set(part(second, "patients")["patient_id"])


def test_of_days_the_year_is_left_and_of_a_high_age_not_even_that(extracted, tiny_lake, tmp_path):
    assert set(part(extracted, "patients")["birth_year"].dropna()) == {1945, 1950, 1960, 1980, 2015}
    later = extract(STEWARD, tmp_path / "later", tiny_lake, as_of=date(2040, 1, 1))
    assert set(part(later, "patients")["birth_year"].dropna()) == {1960, 1980, 2015}


@pytest.mark.parametrize(
    "text",
    [
        "seen 2025-03-02",
        "born 3/4/1950",
        "a@b.org",
        "https://x.org",
        "10.0.0.1",
        "123-45-6789",
        "call 555-123-4567",
        "12345",
        "P-ada",
    ],
)
def test_a_text_that_looks_like_an_identifier_stops_the_extract_without_being_told(text):
    with pytest.raises(CheckFailed, match=r"stays\.disposition") as refusal:
        require_nothing_identifies("stays", pa.table({"disposition": ["Home", text]}), frozenset({"P-ada"}))
    assert text not in str(refusal.value)


def test_a_diagnosis_of_five_digits_is_no_postal_code():
    require_nothing_identifies("stays", pa.table({"diagnosis_code": ["41401"]}), frozenset())


def test_a_role_that_may_not_is_refused_and_nothing_is_written(tiny_lake, tmp_path):
    with pytest.raises(AccessDenied):
        extract(Viewer("ann", "analyst"), tmp_path / "out", tiny_lake)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_is_left_alone(tiny_lake, tmp_path):
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BadRequest, match="not empty"):
        extract(STEWARD, tmp_path, tiny_lake)


def test_it_is_on_record_and_reports_all_eighteen_identifiers(extracted, tiny_lake):
    report = json.loads((extracted.folder / "report.json").read_text(encoding="utf-8"))
    assert len(report["identifiers"]) == 18
    assert "given_name" in report["parts"]["patients"]["left_out"]
    assert "extract" in [line["action"] for line in read_log(tiny_lake.access_log)]


def test_the_same_value_of_two_kinds_has_two_surrogates():
    drawn, same = Surrogates(), pa.chunked_array([["1", "1", None]])
    first, second = drawn.of("patient_id", same).to_pylist(), drawn.of("encounter_id", same).to_pylist()
    assert first[0] == first[1] != second[0]
    assert first[2] is None


def test_a_white_list_that_names_an_unknown_column_is_refused(tmp_path):
    path = tmp_path / "list.yml"
    path.write_text("patients: {from: silver.patients, columns: {nickname: keep}}", encoding="utf-8")
    with pytest.raises(ContractBroken, match="nickname"):
        white_list(path)
