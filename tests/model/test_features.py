"""A feature says when it is known, and the fingerprint follows what the features are made of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.catalog.contract import AVAILABLE, load_contracts
from pipeline.model.features import FEATURES, feature_columns, features_fingerprint
from pipeline.settings import REFERENCE

CONTRACTS = load_contracts()
NO_FEATURE = {"stay_id", "patient_id", "discharged_at", "stay_month", "not_applicable", "is_eligible"}
TELLS_OF_LATER = ("next_", "follow_up", "readmitted", "return", "is_index", "first_exclusion", "count_reason")


def test_every_column_but_those_that_name_the_stay_is_a_feature():
    assert {column.name for column in CONTRACTS[FEATURES].columns} - NO_FEATURE == {
        column.name for column in feature_columns(CONTRACTS)
    }
    assert {column.available for column in feature_columns(CONTRACTS)} == set(AVAILABLE)


def test_no_feature_is_named_for_what_comes_later():
    assert [column.name for column in feature_columns(CONTRACTS) if any(part in column.name for part in TELLS_OF_LATER)] == []


def test_features_are_numbers_or_words():
    types = {column.type.partition("(")[0] for column in feature_columns(CONTRACTS)}
    assert types == {"integer", "decimal", "varchar"}


@pytest.mark.parametrize("table", [FEATURES, "gold.stay_facts", "gold._stay_labs", "silver.encounters", "silver.stay_encounters"])
def test_another_select_behind_the_features_is_another_fingerprint(table):
    changed = {**CONTRACTS, table: replace(CONTRACTS[table], sql=CONTRACTS[table].sql + " where true")}
    assert features_fingerprint(changed) != features_fingerprint(CONTRACTS)


@pytest.mark.parametrize("table", ["gold.stay_scores", "gold.high_risk_seniors", "gold.readmission_rates"])
def test_a_select_beside_them_is_the_same_fingerprint(table):
    changed = {**CONTRACTS, table: replace(CONTRACTS[table], sql=CONTRACTS[table].sql + " where true")}
    assert features_fingerprint(changed) == features_fingerprint(CONTRACTS)


def test_other_words_in_a_contract_are_the_same_fingerprint():
    changed = {**CONTRACTS, FEATURES: replace(CONTRACTS[FEATURES], description="The same in other words.")}
    assert features_fingerprint(changed) == features_fingerprint(CONTRACTS)


def test_another_row_of_a_code_list_behind_them_is_another_fingerprint(tmp_path, monkeypatch):
    before = features_fingerprint(CONTRACTS)
    for path in REFERENCE.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr("pipeline.model.features.REFERENCE", tmp_path)
    assert features_fingerprint(CONTRACTS) == before
    with (tmp_path / "diagnosis_chapters.csv").open("a", encoding="utf-8") as stream:
        stream.write("ICD-10,U90,U99,Invented,nowhere\n")
    assert features_fingerprint(CONTRACTS) != before
