"""The published tables, open for reading: one locked engine per publication, shared by every reader of a process.

Its views pin the publication's files, so that a reader sees one consistent set while a refresh writes the next.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from pipeline.catalog.contract import Contract, load_contracts
from pipeline.errors import LakeDamaged, NotPublished
from pipeline.lakehouse.duck import Duck, plain_failures
from pipeline.lakehouse.publication import Publication, read_publication
from pipeline.lakehouse.views import REMOVED_ROWS, empty, over_files
from pipeline.settings import Settings

MOST_KEPT, LARGEST_KEPT_BYTES = 256, 256 << 10
"""Answers kept of a publication, at most 64 MiB of them. With 50 viewers of one page most ask what another has just asked."""

CHANGES_BY_ITSELF = re.compile(r"current_|now\(|random|uuid", re.IGNORECASE)

_opened: dict[Path, tuple[tuple[int, int], PublishedTables]] = {}
_opening = threading.Lock()


class PublishedTables:
    """One publication under the names of its tables."""

    def __init__(self, publication: Publication, lake: Path, contracts: Mapping[str, Contract], threads: int) -> None:
        self.publication = publication
        self._duck = Duck.for_people(lake, threads)
        for table, pinned in publication.tables.items():
            if table in contracts:  # an older version of the program may have had others
                _require_files(table, [file.path for file in pinned.files])
        lay_over_publication(self._duck, publication, contracts)
        self._duck.lock()
        self._answers: OrderedDict[tuple, pa.Table] = OrderedDict()
        self._answering = threading.Lock()

    def query(self, sql: str, parameters: Mapping | None = None) -> pa.Table:
        """The rows of a SELECT. Callers are the governed door and nobody else.

        A small answer is kept for the next who asks the same with the same values: what is published does not change.
        """
        asked = (sql, *((name, repr(value)) for name, value in sorted((parameters or {}).items())))
        with self._answering:
            if asked in self._answers:
                self._answers.move_to_end(asked)
                return self._answers[asked]
        answer = self._computed(sql, parameters)
        if answer.nbytes <= LARGEST_KEPT_BYTES and not CHANGES_BY_ITSELF.search(sql):
            with self._answering:
                self._answers[asked] = answer
                if len(self._answers) > MOST_KEPT:
                    self._answers.popitem(last=False)
        return answer

    def _computed(self, sql: str, parameters: Mapping | None) -> pa.Table:
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


def lay_over_publication(
    duck: Duck, publication: Publication, contracts: Mapping[str, Contract], *, name: str = "{table}", with_places: bool = False
) -> None:
    """Every pinned table under its name, or under another that `name` makes of it, without the rows that were removed.

    with_places: tables that are merged also say where each row lies.
    """
    removed = name.format(table=REMOVED_ROWS)
    hold_removed_rows(duck, publication, contracts, removed)
    for table in publication.tables:
        if table not in contracts or table == REMOVED_ROWS:
            continue  # an older version of the program may have had others
        pinned, contract = publication.tables[table], contracts[table]
        duck.lay_over(
            name.format(table=table),
            contract,
            [file.path for file in pinned.files],
            removed=removed if pinned.removed_count else None,
            with_places=with_places and contract.write == "merge",
        )


def hold_removed_rows(duck: Duck, publication: Publication, contracts: Mapping[str, Contract], name: str = REMOVED_ROWS) -> None:
    """The list of removed rows as a table of the engine: short, and met at every read of the tables it speaks of."""
    pinned, contract = publication.tables.get(REMOVED_ROWS), contracts[REMOVED_ROWS]
    files = [file.path for file in pinned.files] if pinned else []
    duck.hold(name, over_files(contract, files) if files else empty(contract))


def _require_files(table: str, files: list[Path]) -> None:
    gone = [file for file in files if not file.exists()]
    if gone:
        raise LakeDamaged(
            f"{len(gone)} of {len(files)} files of {table} are gone from the lake. Run: python -m pipeline refresh --full"
        )
