"""How far the data can be trusted: rows accepted and quarantined, the row ledger, refused files, checks.

Pure; reads are in command_center.py and data_quality.py. Rows are judged on their way from bronze to silver, so the
accepted share is that of the silver layer; a row quarantined earlier counts as quarantined too.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

LAYERS = ("bronze", "silver", "gold")
LEDGER_COUNTS = ("received_count", "accepted_count", "quarantined_count", "duplicate_count", "superseded_count")
RESULTS = ("failed", "passed", "not applicable")


@dataclass(frozen=True)
class Quality:
    """Rows over all files of the publication: accepted into silver, and quarantined on the way."""

    accepted_count: int
    quarantined_count: int

    @property
    def checked_count(self) -> int:
        """Rows that were judged: accepted plus quarantined."""
        return self.accepted_count + self.quarantined_count

    @property
    def accepted_share(self) -> float | None:
        """Accepted out of judged, 0-1; None before any row was judged."""
        return self.accepted_count / self.checked_count if self.checked_count else None


@dataclass(frozen=True)
class CheckResult:
    """One rule that was tested on one table: how many rows were tested, how many break it."""

    table_name: str
    sentence: str
    severity: str
    result: str
    violation_count: int
    row_count: int


def quality(ledger: pd.DataFrame) -> Quality:
    """The accepted and quarantined rows of a ledger with layer, accepted_count and quarantined_count."""
    by_layer = ledger.groupby("layer")[["accepted_count", "quarantined_count"]].sum()
    judged = by_layer.reindex([layer for layer in LAYERS if layer != "gold"], fill_value=0)
    return Quality(int(judged.loc["silver", "accepted_count"]), int(judged["quarantined_count"].sum()))


def balanced(ledger: pd.DataFrame) -> pd.Series:
    """Per ledger row: received = accepted + quarantined + duplicate + superseded."""
    return ledger["received_count"] == ledger[list(LEDGER_COUNTS[1:])].sum(axis=1)


def check_results(checks: pd.DataFrame) -> tuple[CheckResult, ...]:
    """The checks, those that failed first, then by table and sentence."""
    rank = {result: place for place, result in enumerate(RESULTS)}
    rows = (
        CheckResult(row.table_name, row.check_sentence, row.severity, row.result, int(row.violation_count), int(row.row_count))
        for row in checks.itertuples()
    )
    return tuple(sorted(rows, key=lambda check: (rank.get(check.result, len(rank)), check.table_name, check.sentence)))


def quarantined_by_reason(refused: pd.DataFrame) -> pd.DataFrame:
    """One row per feed and reason, most frequent first: feed, reason, row_count. A row refused for two reasons counts in both.

    Reads feed, reasons (separated by semicolons) and row_count.
    """
    split = refused.assign(reason=refused["reasons"].str.split("; ")).explode("reason")
    counted = split.groupby(["feed", "reason"], as_index=False)["row_count"].sum()
    return counted.sort_values(["row_count", "feed", "reason"], ascending=[False, True, True], ignore_index=True)
