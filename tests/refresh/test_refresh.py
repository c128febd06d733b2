"""What a refresh promises: nothing lost, nothing doubled, everything or nothing visible."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from filelock import FileLock

from pipeline.catalog.contract import load_contracts
from pipeline.errors import CheckFailed, RefreshFailed
from pipeline.lakehouse.publication import read_publication
from pipeline.refresh import build
from pipeline.refresh.launch import start
from pipeline.refresh.ledger import LedgerLine, require_balance
from pipeline.refresh.progress import is_refreshing, latest_run
from pipeline.refresh.run import refresh
from pipeline.settings import REPOSITORY
from tests.conftest import ENCOUNTERS, PATIENTS
from tests.lake import rows_of, versions_of
from tests.refresh.batches import published_rows


def test_the_ledger_balances_for_every_file_at_every_layer(tiny_lake):
    ledger = rows_of(tiny_lake, "ops.row_ledger")
    settled = ledger["accepted_count"] + ledger["quarantined_count"] + ledger["duplicate_count"] + ledger["superseded_count"]
    assert (ledger["received_count"] == settled).all()
    assert set(ledger["layer"]) == {"bronze", "silver", "gold"}
    silver = ledger[ledger["table_name"] == "silver.encounters"].iloc[0]
    assert list(silver[["received_count", "accepted_count", "quarantined_count", "duplicate_count"]]) == [9, 6, 2, 1]


def test_a_ledger_that_does_not_balance_stops_the_run():
    with pytest.raises(CheckFailed, match="2 rows received, 1 accepted"):
        require_balance((LedgerLine("silver", "silver.encounters", "a.csv", 2, 1, 0, 0, 0),))


def test_a_second_refresh_changes_nothing(tiny_lake):
    before = versions_of(tiny_lake)
    publication = tiny_lake.publication_file.read_bytes()
    run = refresh(tiny_lake, requested_by="test")
    assert run.status == "unchanged"
    assert versions_of(tiny_lake) == before
    assert tiny_lake.publication_file.read_bytes() == publication


def test_the_same_content_under_another_name_is_reported_not_loaded(tiny_lake):
    (tiny_lake.landing / "encounters_again.csv").write_text(ENCOUNTERS, encoding="utf-8")
    run = refresh(tiny_lake, requested_by="test")
    assert run.status == "unchanged"
    files = rows_of(tiny_lake, "ops.files").set_index("file_name")
    assert files.loc["encounters_again.csv", "status"] == "repeated"
    assert len(rows_of(tiny_lake, "bronze.encounters")) == 9


def test_a_corrected_file_supersedes_and_the_old_publication_stays_readable(tiny_lake):
    first = read_publication(tiny_lake.publication_file)
    corrected = (
        ENCOUNTERS.splitlines()[0]
        + "\n"
        + ENCOUNTERS.splitlines()[1].replace("Cardiology", "Stroke unit").replace("2025-03-02 11:00:00", "2025-03-05 11:00:00")
    )
    (tiny_lake.landing / "encounters_fix.csv").write_text(corrected + "\n", encoding="utf-8")

    assert refresh(tiny_lake, requested_by="test").status == "succeeded"

    wards = rows_of(tiny_lake, "silver.encounters").set_index("encounter_id")["ward_name"]
    assert wards["E-ada"] == "Stroke unit"
    assert all(file.path.exists() for pinned in first.tables.values() for file in pinned.files)


def test_a_second_file_of_the_same_name_keeps_its_own_lines(tiny_lake):
    more = PATIENTS.splitlines()[0] + "\nP-fay,Fay,Bay,1990-01-01,F,1,,2025-01-01 00:00:00\n"
    (tiny_lake.landing / "patients.csv").write_text(more, encoding="utf-8")
    assert refresh(tiny_lake, requested_by="test").status == "succeeded"
    files = rows_of(tiny_lake, "silver.patients").set_index("patient_id")["_file"]
    assert files["P-ada"] == "patients.csv"
    assert files["P-fay"].startswith("patients.csv (")


def test_a_broken_check_publishes_nothing_and_says_how_many_rows(tiny_lake, monkeypatch):
    before = tiny_lake.publication_file.read_bytes()
    broken = load_contracts()["silver.encounters"].checks[0].__class__("age_years < 60", "stop")
    real = build.check_staged

    def stricter(duck, contract, written):
        contract = contract.__class__(**{**vars(contract), "checks": (broken,)}) if contract.name == "encounters" else contract
        return real(duck, contract, written)

    monkeypatch.setattr(build, "check_staged", stricter)
    run = refresh(tiny_lake, requested_by="test", full=True)

    assert run.status == "failed"
    assert "silver.encounters: 3 of 6 rows break the rule “age_years < 60”" in run.message
    assert tiny_lake.publication_file.read_bytes() == before
    assert latest_run(tiny_lake).status == "failed"
    assert "failed" in set(rows_of(tiny_lake, "ops.runs")["status"])


def test_a_full_rebuild_gives_the_same_rows(tiny_lake):
    before = published_rows(tiny_lake)
    assert refresh(tiny_lake, requested_by="test", full=True).status == "succeeded"
    assert published_rows(tiny_lake) == before


def test_a_table_without_rows_is_published_empty(settings, tiny_landing):
    (tiny_landing / "encounters_2025q1.csv").write_text(
        "\n".join(ENCOUNTERS.splitlines()[index] for index in (0, 6)) + "\n", encoding="utf-8"
    )
    assert refresh(settings, requested_by="test").status == "succeeded"
    published = read_publication(settings.publication_file).tables
    assert (published["gold.high_risk_seniors"].row_count, published["bronze.unreadable_lines"].row_count) == (0, 0)
    assert refresh(settings, requested_by="test").status == "unchanged"


def test_only_one_refresh_at_a_time(tiny_lake):
    with FileLock(tiny_lake.lock_file), pytest.raises(RefreshFailed, match="Another refresh is running"):
        refresh(tiny_lake, requested_by="test")


def test_two_refreshes_at_once_give_one_publication(settings, tiny_landing):
    command = [sys.executable, "-m", "pipeline", "refresh"]
    both = [subprocess.Popen(command, cwd=REPOSITORY, env=settings.child_environment(), stdout=subprocess.PIPE) for _ in range(2)]
    codes = sorted(process.wait(120) for process in both)
    assert codes in ([0, 0], [0, RefreshFailed.exit_code])  # the second found nothing new, or was told that one is running
    assert read_publication(settings.publication_file).number == 1
    assert len(rows_of(settings, "bronze.encounters")) == 9


def test_a_run_that_dies_is_told_as_failed(tiny_lake):
    path = tiny_lake.runs / "000099.jsonl"
    path.write_text(
        '{"event": "run_started", "run_id": "run-99", "requested_by": "x", "at": "2025-01-01T00:00:00+00:00"}\n', encoding="utf-8"
    )
    assert not is_refreshing(tiny_lake)
    assert latest_run(tiny_lake).status == "failed"


def test_killed_in_the_middle_the_next_refresh_finishes_the_work(settings, tiny_landing):
    run_process = subprocess.Popen(
        [sys.executable, "-c", KILLED_AFTER_BRONZE], cwd=REPOSITORY, env=settings.child_environment(), stderr=subprocess.PIPE
    )
    assert run_process.wait(60) == 9, run_process.stderr.read().decode()

    assert refresh(settings, requested_by="test").status == "succeeded"
    assert len(rows_of(settings, "bronze.encounters")) == 9
    ledger = rows_of(settings, "ops.row_ledger")
    assert ledger[ledger["layer"] == "bronze"]["received_count"].sum() == 10 + 7 + 8 + 3 + 1 + 4


def test_started_from_the_screen_it_runs_as_its_own_process(settings, tiny_landing):
    run_id = start(settings, "test")
    assert start(settings, "second click") == run_id
    deadline = time.monotonic() + 60
    while latest_run(settings).status == "running" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (latest_run(settings).status, latest_run(settings).run_id) == ("succeeded", run_id)
    assert latest_run(settings).requested_by == "test"


KILLED_AFTER_BRONZE = """
import os
from pipeline.refresh import run
from pipeline.settings import load_settings
run.record_files = lambda *_: os._exit(9)
run.refresh(load_settings(), requested_by="doomed")
"""
