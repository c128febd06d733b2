"""A thousand files that somebody could send, by mistake or on purpose, the same ones for the same seed.

Most are good files of every format that were broken in one of the ways real files are: cut off, compressed badly, in
another encoding, with another delimiter, header or line end, with quotes, zero bytes or a line without end in them.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
from collections.abc import Callable, Iterator

import pyarrow as pa
from pyarrow import parquet

from tests.conftest import DIAGNOSES, ENCOUNTERS, LAB_RESULTS, PATIENTS, PROCEDURES, VITAL_SETS
from tests.refresh.foreign import clinic_text

CANONICAL = {
    "patients": PATIENTS, "encounters": ENCOUNTERS, "vital_sets": VITAL_SETS, "diagnoses": DIAGNOSES, "procedures": PROCEDURES,
    "lab_results": LAB_RESULTS,
}  # fmt: skip

Breaking = Callable[[bytes, random.Random], bytes]


def _flat_rows(chance: random.Random) -> list[dict]:
    return [
        {
            "encounter_id": f"F{number}-{chance.randrange(10**9)}", "patient_id": f"FP{number % 7}",
            "patient_age": chance.choice([71, "80-89", 5, "?"]), "heart_rate": chance.choice([80, 131, 999, "x"]),
            "is_readmitted": number % 2, "gender": chance.choice(["Male", "F", "?"]),
            "ingestion_time": f"2025-03-{1 + number % 28:02d} 10:00:00",
        }
        for number in range(40)
    ]  # fmt: skip


def _flat_csv(chance: random.Random) -> bytes:
    rows = _flat_rows(chance)
    return "".join(f"{','.join(map(str, line))}\n" for line in (rows[0].keys(), *(row.values() for row in rows))).encode()


def _flat_ndjson(chance: random.Random) -> bytes:
    return "".join(f"{json.dumps(row)}\n" for row in _flat_rows(chance)).encode()


def _flat_parquet(chance: random.Random) -> bytes:
    target = io.BytesIO()
    parquet.write_table(
        pa.Table.from_pylist([{name: str(value) for name, value in row.items()} for row in _flat_rows(chance)]), target
    )
    return target.getvalue()


def _canonical(chance: random.Random) -> tuple[str, bytes]:
    feed = chance.choice(list(CANONICAL))
    lines = CANONICAL[feed].splitlines()
    body = [chance.choice(lines[1:]).replace("E-", f"E{chance.randrange(10**6)}-", 1) for _ in range(chance.randrange(1, 60))]
    return f"{feed}_{chance.randrange(10**6)}.csv", ("\n".join([lines[0], *body]) + "\n").encode()


def _good_files(chance: random.Random) -> tuple[str, bytes]:
    number = chance.randrange(10**6)
    kind = chance.randrange(6)
    if kind == 0:
        return f"klinik_{number}.csv", clinic_text().replace("1;p1", f"{number};p1").encode("cp1252")
    if kind == 1:
        return f"flat_{number}.csv", _flat_csv(chance)
    if kind == 2:
        return f"flat_{number}.ndjson", _flat_ndjson(chance)
    if kind == 3:
        return f"flat_{number}.parquet", _flat_parquet(chance)
    return _canonical(chance)


def _flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice([1, 1, 3, 20])):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _with(piece: Callable[[random.Random], bytes]) -> Breaking:
    def inserted(content: bytes, chance: random.Random) -> bytes:
        place = chance.randrange(len(content) + 1)
        return content[:place] + piece(chance) + content[place:]

    return inserted


def _lines(change: Callable[[list[bytes], random.Random], list[bytes]]) -> Breaking:
    return lambda content, chance: b"\n".join(change(content.split(b"\n"), chance))


def _swapped_header(lines: list[bytes], _: random.Random) -> list[bytes]:
    names = lines[0].split(b",")
    return [b",".join([*names[1:], names[0]]), *lines[1:]]


def _shuffled(lines: list[bytes], chance: random.Random) -> list[bytes]:
    kept = lines[:]
    chance.shuffle(kept)
    return kept


def _again(lines: list[bytes], chance: random.Random) -> list[bytes]:
    return [*lines[:-1], *(chance.choice(lines) for _ in range(chance.randrange(1, 9))), b""]


def _reencoded(encoding: str) -> Breaking:
    return lambda content, _: content.decode("utf-8", "replace").encode(encoding, "replace")


BREAKINGS: dict[str, Breaking] = {
    "nothing": lambda content, _: content,
    "cut": lambda content, chance: content[: chance.randrange(len(content))],
    "empty": lambda content, _: b"",
    "flipped": _flipped,
    "zeros": _with(lambda chance: b"\0" * chance.choice([1, 2, 999])),
    "quote": _with(lambda _: b'"'),
    "quotes": _with(lambda chance: b'"' * chance.choice([2, 3, 4, 101])),
    "quoted break": _with(lambda _: b'"a\nb"'),
    "delimiters": _with(lambda chance: b"," * chance.choice([1, 2, 400])),
    "break": _with(lambda chance: chance.choice([b"\n", b"\r", b"\r\n", b"\n\n\n", b"\x0b", b"\x85", "\u2028".encode()])),
    "long line": _with(lambda chance: b"x" * chance.choice([70_000, 300_000])),
    "escape": _with(lambda _: b"\\\\\"',;--drop table\n"),
    "formula": _with(lambda _: b"=cmd|' /C calc'!A0"),
    "bad utf-8": _with(lambda chance: chance.choice([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"])),
    "odd signs": _with(lambda chance: chance.choice(["\ufeff", "\u202e", "\U0001f9ec", "\u0301", "\x1b[2J"]).encode()),
    "mark": lambda content, _: b"\xef\xbb\xbf" + content,
    "utf-16": _reencoded("utf-16"),
    "utf-32": _reencoded("utf-32"),
    "latin-1": lambda content, _: content.replace(b"a", b"\xe4"),
    "windows": lambda content, _: content.replace(b"\n", b"\r\n"),
    "macintosh": lambda content, _: content.replace(b"\n", b"\r"),
    "mixed": lambda content, chance: content.replace(b"\n", b"\r\n", chance.randrange(1, 5)),
    "semicolons": lambda content, _: content.replace(b",", b";"),
    "tabs": lambda content, _: content.replace(b",", b"\t"),
    "no header": _lines(lambda lines, _: lines[1:]),
    "header twice": _lines(lambda lines, _: [lines[0], *lines]),
    "header swapped": _lines(_swapped_header),
    "column twice": _lines(lambda lines, _: [lines[0] + b"," + lines[0].split(b",")[0], *(line + b",1" for line in lines[1:])]),
    "column more": _lines(lambda lines, _: [lines[0] + b",_row", *(line + b",1" if line else line for line in lines[1:])]),
    "column less": _lines(lambda lines, _: [line.rpartition(b",")[0] for line in lines]),
    "shuffled": _lines(_shuffled),
    "lines again": _lines(_again),
    "nested": lambda content, chance: b'{"a":' * chance.choice([40, 5_000]) + b"1" + b"}" * 40 + b"\n" + content,
    "numbers": lambda content, _: content.replace(b"0", b"1e400").replace(b"5", b"NaN"),
    "huge dates": lambda content, _: content.replace(b"2025", b"99999").replace(b"1950", b"0000"),
    "binary": lambda content, chance: chance.randbytes(chance.randrange(1, 5_000)),
    "zip": lambda content, _: b"PK\x03\x04" + content,
}


def _compressed(content: bytes, chance: random.Random) -> bytes:
    whole = gzip.compress(content, mtime=0)
    match chance.randrange(6):
        case 0:
            return whole[: chance.randrange(len(whole))]
        case 1:
            return whole[:-8] + struct.pack("<II", 1, len(content))
        case 2:
            return whole + b"garbage"
        case 3:
            return _flipped(whole, chance)
        case 4:
            return gzip.compress(whole, mtime=0)
    return whole


ODD_NAMES = (
    "{}' or 1=1.csv",
    "{} (1).csv",
    "é {}.csv",
    "{}.CSV",
    "{}.csv.csv",
    "{}",
    "{};rm -rf.csv",
    "[{}]*.csv",
    "{}\n.csv",
    "-{}.csv",
)


def hostile_files(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Names and contents; every way of breaking a file comes up, the good file of every format too."""
    chance = random.Random(seed)
    ways = list(BREAKINGS)
    for number in range(count):
        name, content = _good_files(chance)
        way = ways[number % len(ways)]
        content = BREAKINGS[way](content, chance)
        if chance.random() < 0.15:
            content = BREAKINGS[chance.choice(ways)](content, chance) if content else content
        if chance.random() < 0.12:
            name, content = f"{name}.gz", _compressed(content, chance)
        if chance.random() < 0.05:
            stem = f"{name.partition('.')[0]}_{number}"
            name = chance.choice(ODD_NAMES).format(stem)
        yield f"{name.partition('.')[0]}_{number}.{name.partition('.')[2]}" if "." in name and "/" not in name else name, content
    yield "klinik_bomb.csv.gz", gzip.compress(clinic_text().encode() + b"1;" * (80 << 20), mtime=0)
    yield "flat_bomb.csv.gz", gzip.compress(b"\0" * (90 << 20), mtime=0)
