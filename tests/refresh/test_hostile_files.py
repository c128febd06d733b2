"""Nothing that lands stops a refresh, and nothing vanishes: a file is refused with a reason or all its rows are settled."""

from __future__ import annotations

import time

import pytest

from pipeline.refresh.run import refresh
from tests.conftest import land_tiny_hospital
from tests.lake import rows_of
from tests.refresh.foreign import abroad
from tests.refresh.hostile import hostile_files

pytestmark = pytest.mark.slow

FILES = 1_100
SEED = 20261125
CPU_LIMIT_SECONDS = 120
"""Of this process, so that what else the machine does is not counted. About 60 on two cores."""


@pytest.fixture(scope="module")
def besieged(tmp_path_factory):
    """The tiny hospital after a refresh among a thousand hostile files, the run, and the seconds of CPU it took."""
    settings = abroad(tmp_path_factory.mktemp("hostile"))
    land_tiny_hospital(settings)
    for name, content in hostile_files(SEED, FILES):
        (settings.landing / name).write_bytes(content)
    started = time.process_time()
    run = refresh(settings, requested_by="test")
    return settings, run, time.process_time() - started


def test_the_refresh_goes_through_in_time(besieged):
    _, run, seconds = besieged
    assert run.status == "succeeded", run.message
    assert seconds < CPU_LIMIT_SECONDS


def test_every_file_is_on_record_and_every_refused_one_has_a_reason(besieged):
    settings, _, _ = besieged
    files = rows_of(settings, "ops.files")
    landed = {path.name for path in settings.landing.iterdir()}
    assert {name.partition(" (")[0] for name in files["file_name"]} >= {name.partition(" (")[0] for name in landed}
    assert set(files["status"]) == {"loaded", "refused", "repeated"}
    assert files[files["status"] != "loaded"]["reason"].str.len().min() > 20


def test_every_row_of_every_loaded_file_is_settled(besieged):
    ledger = rows_of(besieged[0], "ops.row_ledger")
    settled = ledger[["accepted_count", "quarantined_count", "duplicate_count", "superseded_count"]].sum(axis=1)
    assert (ledger["received_count"] == settled).all()
    loaded = rows_of(besieged[0], "ops.files").query("status == 'loaded'")
    bronze = ledger[ledger["layer"] == "bronze"].set_index(["table_name", "file_name"])["received_count"]
    expected = loaded.assign(table_name="bronze." + loaded["feed"]).set_index(["table_name", "file_name"])["line_count"]
    assert bronze.sort_index().to_dict() == expected.sort_index().to_dict()


def test_many_are_taken_and_many_are_refused(besieged):
    """Neither a reader that takes everything nor one that refuses everything would pass."""
    files = rows_of(besieged[0], "ops.files").groupby("file_name")["status"].first().value_counts()
    assert files["loaded"] > 150
    assert files["refused"] > 300


def test_the_good_files_beside_them_are_loaded(besieged):
    settings, _, _ = besieged
    loaded = set(rows_of(settings, "ops.files").query("status == 'loaded'")["file_name"])
    assert loaded >= {"patients.csv", "encounters_2025q1.csv", "vital_sets_2025q1.csv", "diagnoses_2025q1.csv"}
    encounters = rows_of(settings, "silver.encounters")
    assert set(encounters[encounters["_file"] == "encounters_2025q1.csv"]["encounter_id"]) >= {"E-ada", "E-eve"}


def test_no_reason_tells_a_value_of_a_row(besieged):
    reasons = " ".join(rows_of(besieged[0], "ops.files")["reason"].dropna())
    assert not any(name in reasons for name in ("P-ada", "Ada", "Haemoglobin", "Heart failure", "12345"))


def test_nothing_stays_in_the_scratch_folder(besieged):
    assert [path for path in besieged[0].scratch.rglob("*") if path.is_file()] == []
