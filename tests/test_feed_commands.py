"""The commands about foreign files, as their user meets them: from a file nobody knows to one that is taken in."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from pipeline.__main__ import app
from pipeline.sources import draft
from tests.refresh.foreign import abroad, clinic_text

UNKNOWN = """\
visit_id;mrn;gender;dob;start;facility;encounter_class;pulse;temp;note
v1;m1;F;28.02.1950;01.02.2025 10:30;Süd;IMP;88;37,5;x
v2;m2;M;01.03.1990;31.12.2024 23:10;Süd;EMER;131;39,1;y
"""


@pytest.fixture
def feed(tmp_path, monkeypatch):
    """Runs `feed …` in a home of its own that has the clinic's mapping."""
    settings = abroad(tmp_path / "home")
    monkeypatch.setenv("MEDIPULSE_HOME", str(settings.home))
    return lambda *words: CliRunner().invoke(app, ["feed", *map(str, words)])


@pytest.fixture
def clinic_file(tmp_path):
    path = tmp_path / "klinik.csv"
    path.write_bytes(clinic_text().encode("cp1252"))
    return path


def test_list_names_canonical_shipped_and_own_mappings(feed):
    said = feed("list").stdout
    assert "canonical: diagnoses*.csv" in said
    assert "uci_diabetes130: diabetic_data*.csv" in said
    assert "clinic (your own): klinik*" in said


def test_check_says_line_by_line_what_would_be_refused_and_no_values(feed, clinic_file):
    said = feed("check", clinic_file)
    assert said.exit_code == 0
    assert "klinik.csv is read by the mapping clinic. Of the whole file:" in said.stdout
    assert "  line 8, vital_sets: temperature cannot be read as a number" in said.stdout
    assert "fall=7" not in said.stdout
    assert "fall=7" in feed("check", "--rows", clinic_file).stdout


def test_check_can_be_read_by_programs(feed, clinic_file):
    said = json.loads(feed("check", "--json", clinic_file).stdout)
    assert (said["mapping"], said["feeds"][0]["feed"], "text" in said["refused_rows"][0]) == ("clinic", "patients", False)


def test_check_of_a_refused_file_ends_with_its_own_exit_code(feed, tmp_path):
    (tmp_path / "labor.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    said = feed("check", tmp_path / "labor.csv")
    assert said.exit_code == 4
    assert said.stdout.startswith("Refused: labor.csv belongs to no feed")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_drafted_mapping_is_valid_and_reads_the_file_it_was_drafted_from(feed, tmp_path, encoding):
    path = tmp_path / "visits_20250301.csv"
    path.write_bytes(UNKNOWN.encode(encoding))
    drafted = feed("draft", path)
    assert drafted.exit_code == 0 and "home/feeds/visits.yml" in drafted.stdout
    said = json.loads(feed("check", "--json", path).stdout)
    assert said["refusal"] is None
    assert [(one["feed"], one["row_count"]) for one in said["feeds"]] == [("patients", 2), ("encounters", 2), ("vital_sets", 2)]
    assert [one["accepted_count"] for one in said["feeds"]] == [2, 2, 0]  # no time of measurement was found


def test_a_draft_tells_formats_and_what_is_left_but_no_patients_values(feed, tmp_path):
    path = tmp_path / "visits.csv"
    path.write_text(UNKNOWN, encoding="utf-8")
    feed("draft", path)
    text = (tmp_path / "home" / "feeds" / "visits.yml").read_text(encoding="utf-8")
    assert 'arrived_at: {column: start, format: "%d.%m.%Y %H:%M"}' in text
    assert 'decimal_mark: ","' in text
    assert 'measured_at: {constant: ""}    # to be filled in' in text
    assert "# Not used yet, kept in bronze beside the first row of a line: note" in text
    assert not any(value in text for value in ("v1", "m1", "28.02.1950", "131"))


def test_a_mapping_that_exists_is_not_written_over(feed, tmp_path):
    path = tmp_path / "clinic.csv"
    path.write_text(UNKNOWN, encoding="utf-8")
    said = feed("draft", path)
    assert said.exit_code != 0
    assert "exists already" in str(said.exception)


def test_a_file_without_columns_gets_no_draft(feed, tmp_path):
    path = tmp_path / "noise.csv"
    path.write_bytes(bytes(range(256)))
    assert "is no text, Parquet or newline-delimited JSON" in str(feed("draft", path).exception)


@pytest.mark.parametrize(
    ("file", "name"), [("ADT_2024-11.csv.gz", "adt"), ("20240101.csv", "my_feed"), ("Lab results (new).ndjson", "lab_results_new")]
)
def test_a_mapping_is_named_after_its_files(file, name, tmp_path):
    assert draft.mapping_name(tmp_path / file) == name
