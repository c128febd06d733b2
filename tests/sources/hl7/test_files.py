"""Whatever frames and separates the messages of a file; and what makes a file, or a message, one that cannot be trusted."""

from __future__ import annotations

import gzip
import logging
import random
import time

import pytest

from pipeline.catalog.contract import feeds, load_contracts
from pipeline.errors import FileRefused
from pipeline.sources.hl7.reader import read
from pipeline.sources.records import Record
from tests.sources.hl7.written import PID, admission, file, items, message, result, rows, unreadable, visit

A, B = admission(), admission(f19="V-2")
BATCH = f"FHS|^~\\&\rBHS|^~\\&\r{A}{B}BTS|2\rFTS|1\r"
ORU = message("ORU^R01", PID, visit(), "OBR|1|||X|||20250228090000", result("72"), result("12", "718-7^H^LN"))
DIAGNOSED = message("ADT^A03", PID, visit(), "DG1|1||I50.9^x^I10C", "PR1|1||B245ZZZ^x^I10P")
COLUMNS = {name: {column.name for column in feed.raw_columns} for name, feed in feeds(load_contracts()).items()}
LATER_COLUMNS = {"birth_date_basis", "time_basis"}
"""Columns that say where a date or a time comes from."""

READ = {
    "CR": (A + B).encode(),
    "LF": (A + B).replace("\r", "\n").encode(),
    "CR and LF": (A + B).replace("\r", "\r\n").encode(),
    "blank lines": (A + "\r\r" + B).encode(),
    "no end": (A + B).rstrip("\r").encode(),
    "a byte order mark": b"\xef\xbb\xbf" + (A + B).encode(),
    "MLLP": b"\x0b" + A.encode() + b"\x1c\r\x0b" + B.encode() + b"\x1c\r",
    "a batch": BATCH.encode(),
    "a batch with a mark and LF": b"\xef\xbb\xbf" + BATCH.replace("\r", "\n").encode(),
    "gzip": gzip.compress((A + B).encode()),
}

REFUSED = {
    "empty": (b"", "begins with no message header"),
    "a table": (b"encounter_id,patient_id\nE-1,P-1\n", "begins with no message header"),
    "zero bytes": (A.encode("utf-16-le"), "has zero bytes"),
    "a batch without its end": (BATCH.replace("BTS|2\rFTS|1\r", "").encode(), "a batch or a message in it does not end"),
    "a batch that counts more": (BATCH.replace("BTS|2", "BTS|3").encode(), "its trailer counts 3, and it has 2"),
    "a file that counts more": (BATCH.replace("FTS|1", "FTS|2").encode(), "its trailer counts 2, and it has 1"),
    "a trailer without its header": ((A + "BTS|1\r").encode(), "a trailer of a batch without its header"),
    "MLLP without its end": (b"\x0b" + A.encode() + b"\x1c\r\x0b" + B.encode(), "a batch or a message in it does not end"),
    "gzip without its end": (gzip.compress(A.encode())[:-6], "damaged or cut off"),
}


@pytest.mark.parametrize("shape", READ)
def test_a_file_is_read_whatever_frames_its_messages(shape, tmp_path):
    path = tmp_path / "messages.hl7"
    path.write_bytes(READ[shape])
    encounters = [item.values["encounter_id"] for item in read(path) if isinstance(item, Record) and item.feed == "encounters"]
    assert encounters == ["V-1", "V-2"]


@pytest.mark.parametrize("why", REFUSED)
def test_a_file_that_cannot_be_trusted_is_refused_before_its_first_item(why, tmp_path):
    path = tmp_path / "messages.hl7"
    path.write_bytes(REFUSED[why][0])
    with pytest.raises(FileRefused, match=REFUSED[why][1]):
        next(read(path))


@pytest.mark.parametrize(
    "named, encoding", [("", "utf-8"), ("UNICODE UTF-8", "utf-8"), ("8859/1", "latin-1"), ("8859/15~X", "iso8859-15")]
)
def test_the_text_is_in_the_character_set_the_header_names(named, encoding, tmp_path):
    sent = message("ADT^A28", PID.replace("Ash", "Äsch"), rest=f"|1|P|2.5||||||{named}")
    path = file(tmp_path, sent, encoding=encoding)
    assert [item.values["family_name"] for item in read(path)] == ["Äsch"]


@pytest.mark.parametrize(
    "broken, reason",
    [
        (message("ADT^A28", PID, rest="|1|P|2.5||||||ISO IR87"), "the message names a character set that is not read here"),
        ("MSHthis is not a header\r", "the message header does not say how the message is written"),
        ("MSH||||\r", "the message header does not say how the message is written"),
    ],
)
def test_a_message_that_cannot_be_read_is_told_and_the_others_are_read(broken, reason, tmp_path):
    assert unreadable(tmp_path, A, broken, B) == [(5, reason)]
    assert len(rows(tmp_path, "encounters", A, broken, B)) == 2


def test_a_message_in_another_character_set_than_it_names_is_unreadable(tmp_path):
    path = file(tmp_path, A, message("ADT^A28", PID.replace("Ash", "Äsch")), encoding="latin-1")
    assert [item.reason for item in read(path) if not isinstance(item, Record)] == [
        "the message is not in the character set it names, or not in UTF-8"
    ]


def test_other_separators_and_escapes_are_read_as_the_header_says(tmp_path):
    sent = "MSH$%~!&$A$North$$$20250228100000$$ADT%A28$1$P$2.5\rPID$1$$77$$O!T!Hara & Sons%Ada!S!May$$19500228$F\r"
    [row] = rows(tmp_path, "patients", sent)
    assert (row["patient_id"], row["family_name"], row["given_name"]) == ("77", "O&Hara", "Ada%May")


@pytest.mark.parametrize("escape", [r"\.sp9999999999\ ".strip(), r"\X0\ ".strip(), r"\Zsecret\ ".strip(), r"\.brx\ ".strip(), "\\"])
def test_an_escape_that_is_not_known_is_left_as_it_was_sent_and_never_reaches_the_log(escape, tmp_path, caplog):
    with caplog.at_level(logging.DEBUG):
        [row] = rows(tmp_path, "patients", message("ADT^A28", PID.replace("Ash", f"Ash{escape}")))
    assert row["family_name"] == f"Ash{escape}"
    assert caplog.records == []


def test_no_two_records_of_a_feed_share_a_row(tmp_path):
    found = [(item.feed, item.row) for item in items(tmp_path, A, B, ORU, DIAGNOSED) if isinstance(item, Record)]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("seed", range(4))
def test_changed_bytes_never_break_the_reader(seed, tmp_path):
    chance, whole = random.Random(seed), (A + ORU + DIAGNOSED + BATCH).encode()
    path = tmp_path / "messages.hl7"
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(chance.randrange(1, 12)):
            content[chance.randrange(len(content))] = chance.choice([chance.randrange(256), *b"|^~\\&\r\n"])
        path.write_bytes(bytes(content[: chance.randrange(1, len(content))] if chance.random() < 0.3 else content))
        _read_through(path)


def test_a_thousand_messages_are_read_in_a_breath(tmp_path):
    path = file(tmp_path, *(one.replace("V-1", f"V-{number}") for number in range(500) for one in (A, ORU)))
    began = time.process_time()
    assert sum(1 for _ in read(path)) == 500 * len(("encounter", "vital sign", "laboratory result")) + len(("patient",))
    assert time.process_time() - began < 10


def _read_through(path) -> None:
    try:
        found = list(read(path))
    except FileRefused:
        return
    for record in (item for item in found if isinstance(item, Record)):
        assert set(record.values) <= COLUMNS[record.feed] | LATER_COLUMNS
        assert all(isinstance(value, str) for value in record.values.values())
