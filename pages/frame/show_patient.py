"""How the patient's record becomes elements. No number is computed here and no chart is described.

A text that a hospital sent is escaped before it stands where Streamlit reads Markdown; tables of codes take it as it is.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame.open_glass import offer_glass, show_glass
from pages.frame.page import OpenPage, say_limits
from pages.frame.patient_link import PATIENT_KEY
from pages.frame.plain import plain
from pages.frame.show import LEVEL_COLOURS, NO_TOOLBAR, card, show_table
from pipeline.serving.charts.patient_screen import encounters_figure, vitals_figure
from pipeline.serving.patient import LONGEST_NUMBER, PatientRecord, Search
from pipeline.serving.patient.header import facts_text, where_text
from pipeline.serving.patient.kinds import Stay, VitalSet
from pipeline.serving.patient.risk import risk_score
from pipeline.serving.patient.scores import Score
from pipeline.serving.patient.severity import scores
from pipeline.serving.patient.stay_scores import stay_scores
from pipeline.serving.patient.tables import (
    diagnoses_table,
    encounters_table,
    lab_results_table,
    procedures_table,
    score_table,
)
from pipeline.serving.patient.vital_charts import VitalChart, VitalTile, vital_set_name, vital_tiles
from pipeline.serving.patient.words import (
    NO_STAYS,
    NO_STAYS_HERE,
    NO_VITAL_SETS,
    bands_caption,
    only_here,
    severity_caption,
    severity_words,
    stay_heading,
    stay_sentences,
)

TILE_ARROWS = {"above": "up", "below": "down"}


def choose_number() -> str:
    """The patient number, kept in the address. One character more than allowed is let in, so that a cut text is refused."""
    return st.text_input(
        "Patient number", key=PATIENT_KEY, bind="query-params", max_chars=LONGEST_NUMBER + 1, width=280,
        placeholder="As written by the hospital", icon=":material/search:", autocomplete="off",
    )  # fmt: skip


def record_or_stop(found: Search, page: OpenPage) -> PatientRecord:
    """The record; without one the page ends with the sentence that says why."""
    if found.record is None:
        st.info(found.sentence, icon=":material/person_search:")
        offer_glass(page.viewer, found.number, "Is this patient in your care, outside your own wards?")
        say_limits(page)
        st.stop()
    _say_what_is_missing(found.record, page)
    return found.record


def _say_what_is_missing(record: PatientRecord, page: OpenPage) -> None:
    patient_id = record.person.patient_id
    show_glass(page.viewer, patient_id)
    if record.only_at:
        st.info(plain(only_here(record.only_at)), icon=":material/visibility_off:")
        with st.expander("Open the whole record", icon=":material/lock_open:"):
            offer_glass(page.viewer, patient_id, "Do you need what others recorded of this patient?")


def show_person(record: PatientRecord) -> None:
    """Who, where now, the latest severity and the latest vital set."""
    person, severity = record.person, record.severity
    with st.container(border=True, gap="small"):
        colour = LEVEL_COLOURS.get(severity.level, "gray")
        with st.container(gap="xsmall"):
            st.subheader(f"{plain(person.name)} :gray[{plain(person.patient_id)}]", anchor=False)
            st.caption(plain(facts_text(person, record.encounters, record.stays)))
            st.markdown(plain(where_text(record.encounters, is_whole=not record.only_at)))
            st.markdown(f"Risk level :{colour}[{severity.sign} **{severity.level}**] · {plain(severity_words(severity))}")
        if record.vital_sets:
            _tiles(vital_tiles(record.vital_sets[-1]))


def _tiles(tiles: tuple[VitalTile, ...]) -> None:
    with st.grid(len(tiles), min_column_width=130, gap="small"):
        for tile in tiles:
            st.metric(
                tile.short_name,
                tile.text,
                tile.change_text,
                delta_color="orange" if tile.is_outside else "off",
                delta_arrow=TILE_ARROWS.get(tile.place or "", "off"),
                help=f"{tile.name} in the latest vital set, and its reference band for the age",
                border=True,
            )


def choose_vital_set(record: PatientRecord) -> tuple[VitalChart, VitalSet] | None:
    """The stay or encounter to chart, by default the one measured last, and one of its vital sets, by default the newest."""
    charts = {chart.key: chart for chart in record.charts()}
    if not charts:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = st.selectbox(
            "Vital signs of",
            list(charts),
            format_func=lambda key: charts[key].name,
            key=f"chart|{record.person.patient_id}|{record.only_at}",
            width=560,
        )
        sets = charts[key].vital_sets
        number = st.selectbox(
            "Vital set", range(len(sets)), index=len(sets) - 1, format_func=lambda number: vital_set_name(sets[number]),
            key=f"vital_set|{key}|{len(sets)}", width=300,
        )  # fmt: skip
    return charts[key], sets[number]


def show_encounters(record: PatientRecord, chosen: tuple[VitalChart, VitalSet] | None) -> None:
    """Every encounter and stay on the time axis; the chosen period is shaded."""
    if not record.encounters:
        return
    chart = chosen[0] if chosen else None
    words = f"Time axis of {len(record.encounters)} encounters and {len(record.stays)} stays; the same as a table under Encounters"
    _figure(encounters_figure(record, chart, _appearance()), f"encounters|{chart.key if chart else ''}", record, words)


def show_vital_signs(record: PatientRecord, chosen: tuple[VitalChart, VitalSet] | None) -> None:
    """The charts of the chosen vital sets beside the severity of the chosen one."""
    if chosen is None:
        with card("Vital signs", "Heart rate, respiratory rate, blood pressure, oxygen saturation, temperature"):
            st.info(NO_VITAL_SETS, icon=":material/inbox:")
        return
    chart, one = chosen
    left, right = st.columns([1.15, 1], gap="small")
    with left, card("Vital signs", bands_caption(one)):
        key = f"vitals|{chart.key}|{one.measured_at:%Y%m%d%H%M%S}"
        _figure(vitals_figure(chart, one, _appearance()), key, record, f"Five vital signs over time. {chart.name}")
    with right, card("Severity", severity_caption(one)):
        for score in scores(one):
            _show_score(score)


def _figure(drawn: dict, name: str, record: PatientRecord, alternative: str) -> None:
    key = f"{name}|{record.provenance.publication_number}|{_appearance()}"
    st.plotly_chart(drawn, theme=None, config=NO_TOOLBAR, key=key, alt=alternative)


def _appearance() -> str:
    return st.context.theme.type or "light"


def _show_score(score: Score) -> None:
    with st.container(gap="xsmall"):
        st.markdown(f"**{score.name}** · {plain(score.summary)}")
        if score.parts:
            st.table(score_table(score).map(plain), border="horizontal", hide_index=True)
        if score.is_for_patient:
            st.caption(score.note)


def show_stays(record: PatientRecord) -> None:
    """Every stay, newest first and opened; the others on a click."""
    if not record.stays:
        st.info(NO_STAYS_HERE if record.only_at else NO_STAYS, icon=":material/inbox:")
    for number, stay in enumerate(record.stays):
        with st.expander(plain(stay_heading(stay)), expanded=number == 0):
            _show_stay(stay, record)


def _show_stay(stay: Stay, record: PatientRecord) -> None:
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in stay_sentences(stay, record.emergency_before(stay))))
    columns = st.columns([1.1, 1, 1.1], gap="medium")
    for column, own in zip(columns, stay_scores(stay, record.conditions_of(stay)), strict=True):
        with column:
            for score in own:
                _show_score(score)
    risk = record.risk_of(stay)
    if risk is not None:
        _show_score(risk_score(risk))


def show_lists(record: PatientRecord) -> None:
    """Diagnoses, procedures, laboratory results and encounters, each with its number in the tab."""
    by_encounter = record.by_encounter()
    lists: dict[str, tuple[pd.DataFrame, str]] = {
        "Diagnoses": (diagnoses_table(record.diagnoses, by_encounter), "No diagnosis code was sent for this patient."),
        "Procedures": (procedures_table(record.procedures, by_encounter), "No procedure code was sent for this patient."),
        "Laboratory": (lab_results_table(record.lab_results, by_encounter), "No laboratory result was sent for this patient."),
        "Encounters": (encounters_table(record.encounters), "No encounter was sent for this patient."),
    }
    titles = [f"{name} ({len(table)})" for name, (table, _) in lists.items()]
    for tab, (name, (table, empty)) in zip(st.tabs(titles), lists.items(), strict=True):
        with tab:
            show_table(table, key=f"{name}|{record.person.patient_id}|{record.provenance.publication_number}", empty=empty)
