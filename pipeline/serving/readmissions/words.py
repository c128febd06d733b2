"""The sentences and tables of the readmissions page: what each panel shows, out of how many, and what it leaves out.

Pure. Nothing is called a result of CMS, and nothing outside a limit is called good or bad.
"""

from __future__ import annotations

import pandas as pd

from pipeline.serving.control_chart import FEWEST_MONTHS, SETTLED_MONTHS, ControlChart
from pipeline.serving.funnel import Funnel
from pipeline.serving.rates import FEWEST, TOO_FEW
from pipeline.serving.readmissions import Readmissions
from pipeline.serving.readmissions.basis import Basis
from pipeline.serving.readmissions.groups import WARD, RateGroup, group_label
from pipeline.serving.readmissions.population import ADULTS, PEOPLE
from pipeline.serving.wording import UNKNOWN, count_text, date_text, month_text, plural

SMALL_RULE = f"A group with fewer than {FEWEST} index stays is written {TOO_FEW} and has no rate."
NO_RATES = (
    f"Fewer than {FEWEST} index stays in this view, so no rate is shown. Stays discharged in the newest 30 days do not count "
    "yet: choose a longer period or all sites."
)
NO_CHART = (
    f"A control chart needs at least {FEWEST_MONTHS} months of {FEWEST} or more index stays with complete follow-up. "
    "Choose 12 months or All, or all sites."
)
NOT_TOLD_APART = (
    "Planned returns cannot be told apart, because diagnoses or procedures are missing from too many stays: "
    "“not planned” here means not known to be planned."
)


def waterfall_caption(payload: Readmissions) -> str:
    """How many stays the waterfall starts from, and what its shares are of."""
    said = (
        f"{payload.waterfall[0].counted_text} stays of any age, each in exactly one step · "
        "exclusions as a share of all stays, outcomes as a share of index stays · source gold.readmission_rates"
    )
    return said if payload.basis.tells_planned_returns else f"{said} · {NOT_TOLD_APART}"


def rates_caption(payload: Readmissions) -> str:
    """What the two marks are, what the line is, and the rule for small numbers."""
    return (
        f":blue[●] {payload.basis.measure_name}, n index stays  :gray[○] raw return of stays left alive and followed up · "
        f"lines: 95 % confidence interval · dotted: all {PEOPLE[payload.population]} of this view · {SMALL_RULE}"
    )


def control_caption(payload: Readmissions) -> str:
    """What is charted, what is hollow, and what the limits assume."""
    chart = payload.control_chart
    if not chart.is_long_enough:
        return "Rate by month of discharge against the limits that chance alone would keep"
    length = plural(len(chart.months), "month", "months")
    said = [
        f"Rate by month of discharge, {count_text(chart.centre.out_of)} index stays of {length} "
        "· band: 3 standard errors around the pooled rate, wider for smaller months; it assumes independent stays",
        ":blue[◆] a rule is met",
    ]
    if len(chart.months) < SETTLED_MONTHS:
        said.append(f"limits from fewer than {SETTLED_MONTHS} months are provisional")
    for why, months in (("follow-up not complete", chart.open_months), (f"fewer than {FEWEST} index stays", chart.small_months)):
        if months:
            said.append(f"left out, {why}: {', '.join(month_text(month) for month in months)}")
    return " · ".join(said)


def control_sentences(chart: ControlChart) -> tuple[str, ...]:
    """Each rule that is met, in words, by its last month; or that none is."""
    if not chart.signals:
        return ("No rule is met: the months differ no more than chance alone would explain.",)
    return tuple(f"**{signal.rule}** · {signal.words}" for signal in chart.signals)


def funnel_caption(payload: Readmissions, grouped_by: str) -> str:
    """What is compared with what, and how the limits are meant."""
    shown = payload.funnels[grouped_by]
    kinds = grouped_by.lower()
    said = [
        f"Rate against number of index stays by {kinds} · dotted: 95 %, solid: 99.8 % binomial limits around the pooled rate of "
        f"{shown.centre.text} ({shown.centre.counts_text} index stays) · not adjusted for who the patients are",
    ]
    if shown.small_group_count:
        said.append(f"{plural(shown.small_group_count, kinds, f'{kinds}s')} with fewer than {FEWEST} index stays not drawn")
    if grouped_by == WARD:
        said.append("wards of the same name at several sites are added up: choose a site to see its own")
    return " · ".join(said)


def why_no_funnel(grouped_by: str) -> str:
    """Why there is nothing to compare, and what to do."""
    kinds = grouped_by.lower()
    return f"Fewer than two {kinds}s with {FEWEST} or more index stays in this view. Choose all sites or a longer period."


def definition(basis: Basis, population: str) -> str:
    """What is counted, what the result may be called, and how it differs from the measure of CMS."""
    ages = "any age from 18" if population == ADULTS else "65 and over, of every payer"
    return (
        f"{basis.measure_name}: counts are stays, not people, with transfers merged. After the hospital-wide readmission measure "
        "of CMS, but not its result: no risk standardisation, no check of insurance enrolment, code prefixes stand for the CCS "
        f"categories, {ages}. Only returns to hospitals in the data are seen. Arrivals are in the data from "
        f"{date_text(basis.first_date)} to {date_text(basis.last_date)}; discharges after {date_text(basis.whole_until)} are no "
        "index stays yet. "
        "Sources: gold.readmission_rates, gold.readmission_basis, gold.index_stays."
    )


def rates_table(groups: tuple[RateGroup, ...]) -> pd.DataFrame:
    """Every group with both rates as text: one row per group, columns named for their headings."""
    columns = ("By", "Group", "Index stays", "Rate", "95 % CI", "Planned", "Left alive", "Raw return", "Raw 95 % CI", "Note")
    rows = [
        (
            one.grouped_by, group_label(one), one.measure.out_of_text, one.measure.text, one.measure.interval_text,
            UNKNOWN if one.planned_return_count is None else count_text(one.planned_return_count),
            one.raw.out_of_text, one.raw.text, one.raw.interval_text, one.note,
        )
        for one in groups
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))


def funnel_table(shown: Funnel, grouped_by: str) -> pd.DataFrame:
    """Every group on the funnel, those outside a limit first: name, rate, index stays, where it lies."""
    inside = (one for one in shown.groups if one.outside is None)
    rows = [(one.name, one.rate.text, one.rate.out_of, one.place_text) for one in (*shown.outside, *inside)]
    return pd.DataFrame(rows, columns=[grouped_by, "Rate", "Index stays", "Position"])
