"""Everything the command center counts, in every period and at every site, and how it adds up.

The reads are questions to the governed door, by site and month; the rest is pure.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import pairwise
from pathlib import Path

import pandas as pd

from pipeline.governance import access
from pipeline.governance.policy import Viewer
from pipeline.serving.center_questions import dated
from pipeline.serving.filters import ALL_SITES, PERIODS, Choices, Filters, Months, months_of, prior_months
from pipeline.serving.groups import VITAL_SIGNS
from pipeline.serving.kept import kept_for_all_who_see_the_same
from pipeline.serving.released.center_volume import add_volume
from pipeline.serving.released.release import Count, Ledger, Release
from pipeline.serving.theme import RISK_LEVELS
from pipeline.serving.tiles import trend_months

DEMOGRAPHICS = """
select site_name, arrival_month, age_group, sex, risk_level, cast(sum(encounter_count) as bigint) as encounter_count,
    cast(sum(in_hospital_count) as bigint) as in_hospital_count
from gold.demographics group by site_name, arrival_month, age_group, sex, risk_level
"""
VITALS = """
select site_name, arrival_month, age_group, heart_rate_count, respiratory_rate_count, systolic_bp_count, temperature_count,
    spo2_count
from gold.vital_averages
"""
ARRIVALS = """
select site_name, arrival_date, arrival_month, encounter_class, cast(sum(encounter_count) as bigint) as encounter_count
from gold.ingestion_volume group by site_name, arrival_date, arrival_month, encounter_class
"""
DRAWN = f"""
select site_name, arrival_month, cast(sum(encounter_count) as bigint) as encounter_count
from gold.age_heart_rate_cells
where heart_rate_cell_bpm is not null and risk_level in ({", ".join(f"'{level}'" for level in RISK_LEVELS)})
group by site_name, arrival_month
"""

ALL, SENIORS, HIGH_RISK_SENIORS, SATURATIONS = "all", ("age_group", "Senior"), ("high", "age_group", "Senior"), "spo2"
HIGH = ("level", "High")
DRAWN_ON_MAP, NOT_DRAWN, STILL_IN_HOSPITAL = "drawn", "not drawn", "in hospital"
BY_MONTH = (ALL, SENIORS, HIGH_RISK_SENIORS, SATURATIONS)
"""What the trends of the tiles show month by month, and their changes against the period before."""

PLACE = ["site_name", "arrival_month"]


@kept_for_all_who_see_the_same
def released_counts(viewer: Viewer, choices: Choices, publication: tuple[Path, int, str], *, purpose: str) -> Release:
    """Which counts of the command center are hidden, whatever the filters.

    Kept as long as the publication, which is its lake, number and run, is the newest asked for.
    """
    demographics, vitals, drawn = (
        dated(access.read(viewer, question, purpose=purpose), "arrival_month") for question in (DEMOGRAPHICS, VITALS, DRAWN)
    )
    arrivals = dated(access.read(viewer, ARRIVALS, purpose=purpose), "arrival_month", "arrival_date")
    ledger = Ledger()
    counted = _counted(demographics, vitals, drawn)
    for span, months, names in _spans(counted, choices):
        _add_span(ledger, _summed(counted, months, choices), span, names)
    _nest_spans(ledger, counted, choices)
    add_volume(ledger, arrivals, choices, all_encounters=ALL)
    return ledger.released()


def before(period: str) -> tuple[str, str]:
    """The span that a period is compared with."""
    return "before", period


def _counted(demographics: pd.DataFrame, vitals: pd.DataFrame, drawn: pd.DataFrame) -> pd.DataFrame:
    """One row per site and month, one column per thing that is counted."""
    high = demographics[demographics["risk_level"] == "High"]
    counted = {ALL: _sums(demographics)}
    for column in ("age_group", "sex"):
        counted |= {(column, name): _sums(rows) for name, rows in demographics.groupby(column)}
        counted |= {("high", column, name): _sums(high[high[column] == name]) for name in demographics[column].unique()}
    counted |= {("level", name): _sums(rows) for name, rows in demographics.groupby("risk_level")}
    counted |= {name: _sums(demographics.iloc[:0]) for name in (SENIORS, HIGH_RISK_SENIORS, HIGH) if name not in counted}
    for group, rows in vitals.groupby("age_group"):
        counted |= {("vital", group, sign.stem): _sums(rows, f"{sign.stem}_count") for sign in VITAL_SIGNS}
    in_hospital = _sums(high[high["age_group"] == "Senior"], "in_hospital_count")
    counted |= {SATURATIONS: _sums(vitals, "spo2_count"), DRAWN_ON_MAP: _sums(drawn), STILL_IN_HOSPITAL: in_hospital}
    names = dict(enumerate((*counted, NOT_DRAWN)))
    table = pd.concat(counted.values(), axis=1, keys=range(len(counted))).fillna(0).astype("int64")
    table[len(counted)] = table[0] - table[list(counted).index(DRAWN_ON_MAP)]
    everywhere = table.groupby(level="arrival_month").sum()
    table = pd.concat([table, pd.concat({ALL_SITES: everywhere}, names=PLACE)])
    table.columns = pd.Index([names[place] for place in table.columns], tupleize_cols=False)
    return table


def _sums(rows: pd.DataFrame, column: str = "encounter_count") -> pd.Series:
    return rows.groupby(PLACE)[column].sum()


def _spans(counted: pd.DataFrame, choices: Choices) -> Iterator[tuple[Hashable, Months, list[Hashable]]]:
    for period in PERIODS:
        filters = Filters(period)
        yield period, months_of(filters, choices), list(counted.columns)
        prior = prior_months(filters, choices)
        if prior is not None:
            yield before(period), prior, list(BY_MONTH)
    for month in trend_months(choices.newest_month, choices.oldest_month):
        yield month, Months(month, month), list(BY_MONTH)


def _summed(counted: pd.DataFrame, months: Months, choices: Choices) -> pd.DataFrame:
    """One row per site, all sites first, with the sums over the months."""
    when = counted.index.get_level_values("arrival_month")
    inside = counted[(when >= months.first) & (when <= months.last)]
    return inside.groupby(level="site_name").sum().reindex(choices.site_names, fill_value=0)


def _add_span(ledger: Ledger, summed: pd.DataFrame, span: Hashable, names: list[Hashable]) -> None:
    sums = dict(zip(summed.columns, summed.to_numpy().T, strict=True))
    for name in names:
        names_of = [Count(span, site, name) for site in summed.index]
        cells = [ledger.put(one, count, worth=_worth(one)) for one, count in zip(names_of, sums[name], strict=True)]
        ledger.add_up(cells[0], cells[1:])
    for site in summed.index:
        _add_up_view(ledger, span, site, names)


def _worth(name: Count) -> int:
    """The headline numbers are hidden last: a period before a month, all sites before one, all encounters before a group."""
    return (
        1
        + 4 * (name.span in PERIODS)
        + 2 * (name.counted in BY_MONTH or name.counted[0] == "age_group")
        + 4 * (name.counted == ALL)
        + (name.site_name == ALL_SITES)
    )


def _add_up_view(ledger: Ledger, span: Hashable, site: str, names: list[Hashable]) -> None:
    def those(*begins: str) -> list[Count]:
        return [Count(span, site, name) for name in names if name[: len(begins)] == begins]

    def one(name: Hashable) -> Count:
        return Count(span, site, name)

    whole = one(ALL)
    if DRAWN_ON_MAP in names:
        for column in ("age_group", "sex", "level"):
            ledger.add_up(whole, those(column))
        for column in ("age_group", "sex"):
            ledger.add_up(one(HIGH), those("high", column))
        ledger.add_up(whole, (one(DRAWN_ON_MAP), one(NOT_DRAWN)))
        ledger.add_up(one(SATURATIONS), [name for name in those("vital") if name.counted[2] == "spo2"])
    for high in those("high"):
        ledger.add_up_with_rest(one(high.counted[1:]), (high,), "not high")
    for measured in those("vital"):
        ledger.add_up_with_rest(one(("age_group", measured.counted[1])), (measured,), ("without", measured.counted[2]))
    for part, rest in ((SATURATIONS, "without"), (SENIORS, "younger")):
        if part in names:
            ledger.add_up_with_rest(whole, (one(part),), rest)
    if STILL_IN_HOSPITAL in names and HIGH_RISK_SENIORS in names:
        ledger.add_up_with_rest(one(HIGH_RISK_SENIORS), (one(STILL_IN_HOSPITAL),), "left")


def _nest_spans(ledger: Ledger, counted: pd.DataFrame, choices: Choices) -> None:
    """Each period holds the next shorter one, and the months of the trends."""
    held_in = [(period, months_of(Filters(period), choices)) for period in PERIODS]
    held_in += [(before(period), prior) for period in PERIODS if (prior := prior_months(Filters(period), choices)) is not None]
    trend = trend_months(choices.newest_month, choices.oldest_month)
    for site in choices.site_names:
        for shorter, longer in pairwise(PERIODS):
            for name in counted.columns:
                ledger.add_up_with_rest(Count(longer, site, name), (Count(shorter, site, name),), "more")
        for name in BY_MONTH:
            for span, months in held_in:
                held = [Count(month, site, name) for month in trend if months.first <= month <= months.last]
                ledger.add_up_with_rest(Count(span, site, name), held, "older")
