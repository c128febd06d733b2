"""Files and figures carry the numbers of the page, withhold what it withholds, and read no tag from a name."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from pipeline.governance.policy import Viewer
from pipeline.serving.charts.attrition import attrition
from pipeline.serving.charts.control import control
from pipeline.serving.charts.forest import forest
from pipeline.serving.charts.funnel_plot import funnel_plot
from pipeline.serving.charts.readmission_screen import FIGURES, readmission_figure
from pipeline.serving.control_chart import MonthCount, control_chart
from pipeline.serving.export import as_json, file_name
from pipeline.serving.filters import Filters
from pipeline.serving.funnel import funnel
from pipeline.serving.rates import NOT_SHOWN, rate
from pipeline.serving.readmissions import Readmissions, readmissions
from pipeline.serving.readmissions.export import rates_csv
from pipeline.serving.readmissions.groups import SITE, WARD, RateGroup, group_label
from pipeline.serving.readmissions.population import ADULTS
from pipeline.serving.readmissions.waterfall import NOT_RETURNED
from pipeline.serving.readmissions.words import rates_table
from tests.serving.conftest import NOON
from tests.serving.test_control_chart import month

LINK = "<a href='https://evil.example'>North</a>"


@pytest.fixture
def payload(small_hospital, monkeypatch) -> Readmissions:
    return payload_of("clinician", small_hospital, monkeypatch)


def payload_of(role: str, small_hospital, monkeypatch) -> Readmissions:
    monkeypatch.setenv("MEDIPULSE_HOME", str(small_hospital.home))
    return readmissions(Viewer("test", role), Filters(), ADULTS, listed=NOT_RETURNED, generated_at=NOON)


def csv_rows(payload: Readmissions) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(rates_csv(payload).decode("utf-8-sig"))))


@pytest.mark.parametrize("appearance", ["light", "dark"])
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_a_plain_dictionary_of_a_few_kilobytes(payload, name, appearance):
    assert len(json.dumps(readmission_figure(name, payload, appearance), allow_nan=False)) < 40_000


def test_the_waterfall_draws_its_steps_end_to_end(payload):
    bars = attrition(payload.waterfall, "light")["data"][0]
    assert list(bars["x"]) == [step.stay_count for step in payload.waterfall]
    assert bars["base"][1] + bars["x"][1] == payload.waterfall[0].stay_count


def test_a_rate_axis_begins_at_zero(payload):
    chart = control_chart([MonthCount(month(place), 90 + place % 3, 900) for place in range(12)])
    shown = funnel([("North", 90, 900), ("South", 120, 900)])
    assert control(chart, "light")["layout"]["yaxis"]["range"][0] == 0
    assert funnel_plot(shown, "light")["layout"]["yaxis"]["range"][0] == 0
    assert forest(payload.groups, payload.overall.measure, "light")["layout"]["xaxis"]["range"][0] == 0


def test_a_signalled_month_has_its_own_shape_and_a_word():
    counts = [MonthCount(month(place), 84 + 16 * (place % 2), 900) for place in range(11)] + [MonthCount(month(11), 150, 900)]
    drawn = control(control_chart(counts), "light")
    diamonds = next(trace for trace in drawn["data"] if trace.get("marker", {}).get("symbol") == "diamond")
    assert diamonds["x"] == ["2025-12-01"]
    assert any("above limit" in note["text"] for note in drawn["layout"]["annotations"])


def test_neighbours_that_meet_the_same_rule_share_a_word():
    counts = [MonthCount(month(place), 90 + place % 2, 900) for place in range(10)]
    drawn = control(control_chart([*counts, *(MonthCount(month(place), 160, 900) for place in (10, 11))]), "light")
    assert sum("above limit" in note["text"] for note in drawn["layout"]["annotations"]) == 1


def test_a_group_outside_the_limits_has_its_own_shape_and_a_word():
    drawn = funnel_plot(funnel([("North", 900, 9_000), ("South", 300, 1_000), ("West", 100, 1_000)]), "dark")
    texts = [note["text"] for note in drawn["layout"]["annotations"]]
    assert "diamond" in drawn["data"][-1]["marker"]["symbol"]
    assert any("South, above 99.8" in text for text in texts)


def test_a_small_group_is_a_line_without_a_mark():
    small = RateGroup(WARD, "Small", NOT_SHOWN, NOT_SHOWN, None)
    drawn = forest((small,), rate(100, 1_000), "light")
    assert [len(trace["x"]) for trace in drawn["data"]] == [0, 0]
    assert any("<\u00a011" in note["text"] for note in drawn["layout"]["annotations"])


def test_a_name_from_the_data_is_never_read_as_markup():
    group = RateGroup(SITE, LINK, rate(100, 1_000), rate(120, 1_000), 3)
    drawn = json.dumps([
        forest((group,), group.measure, "light"), funnel_plot(funnel([(LINK, 100, 1_000), ("South", 10, 1_000)]), "light"),
    ])  # fmt: skip
    assert "<a " not in drawn
    assert "&lt;a " in drawn


def test_json_carries_the_page_with_its_provenance(payload):
    written = json.loads(as_json(payload))
    assert [tile["text"] for tile in written["tiles"]] == [tile.text for tile in payload.tiles]
    assert [step["stay_count"] for step in written["waterfall"]] == [step.stay_count for step in payload.waterfall]
    assert written["provenance"]["is_synthetic"] is True
    assert len(written["stays"]["rows"]) == len(payload.stays.rows)


def test_csv_and_screen_show_the_same_groups_and_rates(payload):
    rows, table = csv_rows(payload), rates_table(payload.groups)
    assert [row["group_name"] for row in rows] == list(table["Group"])
    shares = [one.measure.share for one in payload.groups]
    assert [float(row["readmission_share"]) if row["readmission_share"] else None for row in rows] == [
        None if share is None else pytest.approx(share, abs=1e-6) for share in shares
    ]


def test_csv_withholds_small_groups_and_names_its_source_on_every_line(payload):
    small = RateGroup(WARD, "Small", NOT_SHOWN, NOT_SHOWN, None)
    row = csv_rows(replace(payload, groups=(small,)))[0]
    assert (row["index_count"], row["raw_index_count"], row["note"]) == ("", "", "< 11 index stays")
    assert row["source_table"].startswith("gold.readmission_rates@")
    assert (row["measure_name"], row["is_synthetic"]) == (payload.basis.measure_name, "True")


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "+1", "-1"])
def test_a_name_is_never_a_formula_in_a_spreadsheet(payload, name):
    group = RateGroup(WARD, name, rate(100, 1_000), rate(120, 1_000), 3)
    assert csv_rows(replace(payload, groups=(group,)))[0]["group_name"] == f"'{name}"


@pytest.mark.parametrize("role", ["analyst", "auditor"])
def test_no_identifier_reaches_a_file_of_a_role_that_may_not_see_it(small_hospital, monkeypatch, role):
    shown, hidden = (payload_of(one, small_hospital, monkeypatch) for one in ("clinician", role))
    out = as_json(hidden).decode() + rates_csv(hidden).decode()
    assert shown.stays.rows
    assert all(row.patient_id not in out and row.stay_id not in out for row in shown.stays.rows)


def test_a_file_is_named_for_its_page_publication_and_day(payload):
    assert file_name("Readmissions", payload.provenance, "csv") == "medipulse-readmissions-publication-1-2026-11-23.csv"


def test_groups_are_named_for_a_reader():
    named = [group_label(RateGroup(by, name, NOT_SHOWN, NOT_SHOWN, None)) for by, name in (
        ("Age group", "Senior"), ("Month", "2026-03-01"), ("Site", "North Campus"),
    )]  # fmt: skip
    assert named == ["Senior 65+", "Mar 2026", "North Campus"]
