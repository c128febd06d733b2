"""Rates and waterfall are the same counts under every filter, small groups show nothing, and the name never says too much."""

from __future__ import annotations

import re
from datetime import date
from itertools import product

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import BadRequest
from pipeline.governance.policy import Viewer
from pipeline.serving.filters import PERIODS, Filters
from pipeline.serving.readmissions import choices, readmissions
from pipeline.serving.readmissions.basis import Basis
from pipeline.serving.readmissions.groups import AGE_GROUP, MONTH, SITE, WARD, children, group_sums, overall, rate_groups
from pipeline.serving.readmissions.population import ADULTS, NOT_FOLLOWED, POPULATIONS, SENIORS, of_population
from pipeline.serving.readmissions.tiles import headline_tiles
from pipeline.serving.readmissions.waterfall import (
    EXCLUDED,
    EXCLUSIONS,
    INDEX_STAY,
    NOT_RETURNED,
    OUTCOME,
    READMITTED,
    steps_of,
    waterfall,
)
from pipeline.serving.readmissions.words import control_caption, definition, funnel_caption, rates_caption, waterfall_caption
from pipeline.settings import TABLES
from tests.serving.conftest import NOON

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
WHOLE_UNTIL = date(2026, 2, 10)
CMS_STYLE = Basis("30-day unplanned readmission, CMS-style", date(2025, 1, 1), date(2026, 3, 12), WHOLE_UNTIL)
RETURN = Basis("30-day return, transfers merged", date(2025, 1, 1), date(2026, 3, 12), WHOLE_UNTIL)

COLUMNS = [
    "stay_month", "site_name", "ward_name", "age_group", "counted_as", "stay_count", "raw_index_count", "raw_return_count",
    "index_count", "readmission_count", "planned_return_count", "coded_count",
]  # fmt: skip


def counts(*rows: tuple) -> pd.DataFrame:
    """Rows of gold.readmission_rates."""
    return pd.DataFrame(rows, columns=COLUMNS)


def index_row(age_group: str, stays: int, readmitted: int, planned: int = 0, **place: object) -> tuple:
    """Index stays, all coded, whose raw returns are the planned and the unplanned ones."""
    at = {"month": JANUARY, "site": "North", "ward": "Surgical"} | place
    returned = readmitted + planned
    return (at["month"], at["site"], at["ward"], age_group, INDEX_STAY, stays, stays, returned, stays, readmitted, planned, stays)


def excluded_row(age_group: str, counted_as: str, stays: int, raw: int = 0, returned: int = 0) -> tuple:
    return (JANUARY, "North", "Surgical", age_group, counted_as, stays, raw, returned, 0, 0, 0, stays)


@pytest.fixture
def hospital() -> pd.DataFrame:
    """100 adults and 50 seniors who count, 20 children, 5 deaths, 7 stays too new to count."""
    return counts(
        index_row("Adult", 100, 10, 2),
        index_row("Senior", 50, 10, 1),
        excluded_row("Pediatric", "Under 18", 20, raw=20, returned=3),
        excluded_row("Senior", "Died in hospital", 5),
        excluded_row("Adult", NOT_FOLLOWED, 7, raw=7, returned=1),
    )


def test_both_rates_are_of_the_population_and_the_raw_one_of_those_followed_up(hospital):
    found = overall(of_population(hospital, ADULTS))
    assert (found.measure.count, found.measure.out_of) == (20, 150)
    assert (found.raw.count, found.raw.out_of) == (23, 150)
    assert (found.stay_count, found.coded_count) == (162, 162)


def test_for_seniors_every_stay_of_a_younger_patient_is_the_first_step(hospital):
    counted = of_population(hospital, SENIORS)
    steps = {step.name: step.stay_count for step in waterfall(counted, SENIORS)}
    assert (steps["All stays"], steps["Under 65"], steps["Died in hospital"], steps["Index stays"]) == (182, 127, 5, 50)
    assert (overall(counted).measure.count, overall(counted).raw.count) == (10, 11)


def test_the_rows_as_read_are_not_changed(hospital):
    before = hospital.copy()
    of_population(hospital, SENIORS)
    pd.testing.assert_frame_equal(hospital, before)


def test_children_have_a_raw_rate_beside_adults_only(hospital):
    child = children(hospital, ADULTS)[0]
    assert (child.measure.share, child.raw.counts_text) == (None, "3 of 20")
    assert child.note.startswith("The measure is for adults")
    assert children(hospital, SENIORS) == ()


def test_a_group_under_11_index_stays_has_neither_rate_nor_count():
    rows = counts(index_row("Adult", 10, 9, ward="Small"), index_row("Adult", 11, 1, ward="Enough"))
    wards = {one.name: one for one in rate_groups(group_sums(of_population(rows, ADULTS)), WHOLE_UNTIL) if one.grouped_by == WARD}
    assert (wards["Small"].measure.text, wards["Small"].measure.out_of_text) == ("–", "<\u00a011")
    assert (wards["Small"].raw.count, wards["Small"].planned_return_count) == (None, None)
    assert wards["Enough"].measure.share == 1 / 11


def test_the_outcomes_of_a_view_under_11_index_stays_have_no_share():
    steps = waterfall(of_population(counts(index_row("Adult", 10, 2)), ADULTS), ADULTS)
    assert [step.share for step in steps if step.kind == OUTCOME] == [None, None, None]


def test_groups_come_by_age_then_sites_and_wards_by_rate_then_months():
    rows = counts(
        index_row("Senior", 50, 2, site="South", ward="Cardiology", month=FEBRUARY),
        index_row("Adult", 50, 9, site="North", ward="Surgical"),
        index_row("Adult", 3, 0, site="East", ward="Tiny"),
    )
    found = [(one.grouped_by, one.name) for one in rate_groups(group_sums(of_population(rows, ADULTS)), WHOLE_UNTIL)]
    assert found == [
        (AGE_GROUP, "Adult"), (AGE_GROUP, "Senior"), (SITE, "North"), (SITE, "South"), (SITE, "East"),
        (WARD, "Surgical"), (WARD, "Cardiology"), (WARD, "Tiny"), (MONTH, "2026-01-01"), (MONTH, "2026-02-01"),
    ]  # fmt: skip


def test_a_month_without_full_follow_up_is_marked_and_has_no_raw_rate():
    rows = counts(index_row("Adult", 50, 5), index_row("Adult", 50, 5, month=FEBRUARY))
    months = [one for one in rate_groups(group_sums(of_population(rows, ADULTS)), WHOLE_UNTIL) if one.grouped_by == MONTH]
    assert [one.note for one in months] == ["", "Follow-up not complete"]
    assert months[1].raw.share is None


@st.composite
def random_counts(draw) -> pd.DataFrame:
    """Any rows that keep the contract of gold.readmission_rates."""
    rows = []
    for reason in draw(st.lists(st.sampled_from((INDEX_STAY, "Under 18", *EXCLUSIONS)), max_size=30)):
        stays, readmitted, planned = draw(st.integers(1, 40)), draw(st.integers(0, 20)), draw(st.integers(0, 20))
        age_group = "Pediatric" if reason == "Under 18" else draw(st.sampled_from(("Adult", "Senior")))
        outcome = (stays + 40, readmitted, planned) if reason == INDEX_STAY else (0, 0, 0)
        size = outcome[0] or stays
        rows.append((JANUARY, "North", "Surgical", age_group, reason, size, size, readmitted % (size + 1), *outcome, 0))
    return counts(*rows)


@given(rows=random_counts(), population=st.sampled_from(POPULATIONS))
def test_exclusions_and_outcomes_are_all_stays_whatever_the_rows(rows, population):
    steps = waterfall(of_population(rows, population), population)
    parts = sum(step.stay_count for step in steps if step.kind in (EXCLUDED, OUTCOME))
    assert parts == rows["stay_count"].sum() == steps[0].stay_count
    assert min(step.stay_count for step in steps) >= 0
    last_excluded = [step for step in steps if step.kind == EXCLUDED][-1]
    assert last_excluded.ends_at == next(step for step in steps if step.name == "Index stays").stay_count


def test_the_steps_are_the_reasons_of_the_table_in_its_order():
    sql = (TABLES / "gold" / "index_stays.sql").read_text(encoding="utf-8")
    places = [sql.index(f"then '{name}'") for name in ("Under 18", *EXCLUSIONS)]
    assert places == sorted(places)
    assert sql[: sql.index("as first_exclusion")].count("then '") == len(places)


def test_headline_numbers_say_what_they_are_out_of(hospital):
    tiles = headline_tiles(overall(of_population(hospital, ADULTS)), CMS_STYLE, ADULTS, 182)
    assert [(tile.name, tile.text.replace("\u00a0", " ")) for tile in tiles] == [
        ("Unplanned readmission", "13.3 %"), ("Raw return", "15.3 %"), ("Index stays", "150"), ("Planned first returns", "3"),
        ("Stays with a diagnosis", "100.0 %"),
    ]  # fmt: skip
    assert tiles[0].note == "CMS-style · 20 of 150 index stays within 30 days"
    assert all(any(sign.isdigit() for sign in tile.note) for tile in tiles)


def test_without_codes_planned_returns_are_unknown_and_not_none(hospital):
    planned = headline_tiles(overall(of_population(hospital, ADULTS)), RETURN, ADULTS, 182)[3]
    assert (planned.value, planned.text) == (None, "–")


@pytest.mark.parametrize(("basis", "population"), list(product((CMS_STYLE, RETURN), POPULATIONS)))
def test_the_result_is_never_called_that_of_cms(basis, population):
    said = definition(basis, population)
    assert said.startswith(basis.measure_name)
    assert "HWR" not in said
    assert "no risk standardisation" in said
    assert "12 Mar 2026" in said


@pytest.fixture
def read_readmissions(small_hospital, monkeypatch):
    """The page's payload of a role at noon."""
    monkeypatch.setenv("MEDIPULSE_HOME", str(small_hospital.home))

    def read(role: str = "clinician", population: str = ADULTS, listed: str = READMITTED, **filters: str):
        return readmissions(Viewer("test", role), Filters(**filters), population, listed=listed, generated_at=NOON)

    return read


@pytest.mark.parametrize(("period", "population"), list(product(PERIODS, POPULATIONS)))
def test_under_every_filter_the_waterfall_and_the_groups_add_up(read_readmissions, period, population):
    for site in choices(Viewer("test", "clinician")).site_names:
        found = read_readmissions(period=period, population=population, site_name=site)
        steps = {step.name: step.stay_count for step in found.waterfall}
        assert sum(steps[name] for name in steps_of(population)) == steps["All stays"]
        assert found.overall.index_count == steps["Index stays"]
        assert found.overall.measure.is_small == (steps["Index stays"] < 11)


@pytest.mark.parametrize(("population", "step"), [(one, step) for one in POPULATIONS for step in steps_of(one)])
def test_the_list_of_a_step_holds_as_many_stays_as_the_waterfall_counts(read_readmissions, population, step):
    listed = read_readmissions(population=population, listed=step).stays
    assert len(listed.rows) == min(listed.total_count, 200)


def test_the_list_says_why_each_stay_counts_newest_first(read_readmissions):
    listed = read_readmissions(listed=NOT_RETURNED).stays
    days = [row.discharge_date for row in listed.rows]
    assert days == sorted(days, reverse=True)
    assert all(row.count_reason.startswith("Counted as not readmitted") for row in listed.rows)
    assert "newest 200 shown" in listed.caption


def test_a_role_without_clinical_values_reads_counts_and_no_stay(read_readmissions):
    shown, hidden = read_readmissions("clinician"), read_readmissions("auditor")
    assert hidden.stays.is_hidden
    assert not shown.stays.is_hidden
    assert [step.name for step in hidden.waterfall] == [step.name for step in shown.waterfall]
    assert hidden.overall.measure == shown.overall.measure


def test_an_analyst_sees_the_year_of_discharge_and_no_patient(read_readmissions):
    listed = read_readmissions("analyst", listed=NOT_RETURNED).stays
    row = listed.rows[0]
    assert re.fullmatch("[0-9a-f]{16}", row.patient_id) and re.fullmatch("[0-9]{4}", row.discharge_date)
    assert row.discharged_text == row.discharge_date == row.stay_month
    assert row.count_reason
    assert "first 200 shown · newest year first" in listed.caption


def test_over_all_periods_an_analyst_gets_as_many_stays_as_a_clinician_by_year(read_readmissions):
    exact, told = (read_readmissions(role, listed=NOT_RETURNED).stays for role in ("clinician", "analyst"))
    assert len(told.rows) == len(exact.rows) == min(told.total_count, 200)
    assert [row.stay_month for row in told.rows] == [f"{row.stay_month:%Y}" for row in exact.rows]


@pytest.mark.parametrize(("period", "step"), list(product(PERIODS[:-1], (NOT_RETURNED, EXCLUSIONS[0]))))
def test_in_a_shorter_period_a_role_without_months_gets_a_sentence_and_the_count(read_readmissions, period, step):
    exact, told, untold = (
        read_readmissions(role, period=period, listed=step).stays for role in ("clinician", "analyst", "auditor")
    )
    assert (exact.unlisted, told.rows, untold.rows) == ("", (), ())
    assert told.unlisted == "Single stays are listed over all periods only, because your role sees their year, not their month."
    assert untold.unlisted == "Single stays are listed over all periods only, because your role does not see their month."
    assert {told.total_count, untold.total_count} <= {exact.total_count, None}


@pytest.mark.parametrize("wrong", [{"population": "Everyone"}, {"listed": "Under 65"}, {"period": "1 century"}])
def test_a_value_off_the_list_is_refused(read_readmissions, wrong):
    with pytest.raises(BadRequest, match="Choose one of"):
        read_readmissions(**wrong)


def test_captions_say_denominators_sources_and_the_rule_for_small_numbers(read_readmissions):
    found = read_readmissions()
    assert f"{found.waterfall[0].stay_count:,} stays of any age" in waterfall_caption(found)
    assert "fewer than 11 index stays" in rates_caption(found)
    assert "not adjusted" in funnel_caption(found, SITE)
    assert control_caption(found)


@pytest.mark.parametrize("population", POPULATIONS)
def test_a_view_without_any_stay_is_all_zeros_and_dashes(population):
    nothing = of_population(counts(), population)
    assert {step.stay_count for step in waterfall(nothing, population)} == {0}
    assert (overall(nothing).measure.text, overall(nothing).index_count) == ("–", 0)
    assert rate_groups(group_sums(nothing), WHOLE_UNTIL) == children(counts(), population) == ()
