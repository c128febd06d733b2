"""The catalogue says of every table what its contract says, and of every column what the viewer's role sees of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.catalog.contract import load_contracts
from pipeline.governance.policy import GENERALISATIONS, Viewer, load_policy
from pipeline.serving.catalogue import (
    TREATMENT_WORDS,
    catalogue,
    checks_text,
    columns_table,
    entry_caption,
    promises_table,
    tables_table,
)


@pytest.fixture(autouse=True)
def home(shared_tiny_lake, monkeypatch):
    monkeypatch.setenv("MEDIPULSE_HOME", str(shared_tiny_lake.home))


@pytest.mark.parametrize("role", load_policy().roles)
def test_a_role_finds_the_tables_it_may_read_and_no_other(role):
    found = catalogue(Viewer("v", role))
    readable = {name for name, one in load_contracts().items() if not one.is_intermediate and load_policy().may_read(role, name)}
    assert set(found.tables) == readable
    assert found.table_count == len(readable)


def test_rows_version_and_age_are_those_of_the_publication():
    found = catalogue(Viewer("v", "clinician"))
    patients = found.entry("silver.patients")
    assert (patients.row_count, patients.version) == (5, 1)
    line = tables_table([patients], datetime.now(UTC) + timedelta(days=3)).iloc[0]
    assert (line["Rows"], line["Changed"], line["One row per"]) == (5, "3 days ago", "patient")
    assert "5 rows, version 1" in entry_caption(patients)


def test_columns_say_what_the_role_sees_of_them():
    seen = {
        role: columns_table(catalogue(Viewer("v", role)).entry("gold.high_risk_seniors")).set_index("Column")["You see it"]
        for role in ("clinician", "analyst", "auditor")
    }
    assert [seen[role]["patient_id"] for role in seen] == ["Shown", "Pseudonym", "••• Masked"]
    assert [seen[role]["heart_rate_bpm"] for role in seen] == ["Shown", "Shown", "Hidden"]


def test_every_treatment_has_its_word():
    assert set(TREATMENT_WORDS) == {"show", "mask", "hide", *GENERALISATIONS} - {"as it is"}


def test_rules_come_with_their_last_result():
    entry = catalogue(Viewer("v", "clinician")).entry("silver.encounters")
    rules = promises_table(entry)
    assert {"passed"} <= set(rules["Last result"]) <= {"passed", "not applicable"}
    assert {check.that for check in entry.contract.checks} <= set(rules["Rule"])
    tested = sum(one.result != "not applicable" for one in entry.checks)
    assert checks_text(entry) == f"{tested} of {tested} passed"


@pytest.mark.parametrize(
    ("words", "table"), [("NEWS2 class", "gold.high_risk_seniors"), ("oxygen saturation", "silver.vital_sets"), ("zebra", None)]
)
def test_a_search_finds_tables_by_what_their_columns_mean(words, table):
    found = catalogue(Viewer("v", "clinician"), words).tables
    assert (table in found) if table else found == ()
