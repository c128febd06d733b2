"""The counts of a page over all its filters, how they add up, and which of them are hidden. Pure; knows no page.

A count is named by its span of time, its site and what is counted. Spans are periods and months, nested in each other;
sites add up to all sites. Because every view of a page is in one release, no two views tell together what each hides.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.governance.small_cells import Line, hidden_cells
from pipeline.serving.rates import FEWEST, TOO_FEW, WITHHELD


class Count(NamedTuple):
    """What names a count. span: a period's name, a month, or a name for what nobody is shown, such as a difference."""

    span: Hashable
    site_name: str
    counted: Hashable


@dataclass
class Ledger:
    """Counts and lines while they are collected."""

    counts: dict[Count, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    worth: dict[Count, int] = field(default_factory=dict)

    def put(self, name: Count, count: int, *, worth: int = 1) -> Count:
        """A count under its name, which it gives back. worth: what is worth least is hidden first; 0 is seen by nobody."""
        self.counts[name], self.worth[name] = int(count), worth
        return name

    def add_up(self, total: Count, parts: Iterable[Count]) -> None:
        """That the parts, none of them unknown, are all of the total."""
        self.lines.append(Line(total, tuple(parts)))

    def add_up_with_rest(self, total: Count, parts: Iterable[Count], rest: Hashable) -> None:
        """The same where the parts are not all of it; what is left is a count that anybody could work out."""
        known = tuple(parts)
        left = self.counts[total] - sum(self.counts[part] for part in known)
        self.add_up(total, (*known, self.put(Count((total.span, rest), total.site_name, total.counted), left, worth=0)))

    def released(self) -> Release:
        """The counts, and which of them are hidden."""
        return Release(self.counts, hidden_cells(self.counts, self.lines, fewest=FEWEST, worth=self.worth))


@dataclass(frozen=True)
class Release:
    """Every count, and the names of those that are hidden."""

    counts: dict[Count, int]
    hidden: frozenset[Count]

    def words(self, *names: Count) -> str:
        """What stands in the place of a value that rests on these counts; empty when all may be shown."""
        covered = [self.counts[name] for name in names if name in self.hidden]
        if not covered:
            return ""
        return TOO_FEW if 0 < self.counts[names[0]] < FEWEST else WITHHELD


@dataclass(frozen=True)
class View:
    """What one choice of filters shows of a release."""

    release: Release
    span: Hashable
    site_name: str

    def at(self, span: Hashable) -> View:
        """The same site in another span of time."""
        return View(self.release, span, self.site_name)

    def words(self, *counted: Hashable) -> str:
        """What stands in the place of a value that rests on what is counted here; empty when it may be shown."""
        return self.release.words(*(Count(self.span, self.site_name, one) for one in counted))
