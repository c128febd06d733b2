"""A change of the published lake in the making: what is published, the batch of new rows, and the engine to compute in.

Nothing here is seen by anyone until the change is published. Its engine has, beside the schemas of the lake:

    published   every table as it is published, under its full name: published."silver.stays"
    arriving    the typed rows of the batch, by feed
    touched     encounters, patients and stays whose rows may change, and rows to judge again
    before      the published rows of what is touched, by full name; of sums, what those rows add up to
    after       the computed rows of what is touched, by full name, without what is only read beside them
    was, now    values of the whole lake, as published and as they will be
    changed     rows to insert and places of rows to remove
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.catalog.contract import Contract, feeds
from pipeline.lakehouse.delta import has_newer_version
from pipeline.lakehouse.duck import Duck
from pipeline.lakehouse.publication import Publication
from pipeline.lakehouse.reader import hold_removed_rows, lay_over_publication
from pipeline.lakehouse.store import Store, load_reference, plausible_ranges
from pipeline.lakehouse.typed_text import typed_nothing, typed_select

UNREADABLE_LINES = "bronze.unreadable_lines"
SCHEMAS = ("published", "arriving", "touched", "before", "after", "was", "now", "changed")


@dataclass(frozen=True)
class Change:
    """What one run will make of a publication."""

    store: Store
    publication: Publication
    engine: Duck
    run_id: str

    @property
    def contracts(self) -> Mapping[str, Contract]:
        return self.store.contracts

    @property
    def feeds(self) -> Mapping[str, Contract]:
        return feeds(self.store.contracts)


@contextmanager
def opened_change(store: Store, publication: Publication, run_id: str, not_scored_because: str | None = None) -> Iterator[Change]:
    """A change of a publication, with its engine ready: published tables, code lists and the typed rows of the batch."""
    engine = Duck.for_builds(store.settings)
    try:
        for schema in SCHEMAS:
            engine.rows(f"create schema {schema}")
        lay_over_publication(engine, publication, store.contracts, name='published."{table}"', with_places=True)
        hold_removed_rows(engine, publication, store.contracts)
        load_reference(engine, store.contracts, store.settings.time_zone, not_scored_because)
        yield Change(store, publication, engine, run_id)
    finally:
        engine.close()


def new_files(store: Store, publication: Publication, table: str) -> list[Path]:
    """The files that a table has gained since it was published. Only a table that grows can be asked."""
    pinned = publication.tables.get(table)
    if pinned is not None and not has_newer_version(store.folder(table), pinned.version):
        return []
    current = store.delta(table).current()
    known = {file.path for file in pinned.files} if pinned else set()
    return [file.path for file in current.files if file.path not in known] if current else []


def hold_arriving(change: Change, feed: Contract) -> int:
    """Reads the batch's rows of a feed as `arriving.<feed>`. Returns how many there are."""
    files = new_files(change.store, change.publication, feed.table)
    change.engine.lay_over(feed.table, feed, files)
    select = typed_select(feed, plausible_ranges()) if files else typed_nothing(feed)
    return change.engine.hold(f"arriving.{feed.name}", select)


def hold_unreadable(change: Change) -> None:
    """Names the batch's unreadable lines: they go into quarantine as they are."""
    contract = change.contracts[UNREADABLE_LINES]
    change.engine.lay_over(UNREADABLE_LINES, contract, new_files(change.store, change.publication, UNREADABLE_LINES))


def published_name(table: str) -> str:
    """A published table in the engine."""
    return f'published."{table}"'


def before_name(table: str) -> str:
    """The rows of a table before the change, as far as they are touched."""
    return f'before."{table}"'


def after_name(table: str) -> str:
    """The rows of a merged table after the change, as far as they are touched."""
    return f'after."{table}"'
