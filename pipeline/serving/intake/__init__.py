"""Everything the intake page shows of files that have landed: what became of each, and the rows that were refused.

Reads only through the governed door, so a role sees of a refused row what the policy lets it see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from pipeline.governance import access
from pipeline.governance.policy import Viewer
from pipeline.serving.provenance import Source, source
from pipeline.serving.quality import quarantined_by_reason
from pipeline.serving.wording import plural

PURPOSE = "Intake"
EVERYTHING = ""
MOST_ON_SCREEN = 200
MOST_IN_A_FILE = 100_000

FURTHER_ROW = 10_000_000_000
"""Added to a line's number for each further row that it gives; see `_row` in the data dictionary."""

FILES = """
select run_id, file_name, feed, mapping, status, reason, recorded_at from ops.files
"""
LEDGER = """
select layer, table_name, file_name, received_count, accepted_count, quarantined_count, duplicate_count, superseded_count
from ops.row_ledger where layer in ('bronze', 'silver')
"""
REASONS = """
select feed, _file as file_name, reasons, cast(count(*) as bigint) as row_count
from silver.quarantine group by feed, _file, reasons
"""
CHOSEN = """
from silver.quarantine
where ($file_name = '' or _file = $file_name)
    and ($reason = '' or strpos('; ' || reasons || '; ', '; ' || $reason || '; ') > 0)
"""
ROWS = f"""
select feed, _file as file_name, _row % {FURTHER_ROW} as line_number, reasons, patient_id, encounter_id, row_text, refused_at
{CHOSEN} order by _file, _row, feed limit $row_limit
"""
ROW_COUNT = f"select cast(count(*) as bigint) as row_count {CHOSEN}"


@dataclass(frozen=True)
class Intake:
    """Files and refused rows as they stand in the publication.

    files: one row per file and feed, the newest first, with what became of its rows (missing for a file that was not loaded):
    file_name, status, mapping, feed, received_count, accepted_count, quarantined_count, duplicate_count, superseded_count,
    reason, recorded_at. reasons: one row per feed and reason, the most frequent first: feed, reason, row_count.
    refused: one row per file and set of reasons: feed, file_name, reasons, row_count.
    """

    files: pd.DataFrame
    reasons: pd.DataFrame
    refused: pd.DataFrame
    source: Source

    @property
    def reason_choices(self) -> tuple[str, ...]:
        """Every reason, the most frequent first."""
        return tuple(dict.fromkeys(self.reasons["reason"]))

    @property
    def file_choices(self) -> tuple[str, ...]:
        """Every file of which a row was refused."""
        return tuple(sorted(set(self.refused["file_name"])))

    @property
    def files_caption(self) -> str:
        """How many files, and how many of them were not loaded."""
        names = self.files.drop_duplicates("file_name")
        not_loaded = int((names["status"] != "loaded").sum())
        return f"{plural(len(names), 'file', 'files')}, the newest first; {not_loaded} not loaded"


@dataclass(frozen=True)
class RefusedRows:
    """Refused rows, at most as many as were asked for, out of row_count; identifiers as the role may see them."""

    rows: pd.DataFrame
    row_count: int

    @property
    def caption(self) -> str:
        """How many there are, and how many of them are shown."""
        said = plural(self.row_count, "row was refused", "rows were refused")
        return said if len(self.rows) == self.row_count else f"{said}; the first {len(self.rows)} are shown"


@access.logged_together()
def intake(viewer: Viewer, generated_at: datetime) -> Intake:
    """Read and assemble the page for one viewer."""
    refused = access.read(viewer, REASONS, purpose=PURPOSE)
    current = current_files(access.read(viewer, FILES, purpose=PURPOSE))
    counted = current.merge(settled_rows(access.read(viewer, LEDGER, purpose=PURPOSE)), on=["file_name", "feed"], how="left")
    return Intake(
        files=counted.sort_values(["recorded_at", "file_name", "feed"], ascending=[False, True, True], ignore_index=True),
        reasons=quarantined_by_reason(refused),
        refused=refused,
        source=source(viewer, access.publication(viewer), generated_at),
    )


def current_files(met: pd.DataFrame) -> pd.DataFrame:
    """Of all meetings with a file the one that holds: the last, or the one that loaded it where it was only met again unchanged."""
    in_order = met.sort_values("recorded_at", kind="stable")
    loaded = in_order[in_order["status"] == "loaded"]["file_name"]
    told = in_order[(in_order["status"] != "repeated") | ~in_order["file_name"].isin(loaded)]
    last = told.groupby("file_name")["run_id"].transform("last")
    return told[told["run_id"] == last].drop_duplicates(["file_name", "feed"], keep="last", ignore_index=True)


def settled_rows(ledger: pd.DataFrame) -> pd.DataFrame:
    """One row per file and feed: received at bronze, refused at either layer, the rest as silver settled it."""
    split = ledger.assign(feed=ledger["table_name"].str.partition(".")[2])
    bronze, silver = (split[split["layer"] == layer].set_index(["file_name", "feed"]) for layer in ("bronze", "silver"))
    both = bronze.add_suffix("_at_bronze").join(silver, how="left")
    return pd.DataFrame(
        {
            "received_count": both["received_count_at_bronze"],
            "accepted_count": both["accepted_count"],
            "quarantined_count": both["quarantined_count_at_bronze"] + both["quarantined_count"].fillna(0),
            "duplicate_count": both["duplicate_count"],
            "superseded_count": both["superseded_count"],
        }
    ).reset_index()


@access.logged_together()
def refused_rows(viewer: Viewer, *, reason: str, file_name: str, row_limit: int = MOST_ON_SCREEN) -> RefusedRows:
    """The refused rows of a reason and a file, each EVERYTHING for all, by file and line."""
    chosen = {"reason": reason, "file_name": file_name}
    rows = access.read(viewer, ROWS, {**chosen, "row_limit": row_limit}, purpose="Refused rows")
    count = access.read(viewer, ROW_COUNT, chosen, purpose="Refused rows")
    return RefusedRows(rows, int(count["row_count"].iloc[0]))
