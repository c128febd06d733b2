"""What a viewer may ask for: a period counted back from the newest month in the data, and a site.

Knows nothing of tables. A value that is not on the list is refused here, whoever sent it: a click, a URL or a command.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from pipeline.errors import BadRequest

ALL_SITES = "All sites"
WHOLE_PERIOD = "All"
PERIOD_MONTHS: dict[str, int | None] = {"1 month": 1, "3 months": 3, "12 months": 12, WHOLE_PERIOD: None}
PERIODS = tuple(PERIOD_MONTHS)


@dataclass(frozen=True)
class Choices:
    """What the published data offers: its sites, and the days of its oldest and its newest arrival."""

    sites: tuple[str, ...]
    oldest_date: date
    newest_date: date

    @property
    def oldest_month(self) -> date:
        """The first day of the month of the oldest arrival."""
        return self.oldest_date.replace(day=1)

    @property
    def newest_month(self) -> date:
        """The first day of the month of the newest arrival, which need not be over."""
        return self.newest_date.replace(day=1)

    @property
    def site_names(self) -> tuple[str, ...]:
        """The list a viewer chooses from, with all sites first."""
        return (ALL_SITES, *self.sites)


@dataclass(frozen=True)
class Filters:
    """One viewer's choice; the defaults show everything."""

    period: str = WHOLE_PERIOD
    site_name: str = ALL_SITES

    def checked(self, choices: Choices) -> Filters:
        """Itself, when the data can answer it; BadRequest when a value is not on the list."""
        if self.period not in PERIODS:
            raise BadRequest(f"There is no such period. Choose one of: {', '.join(PERIODS)}.")
        if self.site_name not in choices.site_names:
            raise BadRequest(f"There is no such site in the data. Choose one of: {', '.join(choices.site_names)}.")
        return self


@dataclass(frozen=True)
class Months:
    """A run of calendar months, both ends included, each written as its first day."""

    first: date
    last: date


def months_before(month: date, count: int) -> date:
    """The first day of the month `count` months earlier."""
    index = month.year * 12 + month.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)


def months_of(filters: Filters, choices: Choices) -> Months:
    """The months the filters ask for, never reaching before the oldest month in the data."""
    length = PERIOD_MONTHS[filters.period]
    if length is None:
        return Months(choices.oldest_month, choices.newest_month)
    first = months_before(choices.newest_month, length - 1)
    return Months(max(first, choices.oldest_month), choices.newest_month)


def prior_months(filters: Filters, choices: Choices) -> Months | None:
    """The equally long months before the period; None when the data does not hold all of them."""
    length = PERIOD_MONTHS[filters.period]
    if length is None:
        return None
    prior = Months(months_before(choices.newest_month, 2 * length - 1), months_before(choices.newest_month, length))
    return prior if prior.first >= choices.oldest_month else None


def months_within(months: Months) -> list[date]:
    """Each month of a run, in order."""
    count = (months.last.year - months.first.year) * 12 + months.last.month - months.first.month
    return [months_before(months.last, back) for back in range(count, -1, -1)]


def days_of(months: Months, choices: Choices) -> int:
    """How many days of the months the data covers: the first and the last month may be cut."""
    last_day = months.last.replace(day=monthrange(months.last.year, months.last.month)[1])
    return (min(last_day, choices.newest_date) - max(months.first, choices.oldest_date)).days + 1
