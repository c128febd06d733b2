"""How the readmissions payload becomes elements. No number is computed here and no chart is described."""

from __future__ import annotations

import streamlit as st

from pages.frame.choose_readmissions import choose_step, choose_view
from pages.frame.drawn import Drawn, checked
from pages.frame.patient_link import may_open_patient, open_selected, patient_width
from pages.frame.show import NO_TOOLBAR, show_table
from pipeline.serving.charts.readmission_screen import FORESTS, readmission_figure
from pipeline.serving.readmissions import FUNNELS, Readmissions
from pipeline.serving.readmissions.stays import StayList, stays_table
from pipeline.serving.readmissions.tiles import HeadlineTile
from pipeline.serving.readmissions.words import (
    NO_CHART,
    NO_RATES,
    control_sentences,
    funnel_caption,
    funnel_table,
    rates_table,
    why_no_funnel,
)

TABLE = "Table"


def readmissions_view_key(found: Readmissions) -> str:
    """Names this view: publication, role, filters and population. Part of every key, so that nothing outlives its data."""
    source = found.provenance
    parts = (source.run_id, source.published_at.isoformat(), source.seen_as, source.period, source.site_name, found.population)
    return "|".join(parts)


def show_headline_tiles(tiles: tuple[HeadlineTile, ...]) -> None:
    """The headline numbers, each with its interval and what it is out of."""
    with st.grid(len(tiles), min_column_width=176, gap="small"):
        for tile in tiles:
            with st.container(border=True, height="stretch", gap=None):
                st.metric(
                    tile.name,
                    tile.text,
                    tile.interval_text or None,
                    delta_color="off",
                    delta_arrow="off",
                    delta_description="95 % CI" if tile.interval_text else None,
                    help=f"{tile.meaning}. Source: {tile.source_table}.",
                )
                st.caption(tile.note)


@st.cache_data(max_entries=96, show_spinner=False)
def _figure(name: str, view: str, appearance: str, _found: Readmissions) -> dict:
    """Drawn once per publication, role, places, filters and appearance; the reads behind it happen on every page run."""
    return checked(readmission_figure(name, _found, appearance))


def _show_figure(name: str, found: Readmissions, alternative: str) -> None:
    appearance, view = st.context.theme.type or "light", readmissions_view_key(found)
    drawn, key = Drawn(_figure(name, view, appearance, found)), f"{name}|{view}|{appearance}"
    st.plotly_chart(drawn, theme=None, config=NO_TOOLBAR, key=key, alt=alternative)


def show_waterfall(found: Readmissions) -> None:
    """From all stays to the index stays and what became of them."""
    words = ", ".join(f"{step.name} {step.counted_text}" for step in found.waterfall)
    _show_figure("attrition", found, f"Attrition waterfall: {words}")


def show_rates(found: Readmissions) -> None:
    """Both rates of every group with their intervals, drawn or as a table."""
    shown = choose_view("Rates by", (*FORESTS, TABLE), "rates_by")
    if found.overall.measure.is_small:
        _why(NO_RATES)
        return
    if shown == TABLE:
        show_table(rates_table(found.groups), key=f"rates_table|{readmissions_view_key(found)}", empty=NO_RATES)
        return
    _show_figure(f"forest_{shown}", found, f"Readmission rates with confidence intervals by {shown.lower()}")


def show_control_chart(found: Readmissions) -> None:
    """The chart and the rules that are met; or why there is none."""
    if not found.control_chart.is_long_enough:
        _why(NO_CHART)
        return
    sentences = control_sentences(found.control_chart)
    _show_figure("control", found, f"Control chart of the monthly rate. {' '.join(sentences)}")
    for sentence in sentences:
        st.caption(sentence)


def show_funnel(found: Readmissions) -> None:
    """The funnel and its groups as a list; or why there is nothing to compare."""
    grouped_by = choose_view("Compare", FUNNELS, "funnel_by")
    shown = found.funnels[grouped_by]
    if not shown.can_compare:
        _why(why_no_funnel(grouped_by))
        return
    st.caption(funnel_caption(found, grouped_by))
    figure, listed = st.columns([1.8, 1], gap="medium")
    with figure:
        words = f"Funnel plot of the rate against the number of index stays by {grouped_by.lower()}"
        _show_figure(f"funnel_{grouped_by}", found, words)
    with listed:
        key = f"funnel_table|{grouped_by}|{readmissions_view_key(found)}"
        show_table(funnel_table(shown, grouped_by), key=key, empty=why_no_funnel(grouped_by))


def show_stays(listed: StayList, found: Readmissions) -> None:
    """The stays of the chosen step; empty says why."""
    choose_step(found.population)
    if listed.is_hidden:
        st.caption(
            ":material/visibility_off: Your role sees how many there are, not who or why: the policy hides clinical values from it."
        )
        return
    if listed.unlisted:
        _why(listed.unlisted)
        return
    if not listed.rows:
        _why("No stay of this period at this site is in this step. Choose another step, a longer period or all sites.")
        return
    patients = [row.patient_id for row in listed.rows]
    opens = any(may_open_patient(patient_id) for patient_id in patients)
    if opens:
        st.caption("Select a row to open the patient.")
    chosen = st.dataframe(
        stays_table(listed),
        hide_index=True,
        key=f"stays|{listed.step}|{readmissions_view_key(found)}",
        on_select="rerun" if opens else "ignore",
        selection_mode="single-row",
        row_height=34,
        height="content" if len(listed.rows) <= 11 else 420,
        placeholder="–",
        column_config=_stay_columns(patients),
    )
    if opens:
        open_selected(chosen, patients)


def _stay_columns(patient_ids: list[str | None]) -> dict[str, object]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "Patient": text(width=patient_width(patient_ids)),
        "Age": number(width=44, help="Completed years at admission"),
        "Site": text(width=100),
        "Ward": text(width=98),
        "Discharged": text(
            width=92,
            help="Day in the hospital's calendar; the month of admission while in hospital; the year alone by the policy",
        ),
        "Stay": number(width=48, format="%d d", help="Length of stay: midnights between admission and discharge"),
        "Principal diagnosis": text(width=150, help="Of the last encounter of the stay"),
        "Next stay": number(
            width=74, format="%d d", help="Days from this discharge to the patient's next admission, whenever it was"
        ),
        "Why": text(width=348),
    }


def _why(sentence: str) -> None:
    st.info(sentence, icon=":material/inbox:")
