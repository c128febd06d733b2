"""The synthetic hospital's files: same seed same bytes, all or nothing, untidy at low rates, within any memory."""

from __future__ import annotations

import hashlib
import json
import tracemalloc

import pandas as pd
import pytest

from pipeline.catalog.contract import load_contracts
from pipeline.errors import BadRequest
from pipeline.settings import TABLES
from pipeline.sources import synthetic_hospital
from pipeline.sources.mapping_file import FILLED_HERE
from pipeline.sources.synthetic.sending import COLUMNS
from pipeline.sources.synthetic_hospital import generate
from tests.sources.conftest import FEEDS

PLAIN_NUMBER = r"-?\d+(?:\.\d+)?"


def _hashes(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    generate(tmp_path / "one", encounters=2_000, seed=7)
    generate(tmp_path / "two", encounters=2_000, seed=7)
    assert _hashes(tmp_path / "one") == _hashes(tmp_path / "two")


def test_another_seed_gives_another_hospital(tmp_path):
    generate(tmp_path / "one", encounters=500, seed=7)
    generate(tmp_path / "two", encounters=500, seed=8)
    assert _hashes(tmp_path / "one")["patients.csv"] != _hashes(tmp_path / "two")["patients.csv"]


@pytest.mark.parametrize("count", [1, 10, 500])
def test_a_small_hospital_has_exactly_the_encounters_asked_for(tmp_path, count):
    made = generate(tmp_path, encounters=count, seed=3)
    files = [path for path in made.files if path.name.startswith("encounters")]
    ids = {line.split(",")[0] for path in files for line in path.read_text().splitlines()[1:]}
    assert len(ids) == made.encounter_count == count


def test_the_default_hospital_has_100_000_distinct_encounters(hospital):
    files = [path for path in hospital.files if path.name.startswith("encounters")]
    ids = {line.split(",", 1)[0] for path in files for line in path.read_text().splitlines()[1:]}
    assert len(ids) == hospital.encounter_count == 100_000


def test_files_are_cut_by_quarter_of_arrival(hospital):
    quarters = ("2024q4", "2025q1", "2025q2", "2025q3", "2025q4", "2026q1", "2026q2", "2026q3", "2026q4")
    feeds = ("encounters", "vital_sets", "diagnoses", "procedures", "lab_results")
    expected = {"patients.csv"} | {f"{feed}_{quarter}.csv" for feed in feeds for quarter in quarters}
    assert {path.name for path in hospital.files} == expected


@pytest.mark.parametrize("feed", FEEDS)
def test_headers_are_the_columns_of_the_contract(hospital, feed):
    """But those that say what was assumed: a hospital sends what it knows."""
    contract = load_contracts(TABLES)[f"bronze.{feed}"]
    columns = [column.name for column in contract.raw_columns]
    first_file = next(path for path in hospital.files if path.name.startswith(feed))
    header = first_file.read_text().splitlines()[0].split(",")
    assert header == list(COLUMNS[feed]) == [name for name in columns if name not in FILLED_HERE]


def test_the_manifest_names_every_file_by_its_content(hospital, landing):
    manifest = json.loads((landing / "synthetic_hospital.json").read_text())
    written = {name: content for name, content in _hashes(landing).items() if name.endswith(".csv")}
    assert manifest["source"] == "synthetic"
    assert {name: file["sha256"] for name, file in manifest["files"].items()} == written
    assert {name: file["lines"] for name, file in manifest["files"].items()} == hospital.line_counts


def test_every_file_is_plain_text_that_ends_with_a_line_break(hospital):
    contents = [path.read_bytes() for path in hospital.files]
    assert all(content.endswith(b"\n") and b"\r" not in content and b'"' not in content for content in contents)
    assert sum(content.count(b"\n") - 1 for content in contents) == sum(hospital.line_counts.values())


def test_a_stopped_run_leaves_no_file(tmp_path):
    def stop(done: int, wanted: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path, encounters=100, on_progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_synthetic_hospital_is_replaced_whole(tmp_path):
    generate(tmp_path, encounters=2_000)
    made = generate(tmp_path, encounters=1)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in made.files} | {"synthetic_hospital.json"}


def test_a_file_of_somebody_else_is_not_overwritten(tmp_path):
    theirs = tmp_path / "patients.csv"
    theirs.write_text("patient_id\nreal-1\n")
    with pytest.raises(BadRequest, match=r"patients\.csv .* not overwritten"):
        generate(tmp_path, encounters=10)
    assert theirs.read_text() == "patient_id\nreal-1\n"


@pytest.mark.parametrize("wrong", [{"encounters": 0}, {"encounters": -5}, {"seed": -1}])
def test_impossible_arguments_are_refused_before_anything_is_written(tmp_path, wrong):
    with pytest.raises(BadRequest):
        generate(tmp_path / "landing", **wrong)
    assert not (tmp_path / "landing").exists()


def test_progress_ends_at_the_number_asked_for(tmp_path):
    seen = []
    generate(tmp_path, encounters=300, on_progress=lambda done, wanted: seen.append((done, wanted)))
    assert seen[-1] == (300, 300)


def test_memory_does_not_grow_with_the_hospital(tmp_path, monkeypatch):
    monkeypatch.setattr(synthetic_hospital, "MOST_PEOPLE_AT_ONCE", 1_000)
    generate(tmp_path / "warm", encounters=1_000)
    small, large = (_peak_bytes(tmp_path / str(count), count) for count in (2_000, 12_000))
    assert large < 1.25 * small


def _peak_bytes(folder, encounters):
    tracemalloc.start()
    generate(folder, encounters=encounters)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_one_line_in_two_hundred_is_sent_twice(raw):
    twice = [feed.duplicated().mean() for feed in raw.values()]
    assert twice == pytest.approx([0.005] * 6, abs=0.0015)


def test_one_encounter_in_two_hundred_is_corrected_later(raw):
    versions = raw["encounters"].drop_duplicates().groupby("encounter_id").updated_at.nunique()
    assert (versions > 1).mean() == pytest.approx(0.005, abs=0.0015)


def test_few_lines_have_the_wrong_number_of_fields(hospital):
    shape = [(path.name, len(line.split(","))) for path in hospital.files for line in path.read_text().splitlines()]
    expected = {feed: len(columns) for feed, columns in COLUMNS.items()}
    wrong = [fields for name, fields in shape if fields != expected[name.partition("_20")[0].removesuffix(".csv")]]
    assert 8 <= len(wrong) <= 80


def test_all_three_date_formats_arrive(raw):
    shape = raw["encounters"].arrived_at.str.replace(r"\d", "9", regex=True)
    assert set(shape) == {"9999-99-99 99:99:99", "9999-99-99T99:99:99", "99/99/9999 99:99", "9" * 14, ""}


def test_heart_rates_are_missing_unreadable_or_impossible_at_real_rates(raw):
    sent = raw["vital_sets"].heart_rate
    number = pd.to_numeric(sent, errors="coerce")
    assert sent.isin(["", "-9", "998"]).mean() == pytest.approx(0.072, abs=0.006)
    assert ((number.between(-1, 19) & (number != -9)) | (number == 1500)).mean() == pytest.approx(0.0014, abs=0.0005)
    assert 0 < (~sent.str.fullmatch(PLAIN_NUMBER) & (sent != "")).mean() < 0.001


def test_blood_pressure_is_missing_more_often_in_children(arrivals):
    missing = arrivals.systolic_bp.isna()
    assert missing[arrivals.age < 18].mean() == pytest.approx(0.37, abs=0.05)
    assert missing[arrivals.age >= 18].mean() == pytest.approx(0.046, abs=0.01)


def test_temperatures_come_in_two_units_and_a_few_are_mislabelled(raw):
    sent = raw["vital_sets"][["temperature", "temperature_unit"]]
    warm = pd.to_numeric(sent.temperature, errors="coerce").between(60, 130)
    assert warm.mean() == pytest.approx(0.24, abs=0.05)
    assert (warm & sent.temperature_unit.isin(["C", "CEL"])).mean() == pytest.approx(0.001, abs=0.0004)


def test_few_encounters_cannot_be(tables):
    encounters = tables.encounters
    faulty = {
        "ends before it begins": encounters.discharged_at < encounters.arrived_at,
        "unknown patient": encounters.birth_date.isna() & ~encounters.patient_id.isin(tables.patients.patient_id),
        "no arrival": encounters.arrived_at.isna(),
        "before birth": encounters.arrived_at < encounters.birth_date,
    }
    assert {name: rows.mean() for name, rows in faulty.items()} == pytest.approx(
        {"ends before it begins": 0.0008, "unknown patient": 0.0006, "no arrival": 0.0004, "before birth": 0.0003}, abs=0.0003
    )
