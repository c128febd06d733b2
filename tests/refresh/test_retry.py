"""A run after a failed one goes on where that one failed."""

from __future__ import annotations

import pytest

from pipeline.refresh import build
from pipeline.refresh.run import refresh
from tests.conftest import PATIENTS
from tests.refresh.batches import published_rows


@pytest.fixture
def failed_at_vital_sets(settings, tiny_landing, monkeypatch):
    """The first build of the tiny hospital, which failed at silver.vital_sets."""
    real = build.build_table

    def failing(store, contract, run_id):
        if contract.table == "silver.vital_sets":
            raise build.NotPublished("The disk went away.")
        return real(store, contract, run_id)

    with monkeypatch.context() as patch:
        patch.setattr(build, "build_table", failing)
        assert refresh(settings, requested_by="test").status == "failed"
    return settings


def test_what_the_failed_run_had_made_is_kept(failed_at_vital_sets, shared_tiny_lake):
    run = refresh(failed_at_vital_sets, requested_by="test")
    states = {task.name: task.status for task in run.tasks}
    assert (states["silver.patients"], states["silver.encounters"]) == ("kept", "kept")
    assert (states["silver.vital_sets"], states["gold.encounter_risks"]) == ("succeeded", "succeeded")
    assert states["bronze.patients"] == "skipped"
    assert _tables(failed_at_vital_sets) == _tables(shared_tiny_lake)


def test_new_files_make_it_build_everything(failed_at_vital_sets):
    more = PATIENTS.splitlines()[0] + "\nP-fay,Fay,Bay,1990-01-01,F,1,,2025-01-01 00:00:00\n"
    (failed_at_vital_sets.landing / "patients_more.csv").write_text(more, encoding="utf-8")
    run = refresh(failed_at_vital_sets, requested_by="test")
    assert "kept" not in {task.status for task in run.tasks}
    assert run.status == "succeeded"


def test_a_run_after_a_good_one_keeps_nothing(tiny_lake):
    run = refresh(tiny_lake, requested_by="test", full=True)
    assert "kept" not in {task.status for task in run.tasks}


def _tables(settings):
    """Without the times at which rows were refused, which differ between two hospitals."""
    rows = published_rows(settings)
    return rows | {"silver.quarantine": [row[:-1] for row in rows["silver.quarantine"]]}
