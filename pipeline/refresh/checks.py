"""Contracts become SQL: every check of a staged table in one scan, plus its key, its required columns, its meetings.

A check that must hold (severity stop) and does not leaves the table's last good version in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.catalog.contract import Check, Contract
from pipeline.errors import CheckFailed
from pipeline.lakehouse.duck import Duck, WrittenFile


@dataclass(frozen=True)
class CheckResult:
    """One check of one table: how many of how many rows break it. Without rows nothing was shown."""

    table: str
    sentence: str
    severity: str
    violation_count: int
    row_count: int

    @property
    def violation_share(self) -> float | None:
        """0 to 1; None without rows."""
        return self.violation_count / self.row_count if self.row_count else None

    @property
    def result(self) -> str:
        if not self.row_count:
            return "not applicable"
        return "failed" if self.violation_count else "passed"


def check_staged(duck: Duck, contract: Contract, written: Sequence[WrittenFile]) -> tuple[CheckResult, ...]:
    """Checks `staged.<name>` against its contract. Raises nothing: see `require`."""
    row_count = sum(file.row_count for file in written)
    results = [*_required_columns(contract, written, row_count), *_sentences(duck, contract, row_count)]
    return (_unique_key(duck, contract, row_count), *results)


def require(results: Sequence[CheckResult]) -> None:
    """Raises CheckFailed, naming the first check that had to hold and how many rows break it."""
    broken = [result for result in results if result.severity == "stop" and result.violation_count]
    if broken:
        first = broken[0]
        more = f" {len(broken) - 1} more checks failed." if len(broken) > 1 else ""
        raise CheckFailed(
            f"{first.table}: {first.violation_count:,} of {first.row_count:,} rows break the rule “{first.sentence}”.{more}"
            " Nothing was published; the last good data is still shown."
        )


def _unique_key(duck: Duck, contract: Contract, row_count: int) -> CheckResult:
    key = ", ".join(contract.key)
    distinct = (
        duck.rows(f"select count(*) from (select {key} from staged.{contract.name} group by {key})")[0][0] if row_count else 0
    )
    return CheckResult(contract.table, f"{key} is unique", "stop", row_count - distinct, row_count)


def _required_columns(contract: Contract, written: Sequence[WrittenFile], row_count: int) -> list[CheckResult]:
    """The writer counted the empty values of each column already."""
    return [
        CheckResult(contract.table, f"{column.name} is not null", "stop", _empty_count(column.name, written), row_count)
        for column in contract.columns
        if not column.nullable
    ]


def _empty_count(column: str, written: Sequence[WrittenFile]) -> int:
    return sum(int(file.statistics[column].get("null_count", 0)) for file in written)


def _sentences(duck: Duck, contract: Contract, row_count: int) -> list[CheckResult]:
    if not contract.checks or not row_count:
        return [_result(contract, check, 0, row_count) for check in contract.checks]
    counts = ", ".join(f"count(*) filter (where not ({check.that}))" for check in contract.checks)
    found = duck.rows(f"select {counts} from staged.{contract.name}")[0]
    return [_result(contract, check, count, row_count) for check, count in zip(contract.checks, found, strict=True)]


def _result(contract: Contract, check: Check, violations: int, row_count: int) -> CheckResult:
    return CheckResult(contract.table, check.that, check.severity, violations, row_count)
