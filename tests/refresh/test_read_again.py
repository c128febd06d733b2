"""After a mapping was mended its files are read again, and the tables are as if it had always been right."""

from __future__ import annotations

import pytest

from pipeline.errors import FileRefused
from pipeline.refresh.intake import read_again
from pipeline.refresh.run import refresh
from tests.lake import publish_landed, rows_of
from tests.refresh.batches import published_rows
from tests.refresh.foreign import VISITS, abroad, clinic_text

FILE = "klinik.csv"


@pytest.fixture
def misread(tmp_path):
    """Two visits read by a mapping that calls the wrong number female, so that the patient is refused with all that waits."""
    settings = abroad(tmp_path / "misread")
    _land(settings)
    mapping = settings.feeds / "clinic.yml"
    mended = mapping.read_text(encoding="utf-8")
    mapping.write_text(mended.replace("{1: F, 2: M}", "{7: F, 2: M}"), encoding="utf-8")
    assert refresh(settings, requested_by="test").status == "succeeded"
    assert len(rows_of(settings, "silver.patients")) == 0
    mapping.write_text(mended, encoding="utf-8")
    return settings


def test_its_rows_are_taken_as_the_mapping_reads_them_today(misread, tmp_path):
    read_again(misread, FILE)
    publish_landed(misread)
    assert list(rows_of(misread, "silver.patients")["sex"]) == ["Female"]
    right = abroad(tmp_path / "right")
    _land(right)
    refresh(right, requested_by="test")
    assert _without_times(misread) == _without_times(right)
    assert refresh(misread, requested_by="test").status == "unchanged"


def test_a_later_batch_changes_what_was_read_again(misread):
    read_again(misread, FILE)
    refresh(misread, requested_by="test")
    (misread.landing / "klinik_2.csv").write_bytes(clinic_text("9;p1;1;70;09.07.2025 12:30;Innere;80;;;;;1").encode("cp1252"))
    assert refresh(misread, requested_by="test").status == "succeeded"
    assert len(rows_of(misread, "silver.encounters")) == 3


def test_a_file_that_is_no_longer_there_is_not_given_up(misread):
    (misread.landing / FILE).unlink()
    with pytest.raises(FileRefused, match="no longer in the landing folder"):
        read_again(misread, FILE)
    assert len(rows_of(misread, "bronze.encounters")) == 2


def test_a_file_that_was_never_loaded_is_named(misread):
    with pytest.raises(FileRefused, match="is not among the loaded files"):
        read_again(misread, "nothing.csv")


def _land(settings):
    (settings.landing / FILE).write_bytes(clinic_text(*VISITS[:2]).encode("cp1252"))


def _without_times(settings):
    rows = published_rows(settings)
    return {table: rows[table] for table in ("silver.patients", "silver.encounters", "silver.vital_sets", "ops.row_ledger")}
