"""Everything the data quality page shows: the row ledger, files that were not loaded, quarantine by reason, checks.

Reads only through the governed door.
No value of a refused row is read, only its reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipeline.governance import access
from pipeline.governance.policy import Viewer
from pipeline.serving.quality import (
    LAYERS,
    LEDGER_COUNTS,
    CheckResult,
    Quality,
    balanced,
    check_results,
    quality,
    quarantined_by_reason,
)

PURPOSE = "Data quality"

LEDGER = """
select layer, table_name, file_name, received_count, accepted_count, quarantined_count, duplicate_count, superseded_count
from ops.row_ledger
"""
FILES = """
select file_name, feed, source, status, reason, line_count, recorded_at
from ops.files
"""
QUARANTINE = """
select feed, reasons, cast(count(*) as bigint) as row_count
from silver.quarantine group by feed, reasons
"""
CHECKS = """
select table_name, check_sentence, severity, result, violation_count, row_count
from ops.check_results
"""


@dataclass(frozen=True)
class DataQuality:
    """How the rows of every file were settled.

    ledger: one row per layer, table and file with its five counts and is_balanced; not_loaded: one row per file that was
    refused or repeated; quarantine: one row per feed and reason; loaded_file_count: files whose rows are in the data.
    """

    quality: Quality
    ledger: pd.DataFrame
    not_loaded: pd.DataFrame
    loaded_file_count: int
    quarantine: pd.DataFrame
    checks: tuple[CheckResult, ...]

    @property
    def ledger_caption(self) -> str:
        """Whether every line balances."""
        open_lines = int((~self.ledger["is_balanced"]).sum())
        said = "every line balances" if open_lines == 0 else f"{open_lines} of {len(self.ledger)} lines do not balance"
        return f"Received = accepted + quarantined + duplicate + superseded; {said}"

    @property
    def checks_caption(self) -> str:
        """How the checks of the published tables went."""
        counts = pd.Series([check.result for check in self.checks], dtype="object").value_counts()
        said = ", ".join(f"{count} {result}" for result, count in counts.items())
        return f"{said or 'No check has run yet'} · a check without rows to test is not applicable, not passed"


@access.logged_together()
def data_quality(viewer: Viewer) -> DataQuality:
    """Read and assemble the page for one viewer."""
    ledger = access.read(viewer, LEDGER, purpose=PURPOSE)
    files = access.read(viewer, FILES, purpose=PURPOSE).sort_values("recorded_at").drop_duplicates("file_name", keep="last")
    return DataQuality(
        quality=quality(ledger),
        ledger=_ordered(ledger.assign(is_balanced=balanced(ledger))),
        not_loaded=files[files["status"] != "loaded"].sort_values(
            ["recorded_at", "file_name"], ascending=[False, True], ignore_index=True
        ),
        loaded_file_count=int((files["status"] == "loaded").sum()),
        quarantine=quarantined_by_reason(access.read(viewer, QUARANTINE, purpose=PURPOSE)),
        checks=check_results(access.read(viewer, CHECKS, purpose=PURPOSE)),
    )


def _ordered(ledger: pd.DataFrame) -> pd.DataFrame:
    """Lines that do not balance first, then by layer, table and file."""
    places = ledger.assign(place=ledger["layer"].map({layer: place for place, layer in enumerate(LAYERS)}))
    return places.sort_values(["is_balanced", "place", "table_name", "file_name"], ignore_index=True).drop(columns="place")


def ledger_table(ledger: pd.DataFrame) -> pd.DataFrame:
    """The ledger in words for a reader; gold tables count the whole of the data, not one file."""
    names = {"layer": "Layer", "table_name": "Table", "file_name": "File"} | {
        count: count.removesuffix("_count").title() for count in LEDGER_COUNTS
    }
    shown = ledger.assign(
        file_name=ledger["file_name"].replace("*", "all files"), Balances=ledger["is_balanced"].map({True: "Yes", False: "No"})
    )
    return shown.rename(columns=names)[[*names.values(), "Balances"]]


def not_loaded_table(not_loaded: pd.DataFrame) -> pd.DataFrame:
    """The files that were not loaded: File, State, Reason."""
    return not_loaded.rename(columns={"file_name": "File", "status": "State", "reason": "Reason"})[["File", "State", "Reason"]]


def quarantine_table(quarantine: pd.DataFrame) -> pd.DataFrame:
    """Quarantine by reason: Feed, Reason, Rows."""
    return quarantine.rename(columns={"feed": "Feed", "reason": "Reason", "row_count": "Rows"})


def checks_table(checks: tuple[CheckResult, ...]) -> pd.DataFrame:
    """The checks as a table: Table, Rule, Result, If broken, Rows against it, Rows tested."""
    consequence = {"stop": "nothing is published", "warn": "rows are reported"}
    rows = [
        (one.table_name, one.sentence, one.result, consequence.get(one.severity, one.severity), one.violation_count, one.row_count)
        for one in checks
    ]
    return pd.DataFrame(rows, columns=["Table", "Rule", "Result", "If broken", "Rows against it", "Rows tested"])
