"""What the intake page calls: lay a file down in the landing folder, say what a refresh would make of it, read one again.

Whoever uploads is not trusted: the name is made safe, the size is bounded while the bytes arrive, the content must be
of a kind that can be read, and no file that lies there is ever replaced.
"""

from __future__ import annotations

import os
import re
import unicodedata
from itertools import count
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from pipeline.errors import FileRefused
from pipeline.refresh.expectation import Expectation, ExpectedFeed, RefusedRow, expect
from pipeline.refresh.file_records import read_again
from pipeline.settings import Settings
from pipeline.sources.landing import SYNTHETIC_MANIFEST

__all__ = ["MAX_UPLOAD_BYTES", "Expectation", "ExpectedFeed", "RefusedRow", "expect", "land", "read_again"]

MAX_UPLOAD_BYTES = 200 << 20
"""What a browser may send at once. Larger files are put into the landing folder by other means."""

CHUNK_BYTES = 1 << 20
LONGEST_NAME = 120

ENDINGS = (".csv", ".tsv", ".txt", ".dat", ".parquet", ".ndjson", ".jsonl", ".json", ".hl7")
"""Of files that can be read, also with .gz behind."""

GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
OTHER_KINDS = (GZIP, PARQUET, b"PK\x03\x04", b"%PDF", b"\x89PNG", b"\xd0\xcf\x11\xe0")
"""Compressed, Parquet, zip and new Excel, PDF, a picture, old Excel."""

UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def land(settings: Settings, name: str, content: BinaryIO) -> Path:
    """Writes an uploaded file into the landing folder and returns where it lies, under a name of its own.

    Raises FileRefused, leaving nothing, for an unusable name, too many bytes, or content that its name does not fit.
    """
    safe = _safe_name(name)
    settings.landing.mkdir(parents=True, exist_ok=True)
    arriving = settings.landing / f".{uuid4().hex}.part"
    try:
        _write(arriving, safe, content)
        return _settle(arriving, settings.landing, safe)
    finally:
        arriving.unlink(missing_ok=True)


def _safe_name(name: str) -> str:
    """The last part of the name in plain letters, digits, dots, dashes and underscores."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFKC", name))[-1]
    plain = re.sub(r"[^\w.-]+", "_", last, flags=re.UNICODE).lstrip(".-_")
    if not plain.lower().removesuffix(".gz").endswith(ENDINGS) or plain == SYNTHETIC_MANIFEST:
        raise FileRefused(
            f"The file's name must end with one of {', '.join(ENDINGS)}, also with .gz behind. Rename it and send it again."
        )
    if len(plain.encode()) > LONGEST_NAME:
        raise FileRefused(f"The file's name has more than {LONGEST_NAME} bytes. Shorten it and send it again.")
    return plain


def _write(arriving: Path, name: str, content: BinaryIO) -> None:
    written = 0
    with arriving.open("wb") as target:
        while chunk := content.read(CHUNK_BYTES):
            if written == 0:
                _require_kind(name, chunk)
            written += len(chunk)
            if written > MAX_UPLOAD_BYTES:
                raise FileRefused(
                    f"{name} has more than {MAX_UPLOAD_BYTES >> 20} MiB. Put it into the landing folder without the browser."
                )
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    if written == 0:
        raise FileRefused(f"{name} is empty. Send it again.")


def _require_kind(name: str, first: bytes) -> None:
    """By its first bytes: compressed where it says so, Parquet where it says so, and text everywhere else."""
    ending = name.lower()
    if ending.endswith(".gz"):
        fits = first.startswith(GZIP)
    elif ending.endswith(".parquet"):
        fits = first.startswith(PARQUET)
    else:
        fits = first.startswith(UTF_16_MARKS) or (
            b"\0" not in first and not first.startswith((GZIP, PARQUET, b"PK\x03\x04", b"%PDF"))
        )
    if not fits:
        raise FileRefused(f"{name} is not what its name says. Export it again as text, Parquet or gzip, and send that.")


def _settle(arriving: Path, landing: Path, name: str) -> Path:
    """Gives the file its name, or the next free one; a link fails where a rename would replace."""
    stem, dot, ending = name.partition(".")
    for number in count(1):
        target = landing / (name if number == 1 else f"{stem}-{number}{dot}{ending}")
        try:
            os.link(arriving, target)
        except FileExistsError:
            continue
        return target
    raise AssertionError("count() does not end")
