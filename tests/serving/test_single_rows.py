"""A list of single encounters or stays is whole, or a sentence: never cut by a month that the role does not see."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest
from pypdf import PdfReader

from pipeline.errors import NotPublished
from pipeline.governance.policy import Viewer
from pipeline.serving.command_center import CommandCenter
from pipeline.serving.export import as_json
from pipeline.serving.filters import PERIODS, WHOLE_PERIOD
from pipeline.serving.report import report
from pipeline.serving.single_rows import ENCOUNTERS_BY_MONTH, STAYS_BY_DAY, STAYS_BY_MONTH, why_not_listed
from pipeline.serving.worklist import WORKLIST_LIMIT, summed_size
from tests.serving.conftest import NOON

SHORTER = [period for period in PERIODS if period != WHOLE_PERIOD]
CUTS = (ENCOUNTERS_BY_MONTH, STAYS_BY_MONTH, STAYS_BY_DAY)
YEARS_ALONE = "Single encounters are listed over all periods only, because your role sees their year, not their month."
NO_DATE = "Single encounters are listed over all periods only, because your role does not see their month."


def printed(center: CommandCenter) -> str:
    pages = PdfReader(io.BytesIO(report(center, NOON))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u00a0", " ").split())


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("role", ["clinician", "triage_nurse", "data_steward"])
def test_a_role_that_sees_the_day_gets_every_list(role, cut):
    assert {why_not_listed(Viewer("v", role), cut, period) for period in (*PERIODS, None)} == {""}


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("role", ["analyst", "auditor", "administrator"])
def test_another_role_gets_it_over_the_whole_period_alone(role, cut):
    assert why_not_listed(Viewer("v", role), cut, WHOLE_PERIOD) == ""
    assert all(why_not_listed(Viewer("v", role), cut, period) for period in (*SHORTER, None))


@pytest.mark.parametrize("period", SHORTER)
@pytest.mark.parametrize(("role", "sentence"), [("analyst", YEARS_ALONE), ("auditor", NO_DATE)])
def test_in_a_shorter_period_screen_paper_and_file_say_why_there_is_no_list(read_as, role, sentence, period):
    center = read_as(role, period=period)
    assert (center.worklist.rows, center.worklist.why_empty) == ((), sentence)
    assert sentence in printed(center)
    written = json.loads(as_json(center))["worklist"]
    assert (written["rows"], written["unlisted"]) == ([], sentence)


@pytest.mark.parametrize("period", PERIODS)
def test_the_list_is_counted_alike_for_who_sees_months_and_who_does_not(read_as, period):
    exact, told = read_as(period=period).worklist, read_as("analyst", period=period).worklist
    assert told.total_count in (exact.total_count, None)
    assert told.in_hospital_count in (exact.in_hospital_count, None)
    assert read_as("analyst").worklist.total_count == read_as().worklist.total_count


def test_sums_of_an_older_version_are_refused_and_not_taken_for_nobody_in_hospital():
    columns = ["age_group", "risk_level", "encounter_count", "in_hospital_count"]
    rows = [("Senior", "High", 12, 3), ("Senior", "High", 4, 0), ("Senior", "Low", 40, 9), ("Adult", "High", 7, 7)]
    assert summed_size(pd.DataFrame(rows, columns=columns)) == (16, 3)
    with pytest.raises(NotPublished, match="Refresh the data"):
        summed_size(pd.DataFrame(rows, columns=columns).assign(in_hospital_count=None))


def test_over_the_whole_period_the_list_goes_by_year_and_leaves_nobody_out(read_as):
    exact, told = read_as().worklist, read_as("analyst").worklist
    assert len(told.rows) == len(exact.rows) == min(exact.total_count, WORKLIST_LIMIT)
    assert sorted(row.arrived_at for row in told.rows) != []
    assert {row.arrived_at for row in told.rows} <= {f"{row.arrived_at:%Y}" for row in exact.rows}
    assert told.caption.endswith("then latest year of arrival")
    assert exact.caption.endswith("then latest arrival")
