"""The data quality page tells the latest state of every file."""

from __future__ import annotations

import pytest

from pipeline.governance.policy import Viewer
from pipeline.model.deployed import deploy
from pipeline.refresh.run import refresh
from pipeline.serving.data_quality import data_quality
from tests.conftest import ENCOUNTERS
from tests.model.models import promoted, small_model

STEWARD = Viewer("sam", "data_steward")


@pytest.fixture
def lake(tiny_lake, monkeypatch):
    monkeypatch.setenv("MEDIPULSE_HOME", str(tiny_lake.home))
    return tiny_lake


def test_a_refused_file_is_listed_until_it_came_whole(lake):
    cut = lake.landing / "encounters_more.csv"
    cut.write_text(ENCOUNTERS[:300], encoding="utf-8")
    refresh(lake, requested_by="test")
    assert list(data_quality(STEWARD).not_loaded["file_name"]) == ["encounters_more.csv"]

    cut.write_text(
        ENCOUNTERS.splitlines()[0] + "\n" + ENCOUNTERS.splitlines()[1].replace("E-ada", "E-ada-2") + "\n", encoding="utf-8"
    )
    refresh(lake, requested_by="test")
    assert data_quality(STEWARD).not_loaded.empty


def test_its_numbers_are_those_of_one_run(lake):
    refresh(lake, requested_by="test", full=True)
    found = data_quality(STEWARD)
    assert (found.quality.accepted_count, found.quality.quarantined_count, found.loaded_file_count) == (23, 8, 6)


def test_a_promoted_model_that_is_refused_is_a_warning_among_the_checks(lake):
    deploy(lake, promoted(small_model()))
    lake.champion_file.write_text(lake.champion_file.read_text(encoding="utf-8").replace("Dr Test", "Dr Else"), encoding="utf-8")
    refresh(lake, requested_by="test")
    failed = {check.table_name: check.severity for check in data_quality(STEWARD).checks if check.result == "failed"}
    assert failed["gold.risk_scores"] == "warn"
