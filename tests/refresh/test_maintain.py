"""Maintenance changes no row, keeps what can still be read, and deletes what nothing needs."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest

from pipeline.catalog.contract import load_contracts
from pipeline.errors import NotPublished
from pipeline.lakehouse import merge
from pipeline.lakehouse.publication import earlier_publication, read_publication
from pipeline.lakehouse.reader import PublishedTables
from pipeline.refresh import changed, maintain
from pipeline.refresh.run import look_after
from tests.lake import copy_of
from tests.refresh.batches import published_rows
from tests.refresh.test_changes import ADA_AGAIN, refreshed

DAYS_AGO = time.time() - timedelta(days=3).total_seconds()


@pytest.fixture(scope="module")
def as_if_large():
    """Removed rows are kept in their files as in a large lake."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changed, "CHANGED_SHARE", 1_000)
        patch.setattr(merge, "REWRITTEN_ROWS", 1)
        patch.setattr(merge, "REMOVED_SHARE", 1)
        yield


@pytest.fixture(scope="module")
def corrected_lake(as_if_large, shared_tiny_lake, tmp_path_factory):
    """Ten corrections of Ada's second stay."""
    lake = copy_of(shared_tiny_lake, tmp_path_factory.mktemp("corrected"))
    for number in range(1, 11):
        refreshed(lake, {"encounters": [ADA_AGAIN | {"updated_at": f"2025-04-{number:02d} 00:00:00"}]}, number)
    return lake


@pytest.fixture
def worn_lake(corrected_lake, settings):
    """That lake, a copy for one test."""
    return copy_of(corrected_lake, settings.home)


def test_it_changes_no_row_and_leaves_no_removed_one(worn_lake):
    before, rows = read_publication(worn_lake.publication_file), published_rows(worn_lake)
    assert before.tables["ops.removed_rows"].row_count > 0

    done = look_after(worn_lake)

    after = read_publication(worn_lake.publication_file)
    assert done.dropped_row_count == before.tables["ops.removed_rows"].row_count
    assert {pinned.removed_count for pinned in after.tables.values()} == {0}
    assert max(len(pinned.files) for pinned in after.tables.values()) <= maintain.MOST_FILES
    assert published_rows(worn_lake) == rows
    assert after.number == before.number + 1


def test_an_earlier_publication_stays_readable(worn_lake):
    for path in worn_lake.lake.glob("*/*/*.parquet"):
        os.utime(path, (DAYS_AGO, DAYS_AGO))
    look_after(worn_lake)
    second = earlier_publication(worn_lake.publication_file, 2)
    tables = PublishedTables(second, worn_lake.lake, load_contracts(), worn_lake.threads)
    rows = tables.query("select updated_at from silver.encounters where encounter_id = 'E-ada-2'").to_pylist()
    assert [row["updated_at"].isoformat() for row in rows] == ["2025-04-01T00:00:00"]


def test_old_files_that_nothing_names_are_deleted_and_young_ones_are_not(tiny_lake):
    folder = tiny_lake.lake / "silver" / "patients"
    old, young = folder / "part-old.parquet", folder / "part-young.parquet"
    for path in (old, young):
        path.write_bytes(b"left by a run that died")
    os.utime(old, (DAYS_AGO, DAYS_AGO))

    done = look_after(tiny_lake)

    assert (done.deleted_file_count, old.exists(), young.exists()) == (1, False, True)


def test_before_the_first_publication_there_is_nothing_to_look_after(settings):
    with pytest.raises(NotPublished, match="python -m pipeline refresh"):
        look_after(settings)
