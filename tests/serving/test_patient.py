"""Bands by age, scores opened, charts of stays and encounters: the pure parts of the patient page."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from pipeline.serving.charts.patient_screen import encounters_figure, vitals_figure
from pipeline.serving.groups import VITAL_SIGNS
from pipeline.serving.patient import PatientRecord, Source
from pipeline.serving.patient.bands import ABOVE, BELOW, NO_BAND, WITHIN, Band, band, band_text, charted, place
from pipeline.serving.patient.cells import records
from pipeline.serving.patient.header import age_text, facts_text, latest_severity, where_text
from pipeline.serving.patient.kinds import Encounter, Person, VitalSet
from pipeline.serving.patient.points import row_text
from pipeline.serving.patient.severity import scores
from pipeline.serving.patient.vital_charts import vital_charts

NOON = datetime(2026, 3, 1, 12, 0)
SIGNS = {sign.stem: sign for sign in VITAL_SIGNS}


def blank(kind: type, **known: object):
    """One record with what matters to a test; every other field is empty."""
    return kind(**({field.name: None for field in fields(kind)} | known))


def vital_set(**known: object) -> VitalSet:
    """A well adult's vital set at noon, changed as said."""
    usual = {
        "encounter_id": "E-1", "measured_at": NOON, "age_years": 70, "age_months": 840, "age_days": 25_600, "heart_rate_bpm": 70.0,
        "respiratory_rate_per_min": 16.0, "systolic_bp_mmhg": 120.0, "temperature_c": 37.0, "spo2_pct": 97.0, "is_on_oxygen": False,
        "consciousness_code": "A", "spo2_scale": 1, "news2_status": "computed", "qsofa_status": "computed",
        "shock_index_status": "computed", "hypotension_status": "not applicable: 16 and over",
        "child_severity_status": "not applicable: 16 and over", "severity_name": "Low",
    }  # fmt: skip
    return blank(VitalSet, **(usual | known))


def child(**known: object) -> VitalSet:
    """A five-year-old's vital set."""
    ages = {"age_years": 5, "age_months": 60, "age_days": 1_830, "spo2_scale": None, "news2_status": "not applicable: under 16"}
    statuses = {"qsofa_status": "not applicable: under 18", "hypotension_status": "computed", "child_severity_status": "computed"}
    return vital_set(**(ages | statuses | known))


def encounter(number: str = "E-1", **known: object) -> Encounter:
    """An adult's emergency visit of two hours."""
    usual = {
        "encounter_id": number, "encounter_class": "Emergency", "site_name": "North", "ward_name": "Majors", "age_years": 70,
        "age_months": 840, "age_days": 25_600, "arrived_at": NOON, "discharged_at": NOON + timedelta(hours=2),
    }  # fmt: skip
    return blank(Encounter, **(usual | known))


def record_of(*encounters: Encounter, vital_sets: tuple[VitalSet, ...] = ()) -> PatientRecord:
    """A record with these encounters and vital sets and nothing else."""
    source = Source(
        publication_number=1,
        run_id="run-1",
        published_at=NOON,
        newest_arrival_at=NOON + timedelta(days=300),
        is_synthetic=True,
        table_versions={},
        viewer_name="test",
        viewer_role="clinician",
        viewer_places="All sites and wards",
        generated_at=NOON,
    )
    person = Person("P-1", "Una", "Fir", "Female", date(1956, 1, 1), None)
    return PatientRecord(source, person, latest_severity(encounters), encounters, vital_sets, (), (), (), (), ())


def test_a_missing_cell_is_none_and_a_time_is_plain():
    rows = pd.DataFrame([{"patient_id": "P-1", "given_name": None, "family_name": float("nan"), "sex": "Female",
                          "birth_date": pd.Timestamp("1950-02-28"), "death_date": pd.NaT, "not_asked": 1}])  # fmt: skip
    assert records(Person, rows) == (Person("P-1", None, None, "Female", date(1950, 2, 28), None),)


@pytest.mark.parametrize(
    ("one", "stem", "expected"),
    [
        (vital_set(), "heart_rate", Band(51, 90)),
        (vital_set(age_years=16, age_months=192), "heart_rate", Band(51, 90)),
        (vital_set(spo2_scale=2), "spo2", Band(88, 92)),
        (vital_set(spo2_scale=2), "temperature", Band(36.1, 38.0)),
        (vital_set(news2_status="not applicable: pregnancy"), "heart_rate", None),
        (child(), "heart_rate", Band(81, 117)),
        (child(), "respiratory_rate", Band(20, 27)),
        (child(), "systolic_bp", None),
        (child(age_months=0), "heart_rate", Band(123, 164)),
        (child(age_years=15, age_months=191), "respiratory_rate", Band(13, 19)),
    ],
)
def test_the_band_is_that_of_the_age_and_of_the_scale(one, stem, expected):
    assert band(SIGNS[stem], one) == expected


@pytest.mark.parametrize(
    ("one", "stem", "expected"),
    [
        (vital_set(heart_rate_bpm=90.0), "heart_rate", WITHIN),
        (vital_set(heart_rate_bpm=90.4), "heart_rate", WITHIN),
        (vital_set(heart_rate_bpm=90.5), "heart_rate", ABOVE),
        (vital_set(heart_rate_bpm=50.0), "heart_rate", BELOW),
        (vital_set(heart_rate_bpm=None), "heart_rate", None),
        (vital_set(temperature_c=38.04), "temperature", WITHIN),
        (vital_set(spo2_scale=2, spo2_pct=95.0, is_on_oxygen=True), "spo2", ABOVE),
        (vital_set(spo2_scale=2, spo2_pct=95.0, is_on_oxygen=False), "spo2", WITHIN),
        (vital_set(spo2_scale=2, spo2_pct=87.0, is_on_oxygen=False), "spo2", BELOW),
        (child(spo2_pct=90.0), "spo2", NO_BAND),
        (child(respiratory_rate_per_min=28.0), "respiratory_rate", ABOVE),
    ],
)
def test_a_value_is_placed_at_the_precision_of_the_charts(one, stem, expected):
    assert place(SIGNS[stem], one) == expected


def test_where_there_is_no_band_it_is_said_why():
    assert band_text(SIGNS["spo2"], child()) == "no band under 16"
    assert band_text(SIGNS["spo2"], vital_set(spo2_scale=2)) == "88–92, scale 2"


def test_halves_are_rounded_up_as_the_tables_do():
    assert [charted(value, 0) for value in (20.5, 21.5, 94.5)] == [21, 22, 95]


@pytest.mark.parametrize(
    ("parameter", "value", "decimals", "words"),
    [
        ("respiratory_rate", 8, 0, "8 and under"),
        ("respiratory_rate", 25, 0, "25 and over"),
        ("spo2_scale_1", 96, 0, "96–100"),
        ("temperature", 36.1, 1, "36.1–38.0"),
        ("temperature", 39.1, 1, "39.1 and over"),
        ("spo2_scale_2_unknown", 95, 0, ""),
        ("pulse", None, 0, ""),
    ],
)
def test_a_row_of_the_published_table_reads_as_words(parameter, value, decimals, words):
    assert row_text("news2_points", parameter, value, decimals) == words


def test_an_adult_has_news2_qsofa_and_shock_index():
    one = vital_set(
        respiratory_rate_points=0, spo2_points=0, oxygen_points=0, systolic_bp_points=0, pulse_points=0, consciousness_points=0,
        temperature_points=0, news2_score=0, news2_parameter_count=7, qsofa_score=0, qsofa_parameter_count=3, shock_index=0.583,
        shock_index_limit=1.0, is_shock_index_high=False,
    )  # fmt: skip
    opened = {score.name: score for score in scores(one)}
    assert opened["NEWS2"].summary == "0 · ● Low · 7 of 7 measured"
    assert [part.answer for part in opened["NEWS2"].parts] == ["0"] * 7
    assert opened["qSOFA"].summary == "0 of 3 met · 3 of 3 measured"
    assert opened["Shock index"].summary.startswith("0.58 · not above the limit of 1 for the age")


def test_what_is_missing_is_written_out_and_never_taken_to_be_normal():
    one = vital_set(
        respiratory_rate_per_min=None, consciousness_code=None, qsofa_score=0, qsofa_parameter_count=1,
        qsofa_status="partial: missing respiratory rate, consciousness",
    )  # fmt: skip
    qsofa = next(score for score in scores(one) if score.name == "qSOFA")
    assert qsofa.summary == "0 of 3 met · 1 of 3 measured · Partial: missing respiratory rate, consciousness"
    assert [part.answer for part in qsofa.parts] == ["not measured", "No", "not measured"]


@pytest.mark.parametrize(("rate", "pressure", "code", "answers"), [(22, 100, "V", "Yes"), (21.4, 101, "A", "No")])
def test_the_three_questions_of_qsofa_have_the_published_limits(rate, pressure, code, answers):
    one = vital_set(respiratory_rate_per_min=float(rate), systolic_bp_mmhg=float(pressure), consciousness_code=code)
    assert {part.answer for part in scores(one)[1].parts} == {answers}


def test_a_child_has_z_scores_and_a_limit_and_every_adult_score_says_that_it_does_not_apply():
    one = child(
        heart_rate_z=3.7, respiratory_rate_z=-1.2, systolic_bp_low_limit=80.0, is_hypotensive=False, child_parameter_count=3,
        severity_name="Over 3 SD",
    )  # fmt: skip
    opened = {score.name: score for score in scores(one)}
    assert [part.answer for part in opened["Severity for age"].parts] == ["+3.7 SD", "−1.2 SD", "not low"]
    assert opened["Hypotension for age"].summary == "not below the limit of 80 mmHg for the age · 1 of 1 measured"
    assert (opened["NEWS2"].summary, opened["NEWS2"].parts) == ("Not applicable: under 16", ())
    assert (opened["qSOFA"].summary, opened["qSOFA"].parts) == ("Not applicable: under 18", ())


def test_every_vital_set_is_in_one_chart_and_the_one_measured_last_comes_first():
    first, second = encounter("E-1"), encounter("E-2", arrived_at=NOON + timedelta(days=9))
    sets = (
        vital_set(),
        vital_set(measured_at=NOON + timedelta(hours=1)),
        vital_set(encounter_id="E-2", measured_at=second.arrived_at),
    )
    charts = vital_charts((second, first), (), sets)
    assert [(chart.key, len(chart.vital_sets)) for chart in charts] == [("E-2", 1), ("E-1", 2)]


@pytest.mark.parametrize(
    ("days", "months", "years", "words"),
    [(9, 0, 0, "9 days"), (200, 6, 0, "6 months"), (700, 23, 1, "23 months"), (25_000, 820, 68, "68 years")],
)
def test_an_age_is_told_in_the_unit_that_fits(days, months, years, words):
    assert age_text(encounter(age_days=days, age_months=months, age_years=years)) == words


def test_where_the_patient_is_comes_from_the_open_encounter():
    here = encounter(encounter_class="Inpatient", discharged_at=None)
    assert where_text((here,)) == "In hospital now: Majors, North, since 1 Mar 2026, 12:00 UTC"
    assert where_text((encounter(),)).startswith("Not in hospital. Last contact: emergency, Majors, North")
    clinic = encounter(encounter_class="Outpatient", discharged_at=None)
    assert where_text((clinic,)).startswith("Not in hospital.")


def test_a_record_of_own_places_does_not_say_that_the_patient_is_not_in_hospital():
    said = where_text((encounter(),), is_whole=False)
    assert said.startswith("Not in your own places now. Last contact there: emergency, Majors, North")


def test_the_latest_severity_is_that_of_the_newest_vital_set_with_its_basis():
    older = encounter("E-1", measured_at=NOON, risk_level="Low", news2_score=0, news2_parameter_count=7)
    level = {"risk_level": "High", "news2_score": 8, "news2_parameter_count": 6, "unstable_vitals": "HR over 100"}
    newer = encounter("E-2", measured_at=NOON + timedelta(days=1), **level)
    found = latest_severity((older, newer))
    assert (found.level, found.sign, found.score_text, found.basis) == ("High", "◆", "NEWS2 8 (6 of 7 measured)", "HR over 100")


def test_nothing_measured_is_not_assessed():
    assert latest_severity((encounter(),)).level == "Not assessed"
    assert latest_severity(()).sign == "○"


def test_birth_and_death_are_dates_and_contacts_are_counted():
    person = replace(record_of(encounter()).person, death_date=date(2026, 3, 5))
    assert facts_text(person, (encounter(),), ()) == (
        "70 years at the latest contact · Female · born 1 Jan 1956 · died 5 Mar 2026 · 1 encounter, 0 stays"
    )


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_points_outside_the_band_have_a_shape_of_their_own(appearance):
    sets = (
        vital_set(heart_rate_bpm=120.0),
        vital_set(measured_at=NOON + timedelta(hours=4), heart_rate_bpm=45.0),
        vital_set(measured_at=NOON + timedelta(hours=8), heart_rate_bpm=60.0),
    )
    chart = vital_charts((encounter(),), (), sets)[0]
    drawn = vitals_figure(chart, sets[0], appearance)
    shapes = {trace["name"]: trace["marker"]["symbol"] for trace in drawn["data"] if trace.get("yaxis") == "y" and "name" in trace}
    assert shapes == {"within": "circle", "above": "triangle-up", "below": "triangle-down"}


def test_the_band_changes_where_the_scale_changes():
    sets = (vital_set(), vital_set(measured_at=NOON + timedelta(hours=4), spo2_scale=2))
    chart = vital_charts((encounter(),), (), sets)[0]
    bands = [
        (shape["y0"], shape["y1"])
        for shape in vitals_figure(chart, sets[0], "light")["layout"]["shapes"]
        if shape.get("yref") == "y4"
    ]
    assert bands == [(96.0, 100.0), (88.0, 92.0)]


def test_a_ward_name_cannot_be_read_as_markup_in_a_figure():
    named = encounter(ward_name="<b>Ward</b><a href='http://x'>")
    traces = encounters_figure(record_of(named), None, "light")["data"]
    assert "<b>" not in str([trace.get("customdata") for trace in traces])


def test_an_encounter_that_goes_on_is_drawn_to_the_newest_arrival():
    here = record_of(encounter(encounter_class="Inpatient", discharged_at=None))
    gone = record_of(encounter())
    assert here.shown_until == NOON + timedelta(days=300)
    assert gone.shown_until == NOON + timedelta(hours=2)
