"""What the readmission model may know of a stay, story by story on the real SQL, and that it knows nothing of what comes later."""

from __future__ import annotations

import csv

import pytest

from pipeline.sources.synthetic_hospital import generate
from tests.tables.golden import built_from
from tests.tables.stories import as_text, raw_rows, stories

STORIES = stories("risk_feature_cases")
FEEDS = ("patients", "encounters", "vital_sets", "diagnoses", "procedures", "lab_results")
ENCOUNTERS = 1_500


@pytest.fixture(scope="module")
def known():
    """The features of every stay by its number."""
    rows = built_from(raw_rows(STORIES)).arrow("select * from gold.risk_features").to_pylist()
    return {row["stay_id"]: row for row in rows}


@pytest.mark.parametrize("number", range(len(STORIES)), ids=[story["says"] for story in STORIES])
def test_story(number, known):
    story = STORIES[number]
    stay = known[f"{number}-{story.get('stay', story['encounters'][-1]['id'])}"]
    assert {name: as_text(stay[name]) for name in story["expect"]} == story["expect"]


def test_a_line_sent_twice_is_known_once():
    once = raw_rows(STORIES)
    twice = {**once, "encounters": once["encounters"] * 2, "diagnoses": once["diagnoses"] * 2, "vital_sets": once["vital_sets"] * 2}
    assert _features(built_from(twice)) == _features(built_from(once))


@pytest.fixture(scope="module")
def hospital(tmp_path_factory):
    """The raw rows of a small synthetic hospital, by feed."""
    landing = tmp_path_factory.mktemp("hospital")
    generate(landing, encounters=ENCOUNTERS, seed=11)
    return {feed: [row for path in sorted(landing.glob(f"{feed}*.csv")) for row in _rows(path)] for feed in FEEDS}


@pytest.fixture(scope="module")
def whole(hospital):
    return built_from(hospital)


@pytest.mark.parametrize("last_day", ["2025-03-01", "2025-10-01", "2026-06-01"])
def test_what_is_known_at_discharge_is_the_same_when_nothing_after_it_has_come(last_day, hospital, whole):
    before = {key for (key,) in whole.rows(f"select encounter_id from silver.encounters where arrived_at < '{last_day}'")}
    kept = {feed: [row for row in rows if row["encounter_id"] in before] for feed, rows in hospital.items() if feed != "patients"}
    left = f"discharged_at < '{last_day}'"
    stays = _features(whole, left)
    assert len(stays) > 30
    assert _features(built_from({**kept, "patients": hospital["patients"]}), left) == stays


def _features(duck, condition: str = "true") -> list[tuple]:
    return duck.rows(f"select * from gold.risk_features where {condition} order by stay_id")


def _rows(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
