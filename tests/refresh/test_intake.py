"""What somebody uploads is laid down safely, and what a refresh would make of it is said before it is taken in."""

from __future__ import annotations

import gzip
import io

import pytest

from pipeline.errors import FileRefused
from pipeline.refresh import intake
from pipeline.refresh.intake import expect, land
from tests.conftest import ENCOUNTERS
from tests.refresh.foreign import VISITS, abroad, clinic_text


@pytest.fixture
def clinic(tmp_path):
    return abroad(tmp_path)


def upload(settings, name: str, content: bytes = b"a,b\n1,2\n"):
    return land(settings, name, io.BytesIO(content))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("encounters_2025.csv", "encounters_2025.csv"),
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\files\\klinik.csv", "klinik.csv"),
        ("..hidden.csv", "hidden.csv"),
        ("my file; rm -rf.csv", "my_file_rm_-rf.csv"),
        ("Süd/Ärzte 1.csv", "Ärzte_1.csv"),
        ("a\n\x00b.csv", "a_b.csv"),
    ],
)
def test_a_name_is_made_safe(clinic, name, kept):
    path = upload(clinic, name)
    assert (path.parent, path.name) == (clinic.landing, kept)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("virus.exe", b"MZ", "must end with one of"),
        ("", b"x", "must end with one of"),
        (".csv", b"x", "must end with one of"),
        ("synthetic_hospital.json", b"{}", "must end with one of"),
        (f"{'x' * 200}.csv", b"x", "more than 120 bytes"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"PK\x03\x04", "is not what its name says"),
        ("a.csv", b"a\0b", "is not what its name says"),
        ("a.csv.gz", b"a,b\n", "is not what its name says"),
        ("a.parquet", b"a,b\n", "is not what its name says"),
    ],
)
def test_what_cannot_be_a_file_of_rows_is_refused_and_leaves_nothing(clinic, name, content, reason):
    with pytest.raises(FileRefused, match=reason):
        upload(clinic, name, content)
    assert list(clinic.landing.iterdir()) == []


def test_an_upload_is_bounded_while_it_arrives(clinic, monkeypatch):
    monkeypatch.setattr(intake, "MAX_UPLOAD_BYTES", 1 << 20)
    with pytest.raises(FileRefused, match="more than 1 MiB"):
        upload(clinic, "a.csv", b"x" * ((1 << 20) + 1))
    assert list(clinic.landing.iterdir()) == []


def test_no_file_is_ever_replaced(clinic):
    paths = [upload(clinic, "encounters.csv", f"{number}".encode()) for number in range(3)]
    assert [path.name for path in paths] == ["encounters.csv", "encounters-2.csv", "encounters-3.csv"]
    assert [path.read_text(encoding="utf-8") for path in paths] == ["0", "1", "2"]


def test_a_canonical_file_is_expected_row_by_row(clinic):
    expected = expect(clinic, upload(clinic, "encounters.csv", ENCOUNTERS.encode()))
    assert (expected.mapping, expected.refusal, expected.is_whole) == ("canonical", None, True)
    feed = expected.feeds[0]
    assert (feed.feed, feed.row_count, feed.accepted_count, feed.refused_count) == ("encounters", 10, 8, 2)
    assert [(row.line, row.reasons.partition(" (")[0]) for row in expected.refused_rows] == [
        (9, "discharged_at is before arrived_at"),
        (11, "the line does not have the fields of the header"),
    ]


def test_a_foreign_file_is_expected_through_its_mapping(clinic):
    expected = expect(clinic, upload(clinic, "klinik.csv", clinic_text().encode("cp1252")))
    assert expected.mapping == "clinic"
    assert {feed.feed: (feed.row_count, feed.refused_count) for feed in expected.feeds} == {
        "patients": (6, 4), "encounters": (7, 3), "vital_sets": (6, 4), "diagnoses": (4, 2),
    }  # fmt: skip
    assert "column zimmer (7): no canonical column takes it; kept in _extra." in expected.warnings
    assert "patients.birth_date is reckoned from the column alter; every patient says so." in expected.warnings


def test_values_of_a_row_stand_in_one_field_only(clinic):
    expected = expect(clinic, upload(clinic, "klinik.csv", clinic_text().encode("cp1252")))
    assert any("fall=7" in row.text for row in expected.refused_rows)
    told = [str(expected.feeds), *expected.warnings, *(f"{row.feed} {row.line} {row.reasons}" for row in expected.refused_rows)]
    assert not any(value in text for text in told for value in ("K-7", "03/04/2025", "Chirurgie", "37.5"))


def test_a_long_file_is_proved_whole_and_judged_by_its_first_lines(clinic):
    lines = [VISITS[0].replace("1;p1", f"{number};p{number}", 1) for number in range(2_500)]
    good = expect(clinic, upload(clinic, "klinik.csv.gz", gzip.compress(clinic_text(*lines).encode("cp1252"))))
    assert (good.is_whole, good.feeds[0].row_count) == (False, 1_000)
    cut = gzip.compress(clinic_text(*lines).encode("cp1252"))[:-9]
    assert "cannot be unpacked" in expect(clinic, upload(clinic, "klinik_cut.csv.gz", cut)).refusal


def test_a_file_that_nobody_knows_is_refused_with_a_way_on(clinic):
    refusal = expect(clinic, upload(clinic, "labor.csv")).refusal
    assert "labor.csv belongs to no feed that is known here" in refusal
    assert 'python -m pipeline feed draft "labor.csv"' in refusal


def test_looking_takes_nothing_in_and_leaves_nothing(clinic):
    expect(clinic, upload(clinic, "klinik.csv", clinic_text().encode("cp1252")))
    assert not clinic.lake.exists()
    assert list(clinic.scratch.iterdir()) == []
