"""One delimited-text file as bronze rows: every line accounted for, whatever happens between the look and the read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from pipeline.catalog.contract import feeds, load_contracts
from pipeline.errors import FileRefused
from pipeline.lakehouse.canonical_file import Provenance, take
from pipeline.lakehouse.duck import Duck
from pipeline.sources.canonical import examine

FEEDS = feeds(load_contracts())
HERE = Provenance("encounters", "encounters_2025q1.csv", "run-1", datetime(2025, 7, 1))


@pytest.fixture
def landed(tiny_landing, tmp_path):
    return examine(tiny_landing / "encounters_2025q1.csv", "encounters", FEEDS["encounters"], tmp_path)


@pytest.fixture
def read(settings, tmp_path):
    duck = Duck.for_builds(settings)

    def taken(file):
        with duck.keeping_order():
            return take(duck, file, contract=FEEDS["encounters"], provenance=HERE, folder=tmp_path / "bronze", scratch=tmp_path)

    return taken


def test_rows_and_unreadable_lines_are_all_the_lines(read, landed):
    taken = read(landed)
    assert (taken.row_count, [line.row for line in taken.unreadable], landed.line_count) == (9, [11], 10)


def test_odd_lines_that_the_bytes_did_not_show_are_found_by_the_reader(read, landed):
    taken = read(replace(landed, odd_lines=()))
    assert (taken.row_count, [line.row for line in taken.unreadable]) == (9, [11])


def test_a_file_that_went_after_it_was_looked_at_is_refused(read, landed):
    landed.path.unlink()
    with pytest.raises(FileRefused, match="is gone since it was looked at"):
        read(landed)


def test_a_file_that_shrank_after_it_was_looked_at_is_refused_and_leaves_nothing(read, landed, tmp_path):
    landed.path.write_text("\n".join(landed.path.read_text(encoding="utf-8").splitlines()[:4]) + "\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="has 10 lines after its header but gives 3 rows"):
        read(landed)
    assert list((tmp_path / "bronze").glob("*.parquet")) == []
