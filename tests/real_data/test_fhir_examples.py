"""The official FHIR R4 examples and the Synthea bundles: every resource is accounted for, by a count that knows no reader.

HL7 FHIR R4 examples (CC0), 127 files; 39 Synthea bundles (Apache-2.0).
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from itertools import groupby

import pytest

from pipeline.errors import FileRefused
from pipeline.sources.fhir.reader import read
from pipeline.sources.records import NotUnderstood, Record
from tests.tables.golden import built_from

FOLDERS = {"fhir_r4_examples/json": 127, "synthea_fhir_r4": 39}
TYPES = ("Patient", "Encounter", "Condition", "Procedure", "Observation")
FEEDS = {"Patient": ["patients"], "Encounter": ["encounters"], "Condition": ["diagnoses"], "Procedure": ["procedures"]} | {
    "Observation": ["vital_signs", "lab_results"]
}


@pytest.fixture(scope="module", params=FOLDERS)
def files(request, real_data):
    """For each file of one folder: what the reader gives, and the resources of each type that a plain count finds."""
    found = sorted((real_data / request.param).glob("*.json*"))
    assert len(found) == FOLDERS[request.param]
    return [(_items(path), _resources(_loaded(path))) for path in found]


@pytest.mark.parametrize("type_", TYPES)
def test_resources_are_records_or_counted(type_, files):
    taken = sum(_resources_of(items, FEEDS[type_]) for items, _ in files)
    counted = sum(item.count for items, _ in files for item in items if isinstance(item, NotUnderstood) and item.what == type_)
    in_files = sum(resources[type_] for _, resources in files)
    assert in_files > 0 or type_ == "Procedure"
    assert taken + counted == in_files


def test_the_other_types_are_counted_to_the_last_one(files):
    in_files = sum((resources for _, resources in files), Counter())
    counted = Counter(item.what for items, _ in files for item in items if isinstance(item, NotUnderstood))
    others = {type_: count for type_, count in in_files.items() if type_ not in TYPES}
    assert others
    assert {type_: counted[type_] for type_ in others} == others


def test_synthea_gives_what_its_resources_say(real_data):
    feeds, signs = Counter(), Counter()
    for path in (real_data / "synthea_fhir_r4").glob("*.json.gz"):
        taken = [item for item in _items(path) if isinstance(item, Record)]
        feeds += Counter(record.feed for record in taken)
        signs += Counter(record.values["sign"] for record in taken if record.feed == "vital_signs")
    assert feeds == {"patients": 39, "encounters": 637, "diagnoses": 204, "lab_results": 2286, "vital_signs": 672}
    assert signs == {"8480-6": 323, "8462-4": 323, "8331-1": 26}


def test_every_record_of_synthea_is_accepted_and_nothing_it_lacks_is_made_up(real_data):
    given = {feed: [] for feed in ("patients", "encounters", "diagnoses", "lab_results", "vital_signs")}
    for path in sorted((real_data / "synthea_fhir_r4").glob("*.json.gz")):
        for record in (item for item in _items(path) if isinstance(item, Record)):
            given[record.feed].append(dict(record.values))
    duck = built_from(given)
    accepted = {feed: duck.rows(f"select count(*) from silver.{feed}")[0][0] for feed in given}
    assert accepted == {feed: len(rows) for feed, rows in given.items()}
    assert duck.rows("select count(*) from silver.quarantine") == [(0,)]
    classes = dict(duck.rows("select encounter_class, count(*) from silver.encounters group by encounter_class"))
    assert classes == {"Outpatient": 587, "Emergency": 42, "Inpatient": 8}
    assert duck.rows("select count(*), count(case when news2_status = 'computed' then 1 end) from silver.vital_sets") == [(349, 0)]
    assert duck.rows("select coded_index_count, measure_name from gold.readmission_basis") == [
        (0, "30-day return, transfers merged")
    ]


def _items(path) -> list:
    try:
        return list(read(path))
    except FileRefused as refusal:
        pytest.fail(f"{path.name} was refused: {refusal}")


def _resources_of(items: list, wanted: list[str]) -> int:
    """How many resources gave records of these feeds; one with components gives several, one after the other."""
    texts = [item.source_text for item in items if isinstance(item, Record) and item.feed in wanted]
    return len(list(groupby(texts)))


def _loaded(path) -> object:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as stream:
        return json.load(stream)


def _resources(found: object) -> Counter:
    """Resources by type, those in Bundles included, the Bundles themselves and resources inside resources not."""
    if found["resourceType"] != "Bundle":
        return Counter([found["resourceType"]])
    return sum((_resources(entry["resource"]) for entry in found.get("entry", []) if "resource" in entry), Counter())
