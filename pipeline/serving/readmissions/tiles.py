"""The five headline numbers, each with its denominator in words. Pure; a missing number is a dash, never a zero."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.serving.rates import TOO_FEW, Rate
from pipeline.serving.readmissions.basis import Basis
from pipeline.serving.readmissions.groups import Overall
from pipeline.serving.readmissions.population import PEOPLE
from pipeline.serving.wording import UNKNOWN, count_text, plural, share_text

RATES_TABLE = "gold.readmission_rates"


@dataclass(frozen=True)
class HeadlineTile:
    """One headline number. value: the number (shares are 0-1), None when it cannot be shown; text: as written.

    interval_text: the 95 % interval of a rate, empty for a count; note: what it is out of; meaning: what is counted.
    suppressed: not empty where the value is hidden, because it rests on a small cell.
    """

    name: str
    value: float | None
    text: str
    interval_text: str
    note: str
    meaning: str
    source_table: str = RATES_TABLE
    suppressed: str = ""


def headline_tiles(summed: Overall, basis: Basis, population: str, all_stay_count: int) -> tuple[HeadlineTile, ...]:
    """The tiles of a view; all_stay_count: every stay of the view, of any age."""
    people = PEOPLE[population]
    return (
        _measure(summed.measure, basis),
        _rate(
            "Raw return", summed.raw, "stays left alive, within 30 days",
            f"Stays of {people} that were left alive and followed for 30 days, with any next stay in that time: planned or not, "
            "with none of the other exclusions",
        ),
        _count(
            "Index stays", summed.index_count,
            f"{_share(summed.index_count, all_stay_count)} of {plural(all_stay_count, 'stay', 'stays')} of any age",
            f"Stays of {people} that count in the rate, after every step of the waterfall below",
        ),
        _planned(summed, basis),
        _coverage(summed, people),
    )  # fmt: skip


def _measure(found: Rate, basis: Basis) -> HeadlineTile:
    meaning = (
        f"{basis.measure_name}: index stays whose first return within 30 days was not planned. Each index stay counts once; "
        "a return can itself be an index stay"
    )
    return _rate(basis.headline, found, "index stays within 30 days", meaning, variant=f"{basis.variant} · ")


def _rate(name: str, found: Rate, counted: str, meaning: str, *, variant: str = "") -> HeadlineTile:
    note = f"{TOO_FEW} index stays: no rate is shown" if found.is_small else f"{variant}{found.counts_text} {counted}"
    return HeadlineTile(name, found.share, found.text, found.interval_text if found.low is not None else "", note, meaning)


def _count(name: str, count: int, note: str, meaning: str) -> HeadlineTile:
    return HeadlineTile(name, count, count_text(count), "", note, meaning)


def _planned(summed: Overall, basis: Basis) -> HeadlineTile:
    name, meaning = "Planned first returns", (
        "Index stays whose first return within 30 days was planned; it neither counts nor lets a later return count"
    )  # fmt: skip
    if not basis.tells_planned_returns:
        return HeadlineTile(name, None, UNKNOWN, "", "Not told apart: too few stays have diagnoses and procedures", meaning)
    share = "" if summed.measure.is_small else f"{_share(summed.planned_return_count, summed.index_count)} "
    note = f"{share}of {plural(summed.index_count, 'index stay', 'index stays')}"
    return _count(name, summed.planned_return_count, note, meaning)


def _coverage(summed: Overall, people: str) -> HeadlineTile:
    share = summed.coded_count / summed.stay_count if summed.stay_count else None
    return HeadlineTile(
        "Stays with a diagnosis", share, share_text(share), "",
        f"{count_text(summed.coded_count)} of {plural(summed.stay_count, 'stay', 'stays')} of {people}",
        "Stays sent with a principal diagnosis. Without one, no exclusion by diagnosis and no planned return can be seen",
    )  # fmt: skip


def _share(count: int, out_of: int) -> str:
    return share_text(count / out_of if out_of else None)
