"""Whatever is changed in a FHIR file, reading it gives items or refuses the file, and never fails otherwise."""

from __future__ import annotations

import copy
import gzip
import json
import random
from dataclasses import replace

import pytest

from pipeline.catalog.contract import feeds, load_contracts
from pipeline.errors import FileRefused
from pipeline.sources.fhir.reader import read
from pipeline.sources.records import Record
from tests.sources.fhir.written import CONDITION, ENCOUNTER, LAB, OBSERVATION, PATIENT, PROCEDURE

STRANGE = [None, True, 0, -1, 1e308, "", " ", "\u0000", "\ud800", "2025-99-99T99:99:99Z", "9" * 5_000, [], {}, [[]], [{}], [None]]
LISTED = ENCOUNTER | {"diagnosis": [{"condition": {"reference": "Condition/failure"}, "rank": 1}], "location": [{"location": {}}]}
RESOURCES = [PATIENT | {"name": [{"given": ["A"]}]}, LISTED, OBSERVATION | {"component": [LAB]}, LAB, CONDITION, PROCEDURE]
COLUMNS = {name: {column.name for column in feed.raw_columns} for name, feed in feeds(load_contracts()).items()}
LATER_COLUMNS = {"birth_date_basis"}
"""A column of patients that says where a birth date comes from."""

ROUNDS = 400


@pytest.mark.parametrize("seed", range(3))
def test_changed_values_never_break_the_reader(seed, tmp_path):
    chance, path = random.Random(seed), tmp_path / "f.json"
    for _ in range(ROUNDS):
        resources = [_changed(chance, copy.deepcopy(resource)) for resource in RESOURCES]
        entries = [{"resource": resource, "fullUrl": f"urn:uuid:{number}"} for number, resource in enumerate(resources)]
        written = json.dumps({"resourceType": "Bundle", "entry": entries}, indent=chance.choice([None, 1]))
        path.write_text(written, encoding="utf-8")
        _read_through(path)


@pytest.mark.parametrize("seed", range(3))
def test_changed_bytes_never_break_the_reader(seed, tmp_path):
    chance, path = random.Random(seed), tmp_path / "f.ndjson"
    whole = "".join(json.dumps(resource) + "\n" for resource in RESOURCES).encode()
    for _ in range(ROUNDS):
        content = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(bytes(content[: chance.randrange(1, len(content))] if chance.random() < 0.3 else content))
        _read_through(path)


@pytest.mark.parametrize("seed", range(2))
def test_changed_bytes_of_an_archive_never_break_the_reader(seed, tmp_path):
    chance, path = random.Random(seed), tmp_path / "f.ndjson.gz"
    whole = gzip.compress("".join(json.dumps(resource) + "\n" for resource in RESOURCES).encode())
    for _ in range(ROUNDS):
        content = bytearray(whole)
        content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(bytes(content[: chance.randrange(1, len(content))] if chance.random() < 0.3 else content))
        _read_through(path)


def _read_through(path) -> None:
    try:
        items = list(read(path))
    except FileRefused:
        return
    for record in (item for item in items if isinstance(item, Record)):
        assert set(record.values) <= COLUMNS[record.feed] | LATER_COLUMNS
        assert all(isinstance(value, str) for value in record.values.values())
        repr(replace(record)).encode("utf-8")


def _changed(chance: random.Random, resource: dict) -> dict:
    """The resource with one to three of its values, at any depth, replaced by something strange."""
    for _ in range(chance.randrange(1, 4)):
        holder: dict | list = resource
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = chance.choice(keys)
            if not isinstance(holder[key], dict | list) or chance.random() < 0.3:
                holder[key] = copy.deepcopy(chance.choice(STRANGE))
                break
            holder = holder[key]
    return resource
