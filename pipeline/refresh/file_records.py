"""What `ops.files` says of files: which are loaded now, and the record that a file is to be read once more.

A file is read again when the mapping that knows it was mended: its rows leave bronze and come back as the mapping reads
them today, in the refresh after the record. The record is one commit, so nothing can be lost between the two.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from pipeline.catalog.contract import load_contracts
from pipeline.errors import FileRefused
from pipeline.lakehouse.store import Store
from pipeline.refresh.single_flight import single_flight
from pipeline.settings import Settings
from pipeline.sources.landing import LandingIndex

TO_BE_READ_AGAIN = "taken back"

LOADED_NOW = f"""
select f.* from ops.files as f
where f.status = 'loaded' and not exists (
    select 1 from ops.files as t
    where t.status = '{TO_BE_READ_AGAIN}' and t.file_name = f.file_name and t.recorded_at > f.recorded_at
)
"""
"""The records of loaded files, without those of an earlier reading."""

WAITING = f"""
select distinct t.file_name from ops.files as t
where t.status = '{TO_BE_READ_AGAIN}' and not exists (
    select 1 from ops.files as f where f.file_name = t.file_name and f.recorded_at > t.recorded_at
)
"""
"""Files whose rows are to leave bronze in this refresh."""


def files_to_read_again(store: Store) -> set[str]:
    """The names that rows of files carry which were told to be read again and have not been since."""
    store.lay_over_current("ops.files")
    return {name for (name,) in store.duck.rows(WAITING)}


def read_again(settings: Settings, file_name: str) -> None:
    """Has the next refresh read a loaded file once more, by the mappings of then.

    Raises FileRefused when no such file is loaded, and when the file is no longer in the landing folder as it was taken;
    RefreshFailed while a refresh is running.
    """
    with single_flight(settings), Store(settings, load_contracts()) as store:
        _record(store, file_name)


def _record(store: Store, file_name: str) -> None:
    records = _loaded_records(store, file_name)
    if not records:
        raise FileRefused(f"{file_name} is not among the loaded files. See which are: python -m pipeline status")
    path = _landed(store, file_name, records[0]["content_hash"])
    contract = store.contracts["ops.files"]
    now = datetime.now(UTC).replace(tzinfo=None)
    told = {"status": TO_BE_READ_AGAIN, "reason": "To be read again by the mappings of today.", "recorded_at": now}
    store.write_rows(contract, [record | told for record in records], run_id=records[0]["run_id"])
    index = LandingIndex.load(store.settings.landing_index)
    index.forget(path.name)


def _loaded_records(store: Store, file_name: str) -> list[dict]:
    store.lay_over_current("ops.files")
    return store.duck.arrow(f"select * from ({LOADED_NOW}) where file_name = $name", {"name": file_name}).to_pylist()


def _landed(store: Store, file_name: str, content_hash: str) -> Path:
    """A second file of one name was given the beginning of its hash behind it."""
    path = store.settings.landing / file_name.removesuffix(f" ({content_hash[:8]})")
    if not path.is_file() or _hash_of(path) != content_hash:
        raise FileRefused(f"{path.name} is no longer in the landing folder as it was taken. Put it back, then try again.")
    return path


def _hash_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
