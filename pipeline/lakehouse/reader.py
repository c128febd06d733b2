"""The published tables, open for reading: one locked engine per publication, shared by every reader of a process.

Its views pin the publication's files, so that a reader sees one consistent set while a refresh writes the next.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from pipeline.catalog.contract import Contract, load_contracts
from pipeline.errors import LakeDamaged, NotPublished
from pipeline.lakehouse.duck import Duck, plain_failures
from pipeline.lakehouse.publication import Publication, read_publication
from pipeline.settings import Settings

_opened: dict[Path, tuple[tuple[int, int], PublishedTables]] = {}
_opening = threading.Lock()


class PublishedTables:
    """One publication under the names of its tables."""

    def __init__(self, publication: Publication, lake: Path, contracts: Mapping[str, Contract], threads: int) -> None:
        self.publication = publication
        self._duck = Duck.for_people(lake, threads)
        for table, pinned in publication.tables.items():
            if table not in contracts:
                continue  # an older version of the program had it
            files = [file.path for file in pinned.files]
            _require_files(table, files)
            self._duck.lay_over(table, contracts[table], files)
        self._duck.lock()

    def query(self, sql: str, parameters: Mapping | None = None) -> pa.Table:
        """The rows of a SELECT. Callers are the governed door and nobody else."""
        cursor = self._duck.cursor()
        try:
            with plain_failures("reading the published tables"):
                return cursor.arrow(sql, parameters)
        finally:
            cursor.close()


def open_published(settings: Settings) -> PublishedTables:
    """The current publication; opened anew only when a newer one was renamed into place.

    Raises NotPublished before the first one and LakeDamaged when a file of it is gone.
    """
    path = settings.publication_file
    try:
        seen = path.stat()
    except FileNotFoundError:
        raise NotPublished("Nothing has been published yet. Run: python -m pipeline refresh") from None
    mark = (seen.st_mtime_ns, seen.st_ino)
    with _opening:
        known = _opened.get(path)
        if known is None or known[0] != mark:
            publication = read_publication(path)
            known = (mark, PublishedTables(publication, settings.lake, load_contracts(), settings.threads))
            _opened[path] = known
        return known[1]


def _require_files(table: str, files: list[Path]) -> None:
    gone = [file for file in files if not file.exists()]
    if gone:
        raise LakeDamaged(
            f"{len(gone)} of {len(files)} files of {table} are gone from the lake. Run: python -m pipeline refresh --full"
        )
