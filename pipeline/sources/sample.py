"""Makes a small file of the first lines of a large one, of the same name and kind, after the large one was proved whole."""

from __future__ import annotations

import gzip
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import IO

from pipeline.errors import FileRefused
from pipeline.sources import parquet_look
from pipeline.sources.canonical import LandedFile
from pipeline.sources.plain_text import CANONICAL_TEXT, TextFormat, is_compressed, plain_text
from pipeline.sources.recognise import ForeignFile

MOST_OF_A_BATCH = 10_000


def sampled(landed: LandedFile | ForeignFile, count: int, room: Path) -> tuple[LandedFile | ForeignFile, bool]:
    """The file's first `count` lines as a file in `room`, and whether that is all of it.

    Formats with a reader of their own are not cut. Raises FileRefused for a file that is not whole.
    """
    if isinstance(landed, LandedFile):
        return _canonical(landed, count, room)
    if landed.format == "parquet":
        return _parquet(landed, count, room)
    if not landed.mapping.is_tabular:
        return landed, True
    text = replace(landed.mapping.text, quote="") if landed.format == "ndjson" else landed.mapping.text
    header_lines = 1 if landed.format == "delimited" and text.names is None else 0
    path, line_count = _first_lines(landed.path, text, count + header_lines, room)
    mapping = replace(landed.mapping, text=replace(landed.mapping.text, encoding="utf-8"))
    return replace(landed, path=path, mapping=mapping), line_count <= count + header_lines


def _canonical(landed: LandedFile, count: int, room: Path) -> tuple[LandedFile, bool]:
    path, line_count = _first_lines(landed.path, CANONICAL_TEXT, count + 1, room)
    kept = min(landed.line_count, count)
    odd = tuple(line for line in landed.odd_lines if line <= kept + 1)
    blank = tuple(line for line in landed.blank_lines if line <= kept + 1)
    is_plain = not is_compressed(path)
    sample = replace(landed, path=path, line_count=kept, odd_lines=odd, blank_lines=blank, is_plain=is_plain)
    return sample, line_count <= count + 1


def _first_lines(path: Path, text: TextFormat, count: int, room: Path) -> tuple[Path, int]:
    """The sample, and the lines of the whole file. Skipped lines stay, empty, so that the others keep their numbers."""
    target = room / path.name
    with (
        plain_text(path, text, room) as (plain, found),
        plain.open(encoding="utf-8-sig", newline="\n") as source,
        _opened(target) as writer,
    ):
        writer.write("\n" * text.skip_lines)
        writer.writelines(islice(source, count))
    return target, found.line_count


def _opened(target: Path) -> IO[str]:
    if is_compressed(target):
        return gzip.open(target, "wt", encoding="utf-8", newline="\n")
    return target.open("w", encoding="utf-8", newline="\n")


def _parquet(landed: ForeignFile, count: int, room: Path) -> tuple[ForeignFile, bool]:
    import pyarrow as pa
    from pyarrow import parquet

    target = room / landed.path.name
    try:
        with parquet.ParquetFile(landed.path) as source:
            batches = source.iter_batches(batch_size=min(count, MOST_OF_A_BATCH))
            first = next(batches, None)
            rows = pa.Table.from_batches([] if first is None else [first], schema=source.schema_arrow)
        parquet.write_table(rows, target)
    except (pa.ArrowException, ValueError, OSError) as broken:
        raise FileRefused(f"{landed.path.name} is damaged inside. Send it again; nothing of it was taken.") from broken
    return replace(landed, path=target, byte_count=target.stat().st_size), parquet_look.row_count(landed.path) <= count
