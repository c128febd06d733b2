"""The table of the worklist says in few words what is beside it in full."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest

from pipeline.serving.worklist import UNKNOWN, WorklistRow, worklist_table
from pipeline.settings import REPOSITORY

LIMITS = REPOSITORY / "data" / "reference" / "instability_limits.csv"


@pytest.fixture
def row(read_as) -> WorklistRow:
    return read_as().worklist.rows[0]


@pytest.mark.parametrize(
    ("flag_reasons", "written"),
    [
        ("NEWS2 14; HR over 100; SpO2 under 90; temperature 37.8 or more", "HR, SpO₂, Temp"),
        ("NEWS2 9", "none"),
        ("RR over 24", "RR"),
        ("", "none"),
        (None, UNKNOWN),
    ],
)
def test_what_is_unstable_is_named_by_the_columns_that_hold_the_values(row, flag_reasons, written):
    assert replace(row, flag_reasons=flag_reasons).unstable_text == written


def test_every_limit_is_named_like_a_column_of_the_table(row, read_as):
    with LIMITS.open(encoding="utf-8", newline="") as rows:
        every = "; ".join(limit["words"] for limit in csv.DictReader(rows))
    named = replace(row, flag_reasons=every).unstable_text.split(", ")
    assert set(named) == {"HR", "RR", "SBP", "SpO₂", "Temp"}
    assert set(named) < set(worklist_table(read_as().worklist).columns)


def test_as_many_vital_signs_are_named_as_were_counted(read_as):
    for row in read_as().worklist.rows:
        assert len([name for name in row.unstable_text.split(", ") if name != "none"]) == row.unstable_vital_count
