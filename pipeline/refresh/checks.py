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


def check_rows(duck: Duck, contract: Contract, source: str) -> tuple[CheckResult, ...]:
    """The same checks of rows that the engine holds under another name."""
    row_count = duck.rows(f"select count(*) from {source}")[0][0]
    rules, counts = _rules(contract), _violations(duck, contract, source)
    key = CheckResult(contract.table, _key_sentence(contract), "stop", _repeated_keys(duck, contract, source), row_count)
    return (
        key,
        *(CheckResult(contract.table, that, how, count, row_count) for (that, how), count in zip(rules, counts, strict=True)),
    )


def check_change(
    duck: Duck, contract: Contract, *, inserted: str, removed: str, after: str, row_count: int, known: Sequence[CheckResult]
) -> tuple[CheckResult, ...]:
    """Checks the rows that a change inserts, and adds what they and the removed rows change to the known results.

    inserted, removed and after are names or SELECTs: the rows that come, those that go, and all touched rows after the
    change, among which a key may stand once. row_count: rows of the whole table after the change.
    """
    before = {result.sentence: result.violation_count for result in known}
    rules = _rules(contract)
    more, less = _violations(duck, contract, inserted), _violations(duck, contract, removed)
    counts = {that: (that, how, before.get(that, 0) + come - go) for (that, how), come, go in zip(rules, more, less, strict=True)}
    key = CheckResult(contract.table, _key_sentence(contract), "stop", _repeated_keys(duck, contract, after), row_count)
    return (key, *(CheckResult(contract.table, that, how, count, row_count) for that, how, count in counts.values()))


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
    return CheckResult(contract.table, _key_sentence(contract), "stop", row_count - distinct, row_count)


def _key_sentence(contract: Contract) -> str:
    return f"{', '.join(contract.key)} is unique"


def _repeated_keys(duck: Duck, contract: Contract, source: str) -> int:
    key = ", ".join(contract.key)
    return duck.rows(f"select coalesce(sum(times - 1), 0) from (select count(*) as times from {source} group by {key})")[0][0]


def _rules(contract: Contract) -> list[tuple[str, str]]:
    """What must hold of each row by itself, and how severely."""
    required = [(_required_sentence(column.name), "stop") for column in contract.columns if not column.nullable]
    return required + [(check.that, check.severity) for check in contract.checks]


def _required_sentence(column: str) -> str:
    return f"{column} is not null"


def _violations(duck: Duck, contract: Contract, source: str) -> list[int]:
    counts = ", ".join(f"count(*) filter (where not ({that}))" for that, _ in _rules(contract))
    return list(duck.rows(f"select {counts} from {source}")[0])


def _required_columns(contract: Contract, written: Sequence[WrittenFile], row_count: int) -> list[CheckResult]:
    """The writer counted the empty values of each column already."""
    return [
        CheckResult(contract.table, _required_sentence(column.name), "stop", _empty_count(column.name, written), row_count)
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
