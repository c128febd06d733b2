"""Copies new records of the access log into the lake, as the Delta table `governance.access_log`: for long keeping and analysis.

A copy and no second log: the seals come along, so that it can be compared. In batches, because a commit for each read would
leave a file for each read. A refresh does not do it, since what builds tables knows nothing of who reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from filelock import FileLock, Timeout

from pipeline.catalog.contract import load_contracts
from pipeline.errors import RefreshFailed
from pipeline.governance.audit import read_log
from pipeline.governance.chain import canonical
from pipeline.lakehouse.store import Store
from pipeline.settings import Settings

TABLE = "governance.access_log"
LISTS = ("tables", "masked_columns", "filters", "patients")


def mirror(settings: Settings) -> int:
    """Appends the records that the lake does not hold yet. Returns how many. Raises RefreshFailed when another one is at it."""
    try:
        with FileLock(settings.access_log.with_suffix(".mirror.lock"), timeout=0):
            return _mirrored(settings)
    except Timeout:
        raise RefreshFailed("The access log is being mirrored by another process. Nothing needs to be done.") from None


def _mirrored(settings: Settings) -> int:
    contracts = load_contracts()
    with Store(settings, contracts) as store:
        store.lay_over_current(TABLE)
        (last,) = store.duck.rows(f"select coalesce(max(sequence), 0) from {TABLE}")[0]
        records = read_log(settings.access_log, after=last)
        if records:
            store.write_rows(contracts[TABLE], [_row(one) for one in records], run_id=f"mirror-{records[-1]['sequence']}")
    return len(records)


def _row(record: Mapping) -> dict:
    """The record with its lists as text, and the words that were sealed."""
    words = canonical({name: value for name, value in record.items() if name not in ("previous", "seal")})
    at = datetime.fromisoformat(record["recorded_at"]).replace(tzinfo=None)
    lists = {name: ", ".join(record[name]) for name in LISTS}
    return {**record, **lists, "event_id": record["id"], "recorded_at": at, "words": words}
