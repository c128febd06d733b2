"""What became of a table, told by its log, by the page and by SQL alike."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from pipeline.errors import AccessDenied
from pipeline.governance.audit import read_log
from pipeline.governance.policy import Viewer
from pipeline.lakehouse.commits import commits
from pipeline.lakehouse.publication import read_publication
from pipeline.serving.table_history import AS_SQL, choices, table_history
from tests.conftest import ENCOUNTERS
from tests.lake import copy_of, publish_landed, rows_of, versions_of
from tests.test_command_line import run

STEWARD = Viewer("sam", "data_steward")
NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture(scope="module")
def shared_grown_lake(shared_tiny_lake, tmp_path_factory):
    """The tiny hospital and one more encounter of Ada, asked for by Sam."""
    lake = copy_of(shared_tiny_lake, tmp_path_factory.mktemp("grown"))
    late = "E-ada-2,P-ada,North,Cardiology,IMP,URGENT,2025-03-03 10:00:00,2025-03-04T11:00:00,HOME,2025-03-04 11:00:00"
    text = "\n".join([ENCOUNTERS.splitlines()[0], late, ""])
    (lake.landing / "encounters_late.csv").write_text(text, encoding="utf-8")
    publish_landed(lake, requested_by="sam")
    return lake


@pytest.fixture
def grown(shared_grown_lake, settings):
    """That lake, a copy for one test."""
    return copy_of(shared_grown_lake, settings.home)


def test_every_version_of_the_log_is_told_with_its_run_and_who_asked(grown):
    changes = table_history(STEWARD, "bronze.encounters", NOW, grown).changes
    assert [(one.version, one.what, one.added_count, one.row_count) for one in changes] == [
        (2, "Rows added", 1, 10),
        (1, "Rows added", 9, 9),
        (0, "Made", 0, 0),
    ]
    assert [(one.run_id, one.requested_by, one.is_published) for one in changes] == [
        ("run-2", "sam", True),
        ("run-1", "test", False),
        ("", "", False),
    ]


def test_the_newest_version_of_every_table_has_the_rows_of_its_files(grown):
    published = read_publication(grown.publication_file).tables
    told = {table: commits(grown.lake.joinpath(*table.split(".")))[-1] for table in versions_of(grown)}
    assert {table: commit.version for table, commit in told.items()} == versions_of(grown)
    counted = {table: sum(file.row_count for file in pinned.files) for table, pinned in published.items()}
    assert {table: told[table].row_count for table in published} == counted


def test_the_same_as_sql_gives_the_published_versions_of_the_log(grown, duck_over):
    duck = duck_over(grown, "ops.publications", "ops.runs")
    found = duck.rows(f"select table_version, row_change, requested_by from ({AS_SQL}) where table_name = 'bronze.encounters'")
    assert sorted(found) == [(1, None, "test"), (2, 1, "sam")]


def test_a_table_the_role_may_not_read_has_no_history_for_it_and_the_attempt_is_on_record(grown):
    with pytest.raises(AccessDenied, match="may not read this table"):
        table_history(Viewer("ana", "analyst"), "silver.patients", NOW, grown)
    assert read_log(grown.access_log)[-1]["outcome"] == "denied"
    assert "silver.patients" not in choices(Viewer("ana", "analyst"))


def test_the_command_says_the_same_to_people_and_programs(grown):
    for_people = run(grown, "history", "gold.index_stays").stdout
    for_programs = json.loads(run(grown, "history", "gold.index_stays", "--json").stdout)
    assert len(for_programs) == versions_of(grown)["gold.index_stays"] + 1
    assert for_programs[0]["row_count"] >= len(rows_of(grown, "gold.index_stays"))
    assert "run-2" in for_people and "sam" in for_people
    assert run(grown, "history", "gold.nothing").returncode == 9
