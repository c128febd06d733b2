"""The weighing of a viewer's day, and the log as tables and files."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from pipeline.governance.audit import record, record_all
from pipeline.governance.audit_door import DayCount
from pipeline.governance.policy import Viewer
from pipeline.serving.access_log import MOST_LISTED, Sought, access_log, records_for_file
from pipeline.serving.access_log.volume import volumes
from pipeline.serving.access_log.words import found_caption, patient_sentence, records_csv, records_table, volumes_table
from tests.governance.writer import event

TODAY = date(2026, 11, 25)
AUDITOR = Viewer("aud", "auditor")


def day(number: int, viewer: str, reads: int, role: str = "clinician") -> DayCount:
    return DayCount(f"2026-11-{number:02d}", viewer, role, reads, reads, 0)


OTHERS = [day(number, "ben", 50) for number in (20, 21, 22)]
OWN = [day(number, "ana", reads) for number, reads in ((20, 20), (21, 30), (22, 40))]


@pytest.mark.parametrize(
    ("reads", "earlier", "is_unusual"),
    [
        (151, OWN + OTHERS, True),
        (150, OWN + OTHERS, False),  # not more than three times the role's usual day
        (99, OWN, False),  # few reads are never unusual
        (100, OWN, True),
        (5000, OWN[:2] + OTHERS[:2], False),  # nothing is known to be usual yet
        (5000, OTHERS, True),  # a new viewer is held against the role
        (5000, [day(20 + number, "ana", 2000) for number in range(3)] + OTHERS, False),  # who reads much every day is usual
    ],
)
def test_a_day_is_unusual_against_the_own_and_the_roles_usual_day(reads, earlier, is_unusual):
    (found,) = volumes([*earlier, day(25, "ana", reads)], TODAY)
    assert found.is_unusual == is_unusual


def test_medians_come_with_the_days_they_are_of_and_without_the_day_itself():
    (found,) = volumes([*OWN, *OTHERS, day(25, "ana", 7), day(24, "cy", 9, role="analyst")], TODAY)
    assert (found.own_usual, found.own_days, found.role_usual, found.role_days) == (30, 3, 50, 3)


@pytest.fixture
def log(tiny_lake, monkeypatch):
    """A published hospital and a log with more records than are listed, the newest one refused."""
    monkeypatch.setenv("MEDIPULSE_HOME", str(tiny_lake.home))
    record_all(tiny_lake, [event("=cmd()")] * MOST_LISTED)
    record(tiny_lake, event("ben", outcome="denied", reason="No.", tables=(), patients=None, row_count=None))
    return tiny_lake


def test_the_newest_are_listed_and_the_caption_counts_all(log):
    found = access_log(AUDITOR, Sought(), datetime.now(UTC))
    assert len(found.found.records) == MOST_LISTED
    assert found_caption(found.found) == "201 records of 201 in the period, the newest 200 are listed"
    table = records_table(found.found.records)
    assert table.iloc[0][["What", "Viewer", "Tables, or why"]].tolist() == [["✕ Refused"], "ben", "No."]
    assert volumes_table(found.volumes)[["Viewer", "Reads today", "Refused"]].to_numpy().tolist() == [
        ["=cmd()", 200, 0],
        ["ben", 0, 1],
    ]


def test_a_file_takes_all_of_them_and_no_cell_is_a_formula(log):
    found = records_for_file(AUDITOR, Sought(viewer="=cmd()"), datetime.now(UTC))
    lines = records_csv(found).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + MOST_LISTED
    assert ",'=cmd()," in lines[1] and "P-ada" not in lines[1]


def test_a_search_for_a_patient_says_which_records_may_hide_them(log):
    record(log, event("ben", patients=tuple(f"P-{number}" for number in range(99))))
    sought = Sought(patient_id=" P-ada ")
    found = access_log(AUDITOR, sought, datetime.now(UTC)).found
    assert found.found_count == MOST_LISTED
    assert patient_sentence(sought, found).startswith("1 record of this period concern")
    assert patient_sentence(Sought(), found) is None
