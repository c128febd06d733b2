"""What makes a FHIR file, or a line of it, one that cannot be trusted; and every shape that can."""

from __future__ import annotations

import gzip
import json

import pytest

from pipeline.errors import FileRefused
from pipeline.sources import unpacked
from pipeline.sources.fhir import documents
from pipeline.sources.fhir.reader import read
from tests.sources.fhir.written import ENCOUNTER, OBSERVATION, PATIENT, bundle, ndjson, not_understood, records, unreadable, values

LINE = json.dumps(PATIENT).encode()
PACKED = gzip.compress(LINE + b"\n")
DEEP = b'{"resourceType":"Patient","id":"x","extension":' + b"[" * 5_000 + b"]" * 5_000 + b"}"

REFUSED = {
    "empty.json": (b"", "is empty"),
    "blank.ndjson": (b"\n \n", "is empty"),
    "cut.json": (json.dumps({"resourceType": "Bundle", "entry": [{"resource": PATIENT}]}, indent=1).encode()[:90], "or cut off"),
    "cut.ndjson": (LINE + b"\n" + LINE[:40], "seems to be cut off: its last line is not JSON"),
    "zero.ndjson": (LINE + b"\n\0\n", "has zero bytes"),
    "utf16.json": (LINE.decode().encode("utf-16"), "has zero bytes"),
    "latin1.json": (b'{\n"resourceType":"Patient",\n"id":"Z\xfcrich"}', "is not UTF-8"),
    "deep.json": (b"{\n" + DEEP[1:], "is nested too deeply"),
    "list.json": (b"[\n1]", "names no FHIR resource"),
    "settings.json": (b'{\n"a": 1}', "names no FHIR resource"),
    "nan.json": (b'{\n"resourceType":"Patient","id":NaN}', "is not JSON"),
    "cut.ndjson.gz": (PACKED[:-9], "damaged or cut off"),
    "checksum.ndjson.gz": (PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "damaged or cut off"),
    "trailing.ndjson.gz": (PACKED + b"more", "damaged or cut off"),
    "page.html": (b"<html>\n</html>", "is not JSON"),
}

BROKEN_LINES = {
    "not json": (b'{"resourceType": "Patient"', "the line is not JSON"),
    "not utf-8": (b'{"resourceType":"Patient","id":"\xfc"}', "the line is not UTF-8"),
    "nested too deeply": (DEEP, "the line is nested too deeply"),
    "a name twice": (b'{"resourceType":"Patient","id":"a","id":"b"}', "a name stands twice in one object"),
    "a name twice inside": (b'{"resourceType":"Patient","id":"a","x":[{"y":1,"y":2}]}', "a name stands twice in one object"),
    "a zero character": (b'{"resourceType":"Patient","id":"a\\u0000"}', "it has characters that are not text"),
    "half a character": (b'{"resourceType":"Patient","id":"\\ud83d"}', "it has characters that are not text"),
    "nested 70 deep": (
        b'{"resourceType":"Patient","x":' + b"[" * 70 + b"]" * 70 + b"}",
        "it is nested more than 64 deep",
    ),
    "no type": (b'{"id":"a"}', "it names no resource type"),
    "a number": (b"5", "it names no resource type"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_trusted_is_refused_before_its_first_item(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(REFUSED[name][0])
    with pytest.raises(FileRefused, match=REFUSED[name][1]):
        next(read(path))


@pytest.mark.parametrize("name", BROKEN_LINES)
def test_a_line_that_is_no_resource_is_unreadable_and_the_others_are_read(name, tmp_path):
    path = tmp_path / "p.ndjson"
    path.write_bytes(b"\n".join((LINE, BROKEN_LINES[name][0], LINE)) + b"\n")
    assert [(one.row, one.reason) for one in unreadable(path)] == [(2, BROKEN_LINES[name][1])]
    assert [one.row for one in records(path)] == [1, 3]


def test_an_error_never_holds_a_value_of_a_row(tmp_path):
    path = tmp_path / "p.ndjson"
    path.write_bytes(LINE + b"\n" + LINE[:60])
    with pytest.raises(FileRefused) as refusal:
        list(read(path))
    assert "ada" not in str(refusal.value)


@pytest.mark.parametrize("write", [bundle, ndjson])
@pytest.mark.parametrize("pack", [lambda content: content, gzip.compress])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_bundles_and_lines_are_read_alike_packed_or_not(write, pack, mark, tmp_path):
    plain = write(tmp_path / "plain.json", PATIENT, ENCOUNTER, OBSERVATION)
    sent = tmp_path / "sent.json"
    sent.write_bytes(pack(mark + plain.read_bytes()))
    assert [found["feed"] for found in values(sent)] == ["patients", "encounters", "vital_signs"]
    assert values(sent) == values(plain)


@pytest.mark.parametrize("spaced", [None, 1])
def test_one_resource_alone_is_a_file(spaced, tmp_path):
    path = tmp_path / "Patient-ada.json"
    path.write_text(json.dumps(PATIENT, indent=spaced), encoding="utf-8")
    assert [one.feed for one in records(path)] == ["patients"]


def test_bundles_inside_a_bundle_and_in_a_line_are_opened(tmp_path):
    inner = {"resourceType": "Bundle", "entry": [{"resource": PATIENT}, {"resource": ENCOUNTER}]}
    path = ndjson(tmp_path / "b.ndjson", {"resourceType": "Bundle", "entry": [{"resource": inner}]}, PATIENT)
    assert [(one.row, one.feed) for one in records(path)] == [(1, "patients"), (2, "encounters"), (3, "patients")]


def test_what_a_bundle_asks_for_beside_its_resources_is_counted(tmp_path):
    deleted = {"request": {"method": "DELETE", "url": "Patient/ada"}}
    path = tmp_path / "b.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "entry": [deleted, {"fullUrl": "x"}, 7]}, indent=1), encoding="utf-8")
    assert not_understood(path) == [
        ("Bundle.entry", "it deletes or patches a resource, which is not carried out"),
        ("Bundle.entry", "it has no resource"),
    ]
    assert [one.reason for one in unreadable(path)] == ["the entry of the Bundle cannot be read"]


def test_types_that_are_not_used_are_counted_by_their_name_and_others_without_it(tmp_path):
    path = ndjson(tmp_path / "x.ndjson", {"resourceType": "Claim"}, {"resourceType": "Ada Ash, born 1950"})
    assert not_understood(path) == [
        ("Claim", "this type of resource is not used"),
        ("a type that FHIR does not have", "this type of resource is not used"),
    ]


def test_a_record_carries_its_resource_as_it_was_received(tmp_path):
    path = ndjson(tmp_path / "p.ndjson", PATIENT)
    assert records(path)[0].source_text == path.read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("module, name", [(unpacked, "MOST_BYTES"), (documents, "MOST_BYTES_AT_ONCE")])
def test_a_file_beyond_the_limits_is_refused(module, name, tmp_path, monkeypatch):
    monkeypatch.setattr(module, name, 100)
    with pytest.raises(FileRefused, match=r"unpacks to far more|in one piece"):
        list(read(ndjson(tmp_path / "p.ndjson", PATIENT, PATIENT)))


def test_a_file_that_unpacks_to_far_too_much_is_refused_long_before_its_end(tmp_path):
    path = tmp_path / "bomb.ndjson.gz"
    with gzip.open(path, "wb") as stream:
        for _ in range(40):
            stream.write(b" " * (1 << 20) + b"\n")
    with pytest.raises(FileRefused, match="unpacks to far more than it should"):
        next(read(path))
