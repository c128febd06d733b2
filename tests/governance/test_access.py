"""The door: one SELECT over tables the role may read, columns as the role may see them, every read logged."""

from __future__ import annotations

import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from pipeline.errors import AccessDenied, BadRequest, MediPulseError, NotPublished
from pipeline.governance.access import logged_together, publication, read, record_action
from pipeline.governance.audit import read_log
from pipeline.governance.audit_key import load_key
from pipeline.governance.policy import Viewer, load_policy
from pipeline.governance.treatments import MASK
from pipeline.lakehouse.publication import read_publication, write_publication
from pipeline.refresh.run import refresh

WORKLIST = "select patient_id, age_years, arrived_at, heart_rate_bpm from gold.high_risk_seniors"
ANALYST = Viewer("ana", "analyst")
CLINICIAN = Viewer("cleo", "clinician")


def test_a_clinician_sees_the_worklist(shared_tiny_lake):
    rows = read(CLINICIAN, WORKLIST, purpose="test", settings=shared_tiny_lake)
    assert rows.to_dict("records")[0] | {"arrived_at": None} == {
        "patient_id": "P-ada",
        "age_years": 75,
        "arrived_at": None,
        "heart_rate_bpm": 121.0,
    }


def test_an_analyst_sees_it_under_a_pseudonym_and_by_the_year(shared_tiny_lake):
    row = read(ANALYST, WORKLIST, purpose="test", settings=shared_tiny_lake).iloc[0]
    assert re.fullmatch("[0-9a-f]{16}", row["patient_id"]) and row["age_years"] == 75
    assert row["arrived_at"] == "2025"


def test_an_auditor_sees_no_clinical_value(shared_tiny_lake):
    row = read(Viewer("aud", "auditor"), WORKLIST, purpose="test", settings=shared_tiny_lake).iloc[0]
    assert row.isna()["heart_rate_bpm"] and row["patient_id"] == MASK


@pytest.mark.parametrize(
    "trick",
    [
        "select g.patient_id from gold.high_risk_seniors as g",
        "with silver as (select patient_id from gold.high_risk_seniors) select patient_id from silver",
        "select patient_id from (select * from gold.high_risk_seniors) as x",
        "select patient_id from gold.encounter_risks union all select patient_id from gold.high_risk_seniors",
        "select max(patient_id) as patient_id from gold.encounter_risks where patient_id like 'P-%' or true",
        "select upper(patient_id) as patient_id from gold.encounter_risks",
        "select a.patient_id from gold.encounter_risks a join gold.high_risk_seniors b on a.patient_id = b.patient_id",
    ],
)
def test_no_wording_reaches_behind_the_mask(trick, shared_tiny_lake):
    rows = read(Viewer("aud", "auditor"), trick, purpose="test", settings=shared_tiny_lake)
    assert set(rows["patient_id"]) == {MASK}


@pytest.mark.parametrize(
    "attack",
    [
        "select * from silver.patients",
        "select * from read_csv('/etc/passwd')",
        "select * from read_parquet('/tmp/*.parquet')",
        "select * from '/etc/passwd'",
        "select * from query('select 1')",
        "select * from query_table('silver.patients')",
        "select * from duckdb_views()",
        "select * from information_schema.tables",
        "select * from gold.nothing",
        "select * from gold._latest_vital_sets",
        "select * from main.gold.high_risk_seniors",
        "select getenv('HOME')",
        "select current_setting('allowed_directories')",
        "drop table gold.demographics",
        "copy (select 1) to '/tmp/x'",
        "attach '/tmp/x.db'",
        "set enable_external_access = true",
        "select 1; select 2",
        "pragma version",
        "not sql at all (",
        "",
    ],
)
def test_nothing_else_can_be_asked(attack, shared_tiny_lake):
    with pytest.raises((AccessDenied, BadRequest)):
        read(ANALYST, attack, purpose="test", settings=shared_tiny_lake)


def test_the_engine_behind_the_door_reaches_only_the_lake(shared_tiny_lake):
    from pipeline.lakehouse.reader import open_published

    for reach in ("select * from read_csv('/etc/passwd')", "select * from glob('/*')", "set lock_configuration = false"):
        with pytest.raises(MediPulseError):
            open_published(shared_tiny_lake).query(reach)


def test_a_role_outside_the_policy_is_refused(shared_tiny_lake):
    with pytest.raises(AccessDenied, match="no role in the policy"):
        read(Viewer("eve", "visitor"), WORKLIST, purpose="test", settings=shared_tiny_lake)


def test_every_read_and_every_refusal_is_logged_without_values(tiny_lake):
    read(ANALYST, WORKLIST, purpose="worklist", settings=tiny_lake)
    with pytest.raises(AccessDenied):
        read(ANALYST, "select * from silver.patients", purpose="curious", settings=tiny_lake)
    with pytest.raises(AccessDenied):
        record_action(ANALYST, "refresh", "refresh the pipeline", tiny_lake)

    allowed, denied, refused = read_log(tiny_lake.access_log)
    assert (allowed["outcome"], allowed["row_count"], allowed["tables"]) == ("allowed", 1, ["gold.high_risk_seniors@1"])
    assert "gold.high_risk_seniors.patient_id" in allowed["masked_columns"]
    assert (denied["outcome"], denied["viewer"], refused["action"]) == ("denied", "ana", "refresh")
    assert "P-ada" not in str((allowed, denied, refused))


@pytest.mark.parametrize("attempt", ["update access_log set body = '{}'", "delete from access_log"])
def test_the_log_keeps_its_lines(attempt, tiny_lake):
    read(ANALYST, WORKLIST, purpose="test", settings=tiny_lake)
    with pytest.raises(sqlite3.IntegrityError, match="append only"):
        sqlite3.connect(tiny_lake.access_log).execute(attempt)


def test_before_the_first_publication_the_door_says_what_to_do(settings):
    with pytest.raises(NotPublished, match="python -m pipeline refresh"):
        read(CLINICIAN, WORKLIST, purpose="test", settings=settings)


def test_readers_move_to_a_new_publication_and_keep_the_last_good_one(tiny_lake):
    assert publication(CLINICIAN, tiny_lake).number == 1
    refresh(tiny_lake, requested_by="test", full=True)
    assert publication(CLINICIAN, tiny_lake).number == 2


def test_the_policy_names_only_pages_that_exist():
    from pipeline.settings import REPOSITORY

    pages = {page for role in load_policy().roles for page in load_policy().pages(role)}
    assert {page for page in pages if not (REPOSITORY / "pages" / f"{page}.py").exists()} == set()


def test_the_log_of_a_home_that_was_moved_away_is_begun_anew(tiny_lake):
    read(ANALYST, WORKLIST, purpose="before", settings=tiny_lake)
    tiny_lake.access_log.parent.rename(tiny_lake.home / "archive")
    read(ANALYST, WORKLIST, purpose="after", settings=tiny_lake)
    assert [line["purpose"] for line in read_log(tiny_lake.access_log)] == ["after"]


def test_many_threads_lose_no_line(tiny_lake):
    with ThreadPoolExecutor(8) as readers:
        list(readers.map(lambda _: read(ANALYST, WORKLIST, purpose="test", settings=tiny_lake), range(64)))
    assert [line["sequence"] for line in read_log(tiny_lake.access_log)] == list(range(1, 65))


def test_a_table_that_an_older_version_did_not_publish_asks_for_a_refresh(tiny_lake):
    published = read_publication(tiny_lake.publication_file)
    older = {table: version for table, version in published.tables.items() if table != "gold.readmission_rates"}
    write_publication(tiny_lake.publication_file, replace(published, tables=older))
    assert not read(ANALYST, "select * from gold.demographics", purpose="test", settings=tiny_lake).empty
    with pytest.raises(NotPublished, match="Refresh the data"):
        read(ANALYST, "select * from gold.readmission_rates", purpose="test", settings=tiny_lake)


def test_reads_inside_one_page_are_logged_in_one_step_and_before_it_is_shown(tiny_lake):
    @logged_together()
    def page() -> int:
        read(ANALYST, WORKLIST, purpose="one", settings=tiny_lake)
        read(CLINICIAN, WORKLIST, purpose="two", settings=tiny_lake)
        return len(read_log(tiny_lake.access_log))

    assert page() == 0
    assert [line["purpose"] for line in read_log(tiny_lake.access_log)] == ["one", "two"]


def test_reads_of_a_page_that_fails_are_logged_all_the_same(tiny_lake):
    def broken_page() -> None:
        with logged_together(), logged_together():
            read(ANALYST, WORKLIST, purpose="one", settings=tiny_lake)
            read(ANALYST, "select * from silver.patients", purpose="two", settings=tiny_lake)

    with pytest.raises(AccessDenied):
        broken_page()
    assert [line["outcome"] for line in read_log(tiny_lake.access_log)] == ["allowed", "denied"]


ONE_PATIENT = "select sex from silver.patients where patient_id = $patient_id"


@pytest.mark.parametrize(
    ("viewer", "sql", "parameters", "concerned"),
    [
        (CLINICIAN, WORKLIST, {}, ("P-ada",)),
        (ANALYST, WORKLIST, {}, ()),
        (CLINICIAN, ONE_PATIENT, {"patient_id": "P-nobody-knows"}, ("P-nobody-knows",)),
        (CLINICIAN, "select sex from gold.demographics", {}, None),
    ],
)
def test_a_read_is_on_record_with_the_patients_it_shows_or_was_asked_for(viewer, sql, parameters, concerned, tiny_lake):
    read(viewer, sql, parameters, purpose="test", settings=tiny_lake)
    (line,) = read_log(tiny_lake.access_log)
    key = load_key(tiny_lake.audit_key_file, may_begin=False)
    assert line["patients"] == key.pseudonyms(concerned or ())
    assert line["patient_count"] == (None if concerned is None else len(concerned))
    assert line["filters"] == list(parameters)
