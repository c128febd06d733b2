"""Files that are put in: what they would give, what became of them, the rows to send back, and what is on record of it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pandas as pd
import pytest

from pipeline.catalog.contract import FURTHER_ROW as FURTHER_ROW_OF_CONTRACTS
from pipeline.errors import AccessDenied, FileRefused
from pipeline.governance.access import shows
from pipeline.governance.audit import read_log
from pipeline.governance.policy import Viewer, load_policy
from pipeline.governance.treatments import MASK
from pipeline.refresh.run import refresh
from pipeline.serving.intake import EVERYTHING, FURTHER_ROW, current_files, intake, refused_rows, settled_rows
from pipeline.serving.intake.uploads import expectation, put_in
from pipeline.serving.intake.words import (
    COUNTS,
    expectation_sentence,
    expected_refusals_table,
    expected_table,
    files_table,
    refused_csv,
    refused_table,
)
from pipeline.serving.spreadsheet import FORMULA_SIGNS, as_csv
from tests.conftest import ENCOUNTERS, VITAL_SETS

STEWARD, ANALYST, CLINICIAN = Viewer("sam", "data_steward"), Viewer("ana", "analyst"), Viewer("cleo", "clinician")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def lake(tiny_lake, monkeypatch):
    monkeypatch.setenv("MEDIPULSE_HOME", str(tiny_lake.home))
    return tiny_lake


def upload(text: str) -> io.BytesIO:
    return io.BytesIO(text.encode())


def settled(found) -> pd.DataFrame:
    return found.files.set_index("file_name")


# What would be


def test_a_file_is_looked_at_without_being_put_in(lake):
    before = sorted(path.name for path in lake.home.iterdir() if path.name != "governance")
    landed = sorted(lake.landing.iterdir())
    expected = expectation(STEWARD, "vital_sets_new.csv", upload(VITAL_SETS))
    (feed,) = expected.feeds
    assert (expected.refusal, expected.mapping, feed.feed) == (None, "canonical", "vital_sets")
    assert feed.row_count == feed.accepted_count + feed.refused_count == 8
    assert sorted(lake.landing.iterdir()) == landed
    assert {path.name for path in lake.home.iterdir()} - set(before) <= {"governance", "scratch"}


def test_the_rows_that_would_be_refused_come_with_line_and_reason(lake):
    expected = expectation(STEWARD, "encounters_new.csv", upload(ENCOUNTERS))
    table = expected_refusals_table(expected, shows_rows=True, mask=MASK)
    lines = dict(zip(table["Line"], table["Why"], strict=True))
    assert {9, 11} <= set(lines)
    assert "E-backwards" in table.set_index("Line").loc[9, "Row as received"]
    assert list(expected_table(expected)["Feed"]) == ["encounters"]
    assert "would be accepted, judged on the whole file." in expectation_sentence(expected)


def test_a_role_that_sees_no_identifiers_sees_no_row_of_a_preview(lake):
    expected = expectation(STEWARD, "encounters_new.csv", upload(ENCOUNTERS))
    table = expected_refusals_table(expected, shows_rows=shows(ANALYST, "silver.quarantine", "row_text"), mask=MASK)
    assert set(table["Row as received"]) == {MASK}
    assert shows(STEWARD, "silver.quarantine", "row_text")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("encounters_cut.csv", ENCOUNTERS[:-9].encode(), "cut off"),
        ("encounters.exe", b"MZ", "must end with"),
        ("encounters.csv", b"PK\x03\x04" + bytes(40), "not what its name says"),
        ("encounters.csv", b"", "is empty"),
        ("holiday_photos.csv", b"a,b\n1,2\n", "holiday_photos.csv"),
    ],
)
def test_a_file_that_cannot_be_taken_says_why(lake, name, content, words):
    expected = expectation(STEWARD, name, io.BytesIO(content))
    assert words in expected.refusal
    assert expectation_sentence(expected).startswith("It would be refused. ")


@pytest.mark.parametrize("viewer", [ANALYST, CLINICIAN])
def test_a_role_that_may_not_put_files_in_gets_neither_preview_nor_file(lake, viewer):
    landed = sorted(lake.landing.iterdir())
    with pytest.raises(AccessDenied, match="may not land"):
        expectation(viewer, "encounters_new.csv", upload(ENCOUNTERS))
    with pytest.raises(AccessDenied, match="may not land"):
        put_in(viewer, [("encounters_new.csv", upload(ENCOUNTERS))])
    assert sorted(lake.landing.iterdir()) == landed
    assert [line["outcome"] for line in read_log(lake.access_log)] == ["denied", "denied"]


# Putting in


def test_preview_and_upload_are_on_record_and_the_bytes_are_those_that_were_sent(lake):
    content = upload(VITAL_SETS)
    expectation(STEWARD, "vital_sets_new.csv", content)
    assert put_in(STEWARD, [("vital_sets_new.csv", content)]) == ("vital_sets_new.csv",)
    assert (lake.landing / "vital_sets_new.csv").read_text(encoding="utf-8") == VITAL_SETS
    told = [(line["action"], line["purpose"], line["outcome"]) for line in read_log(lake.access_log)]
    assert told == [
        ("land", "Preview of vital_sets_new.csv", "allowed"),
        ("land", "Put in vital_sets_new.csv", "allowed"),
    ]


def test_a_hostile_name_stays_in_the_landing_folder_and_replaces_nothing(lake):
    before = (lake.landing / "patients.csv").read_bytes()
    names = put_in(STEWARD, [("../../patients.csv", upload(VITAL_SETS)), ("patients.csv", upload(VITAL_SETS))])
    assert len(set(names)) == 2
    assert all((lake.landing / name).is_file() for name in names)
    assert (lake.landing / "patients.csv").read_bytes() == before


def test_a_file_that_cannot_be_laid_down_leaves_nothing(lake):
    landed = sorted(lake.landing.iterdir())
    with pytest.raises(FileRefused):
        put_in(STEWARD, [("x.exe", upload("MZ"))])
    assert sorted(lake.landing.iterdir()) == landed


def test_what_was_expected_of_a_file_is_what_becomes_of_it(lake):
    text = VITAL_SETS.replace("09:", "19:").replace("10:10", "20:10")
    expected = expectation(STEWARD, "vital_sets_new.csv", upload(text)).feeds[0]
    put_in(STEWARD, [("vital_sets_new.csv", upload(text))])
    refresh(lake, requested_by="test")
    line = settled(intake(STEWARD, NOON)).loc["vital_sets_new.csv"]
    assert (line["status"], line["mapping"], line["received_count"]) == ("loaded", "canonical", expected.row_count)
    assert line["quarantined_count"] >= expected.refused_count
    settled_count = sum(line[name] for name in ("accepted_count", "quarantined_count", "duplicate_count", "superseded_count"))
    assert line["received_count"] == settled_count


# What became of files


def test_every_file_is_listed_with_what_became_of_its_rows(lake):
    found = intake(STEWARD, NOON)
    line = settled(found).loc["encounters_2025q1.csv"]
    counts = [int(line[name]) for name in COUNTS]
    assert counts == [10, 6, 3, 1, 0]
    assert found.files_caption == "6 files, the newest first; 0 not loaded"
    assert set(files_table(found)["Read as"]) == {"as it is"}


def test_a_refused_file_is_listed_with_its_reason_until_it_came_whole(lake):
    put_in(STEWARD, [("encounters_more.csv", upload(ENCOUNTERS[:300]))])
    refresh(lake, requested_by="test")
    table = files_table(intake(STEWARD, NOON)).set_index("File")
    assert table.loc["encounters_more.csv", "State"] == ["✕ Refused"]
    assert "cut off" in table.loc["encounters_more.csv", "Reason"]
    assert pd.isna(table.loc["encounters_more.csv", "Received"])


def met(*meetings: tuple[str, str, str | None, str]) -> pd.DataFrame:
    columns = ["run_id", "file_name", "feed", "status"]
    return pd.DataFrame(meetings, columns=columns).assign(recorded_at=pd.date_range("2026-01-01", periods=len(meetings)))


def test_a_file_that_came_whole_after_a_refusal_is_loaded_and_nothing_else():
    told = current_files(met(("run-1", "a.csv", None, "refused"), ("run-2", "a.csv", "patients", "loaded")))
    assert list(told["status"]) == ["loaded"]


def test_a_file_that_was_met_again_unchanged_stays_loaded():
    told = current_files(met(("run-1", "a.csv", "patients", "loaded"), ("run-2", "a.csv", "patients", "repeated")))
    assert list(told["status"]) == ["loaded"]


def test_a_copy_under_another_name_is_a_repeat():
    told = current_files(met(("run-1", "a.csv", "patients", "loaded"), ("run-2", "b.csv", "patients", "repeated")))
    assert dict(zip(told["file_name"], told["status"], strict=True)) == {"a.csv": "loaded", "b.csv": "repeated"}


def test_a_file_of_several_feeds_has_a_line_for_each():
    told = current_files(met(("run-1", "a.csv", "patients", "loaded"), ("run-1", "a.csv", "encounters", "loaded")))
    assert list(told["feed"]) == ["patients", "encounters"]


def test_rows_refused_at_bronze_and_at_silver_are_counted_together():
    columns = ["layer", "table_name", "file_name", "received_count", "accepted_count", "quarantined_count", "duplicate_count",
               "superseded_count"]  # fmt: skip
    ledger = [("bronze", "bronze.patients", "a", 10, 9, 1, 0, 0), ("silver", "silver.patients", "a", 9, 4, 2, 2, 1)]
    (line,) = settled_rows(pd.DataFrame(ledger, columns=columns)).to_dict("records")
    assert line == {
        "file_name": "a", "feed": "patients", "received_count": 10, "accepted_count": 4, "quarantined_count": 3,
        "duplicate_count": 2, "superseded_count": 1,
    }  # fmt: skip


# Rows to send back


def test_refused_rows_are_chosen_by_reason_and_file(lake):
    found = intake(STEWARD, NOON)
    everything = refused_rows(STEWARD, reason=EVERYTHING, file_name=EVERYTHING)
    assert everything.row_count == len(everything.rows) == 8
    first = found.reasons.iloc[0]
    chosen = refused_rows(STEWARD, reason=first["reason"], file_name=EVERYTHING)
    assert chosen.row_count == found.reasons[found.reasons["reason"] == first["reason"]]["row_count"].sum()
    of_file = refused_rows(STEWARD, reason=EVERYTHING, file_name="patients.csv")
    assert list(of_file.rows["line_number"]) == [8]
    assert "No,Body" in refused_table(of_file).loc[0, "Row as received"]


@pytest.mark.parametrize("reason", ["%", "no such reason", "' or 1 = 1 --", "_"])
def test_a_reason_that_does_not_exist_chooses_nothing(lake, reason):
    assert refused_rows(STEWARD, reason=reason, file_name=EVERYTHING).row_count == 0


def test_no_more_rows_than_asked_for_are_read_and_it_is_said(lake):
    some = refused_rows(STEWARD, reason=EVERYTHING, file_name=EVERYTHING, row_limit=3)
    assert some.caption == "8 rows were refused; the first 3 are shown"


def test_identifiers_of_refused_rows_are_masked_for_roles_that_may_not_see_them(lake):
    rows = refused_rows(ANALYST, reason=EVERYTHING, file_name=EVERYTHING).rows
    assert set(rows["row_text"]) == {MASK}
    assert "E-backwards" not in rows.to_csv()


def test_the_file_to_send_back_holds_every_chosen_row_with_where_it_comes_from(lake):
    found = intake(STEWARD, NOON)
    refused = refused_rows(STEWARD, reason=EVERYTHING, file_name="encounters_2025q1.csv")
    lines = list(csv.DictReader(io.StringIO(refused_csv(refused, found).decode("utf-8-sig"))))
    assert len(lines) == refused.row_count == 3
    assert {line["file_name"] for line in lines} == {"encounters_2025q1.csv"}
    assert {line["publication_number"] for line in lines} == {"1"}
    assert any(line["row_as_received"] == "E-cut,P-cy,South" for line in lines)


@pytest.mark.parametrize("sign", FORMULA_SIGNS)
def test_no_cell_of_a_file_is_a_formula(sign):
    (cell,) = list(csv.reader(io.StringIO(as_csv(("row",), [(f"{sign}cmd|' /C calc'!A0",)]).decode("utf-8-sig"), newline="")))[1]
    assert cell.startswith("'")


def test_numbers_of_a_file_stay_numbers():
    assert as_csv(("n",), [(-3,)]).decode("utf-8-sig") == "n\n-3\n"


def test_the_number_of_a_further_row_is_that_of_the_contracts():
    assert FURTHER_ROW == FURTHER_ROW_OF_CONTRACTS


def test_who_may_put_files_in_can_open_the_page_for_it():
    policy = load_policy()
    assert [role for role in policy.roles if policy.may(role, "land")] == ["data_steward"]
    assert [role for role in policy.roles if "operations/intake" in policy.pages(role)] == ["data_steward"]
