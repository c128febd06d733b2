"""How values become elements: tiles, cards, figures, tables. No number is computed here and no chart is described."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.frame.drawn import Drawn, checked
from pages.frame.patient_link import may_open_patient, open_patient, open_selected, patient_width
from pipeline.serving.charts.figures import figure
from pipeline.serving.command_center import CommandCenter
from pipeline.serving.groups import GroupShare, vital_table
from pipeline.serving.risk_map import RiskMap
from pipeline.serving.theme import RISK_STYLES
from pipeline.serving.tiles import Tile
from pipeline.serving.wording import MINUS, count_text, share_text
from pipeline.serving.worklist import NEWS2_HIGHEST_SCORE, SEVERITY_TEXTS, Worklist, worklist_table

NO_TOOLBAR = {"displayModeBar": False, "responsive": True}
CARD_LIMIT = 10
LEVEL_COLOURS = {"Low": "gray", "Moderate": "orange", "High": "red"}


def view_key(center: CommandCenter) -> str:
    """Names this view: publication, role, places, filters. Part of every key, so that no selection or figure outlives its data."""
    source = center.provenance
    return "|".join((source.run_id, source.published_at.isoformat(), source.seen_as, source.period, source.site_name))


@contextmanager
def card(title: str, caption: str) -> Iterator[None]:
    """A bordered card with a heading and a grey sentence that says what and how many."""
    with st.container(border=True, gap="small", height="stretch"):
        heading(title, caption)
        yield


@contextmanager
def card_of_parts() -> Iterator[None]:
    """A bordered card whose parts stand side by side where it is wide, and one below the other where it is not."""
    with st.container(border=True, height="stretch"), st.grid(2, min_column_width=360, gap=("small", "large")):
        yield


@contextmanager
def part(title: str, caption: str) -> Iterator[None]:
    """One part of a card, with a heading and a grey sentence of its own."""
    with st.container(gap="small"):
        heading(title, caption)
        yield


def heading(title: str, caption: str) -> None:
    """The heading of a card or of a part of one, and the grey sentence under it."""
    with st.container(gap=None):
        st.subheader(title, anchor=False)
        st.caption(caption)


def show_tiles(tiles: tuple[Tile, ...], quarantined_count: int) -> None:
    """The headline numbers with their change and their last thirteen months."""
    with st.grid(len(tiles), min_column_width=150, gap="small"):
        for tile in tiles:
            _tile(tile, quarantined_count)


def _tile(tile: Tile, quarantined_count: int) -> None:
    is_quality = not tile.monthly
    monthly = [value for value in tile.monthly if value is not None]
    st.metric(
        f":red[◆] {tile.name}" if tile.name == "High-risk seniors" else tile.name,
        tile.text,
        f"{count_text(quarantined_count)} quarantined" if is_quality else tile.change_text,
        delta_color="orange" if is_quality else "off",
        delta_arrow=_arrow(tile.change_text),
        delta_description="all files" if is_quality else tile.change_note if tile.change_text else None,
        chart_data=monthly if len(monthly) > 1 else None,
        chart_type="bar" if tile.name == "High-risk seniors" else "line",
        help=f"{tile.note}. Source: {tile.source_table}. " + tile.trend_note,
        border=True,
        height="stretch",
    )


def _arrow(change_text: str | None) -> str:
    return {"+": "up", MINUS: "down"}.get((change_text or " ")[0], "off")


@st.cache_data(max_entries=96, show_spinner=False)
def _figure(name: str, view: str, appearance: str, _center: CommandCenter) -> dict:
    """Drawn once per publication, role, places, filters and appearance; the reads behind it happen on every page run."""
    return checked(figure(name, _center, appearance))


def show_figure(name: str, center: CommandCenter, alternative: str) -> None:
    """One figure of the payload; `alternative` is what a screen reader says."""
    appearance = st.context.theme.type or "light"
    drawn = _figure(name, view_key(center), appearance, center)
    st.plotly_chart(Drawn(drawn), theme=None, config=NO_TOOLBAR, key=f"{name}|{view_key(center)}|{appearance}", alt=alternative)


def map_and_beside(drawn: RiskMap) -> tuple[DeltaGenerator, DeltaGenerator]:
    """The places of the map and of what stands beside it; one below the other where no map is drawn."""
    if drawn.is_drawn:
        wide, narrow = st.columns([2.05, 1], gap="small")
        return wide, narrow
    return st.container(), st.container()


def show_risk_map(center: CommandCenter) -> None:
    """Three panels side by side, which stack on a phone; only how many there are of each where no map is drawn."""
    for column, style in zip(st.columns(3, gap="small"), RISK_STYLES, strict=True):
        with column:
            st.markdown(_panel_words(center.risk_map, style.level, style.sign))
            if center.risk_map.is_drawn:
                words = f"Age against heart rate at risk level {style.level}, density and single encounters"
                show_figure(f"risk_{style.level.lower()}", center, words)


def _panel_words(drawn: RiskMap, level: str, sign: str) -> str:
    panel = next(panel for panel in drawn.panels if panel.level == level)
    is_known = bool(drawn.encounter_count) and panel.encounter_count is not None
    share = share_text(panel.encounter_count / drawn.encounter_count if is_known else None)
    return f":{LEVEL_COLOURS[level]}[{sign}] **{level}** {panel.counted_text} :gray[· {share}]"


def show_sexes(sexes: tuple[GroupShare, ...]) -> None:
    """The split by sex in one line."""
    st.caption(" · ".join(f"{one.group} {one.shared_text}" for one in sexes))


def show_vital_table(center: CommandCenter) -> None:
    """What the strip of vital averages shows, as numbers, behind a button."""
    with st.popover("Show values as table", icon=":material/table_rows:", type="tertiary"):
        key = f"vital_table|{view_key(center)}"
        show_table(vital_table(center.vital_averages), key=key, empty="No vital sign was measured.")
        st.caption(
            "Latest vital set of each encounter; n is how many have the reading. The adult range does not apply to children."
        )


def show_table(table: pd.DataFrame, key: str, empty: str, *, widths: Mapping[str, int] | None = None) -> None:
    """A plain table with grouped thousands, which scrolls past eleven rows; `empty` says why there is none.

    widths: pixels of the columns of text that would take more, or get less, than they should.
    """
    if table.empty:
        st.caption(empty)
        return
    numbers = {name: st.column_config.NumberColumn(format="localized") for name in table.select_dtypes("integer").columns}
    texts = {name: st.column_config.TextColumn(width=width) for name, width in (widths or {}).items()}
    height = "content" if len(table) <= 11 else 420
    st.dataframe(table, hide_index=True, key=key, row_height=34, height=height, column_config=numbers | texts)


def show_worklist(listed: Worklist, view: str) -> None:
    """The worklist with its NEWS2 bar; empty says why."""
    if listed.is_hidden:
        st.caption(
            ":material/visibility_off: Your role sees how many there are, not who or why: the policy hides clinical values from it."
        )
        return
    if listed.unlisted or listed.is_withheld:
        st.caption(f":material/visibility_off: {listed.why_empty}")
        return
    if not listed.rows:
        st.info(f"{listed.why_empty} Choose a longer period or all sites.", icon=":material/inbox:")
        return
    opens = may_open_patient(listed.rows[0].patient_id)
    # Both are sent; the style sheet shows the one that fits the width of the screen.
    with st.container(key="worklist_as_table"):
        chosen = st.dataframe(
            worklist_table(listed),
            hide_index=True,
            key=f"worklist|{view}",
            row_height=34,
            height="content" if len(listed.rows) <= 11 else 420,
            placeholder="–",
            column_config=_worklist_columns([row.patient_id for row in listed.rows]),
            on_select="rerun" if opens else "ignore",
            selection_mode="single-row",
        )
        if opens:
            st.caption("Select a row, on the keyboard with Shift and Space, to open the patient.")
            open_selected(chosen, [row.patient_id for row in listed.rows])
    with st.container(key="worklist_as_cards", gap="small"):
        for row in listed.rows[:CARD_LIMIT]:
            with st.container(border=True):
                st.text("\n".join(row.card_lines))
                if opens and st.button("Open patient", key=f"open|{row.encounter_id}", icon=":material/person:", type="tertiary"):
                    open_patient(row.patient_id)
        if len(listed.rows) > CARD_LIMIT:
            st.caption(f"The first {CARD_LIMIT}; the rest is on a wider screen and in the PDF report.")


def _worklist_columns(patient_ids: list[str | None]) -> dict[str, object]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "Severity": st.column_config.MultiselectColumn(
            width=104,
            options=list(SEVERITY_TEXTS.values()),
            color=["red", "orange", "orange", "gray"],
            help="NEWS2 class of the latest vital set",
        ),
        "NEWS2": st.column_config.ProgressColumn(min_value=0, max_value=NEWS2_HIGHEST_SCORE, format="%d", width=88, color="red"),
        "Measured": text(width=72, help="How many of the 7 NEWS2 parameters were measured"),
        "Patient": text(width=patient_width(patient_ids)),
        "Age": text(width=44, alignment="right"),
        "Ward": text(width=142),
        "In hospital": text(width=78),
        "HR": number(format="%.0f", width=48, help="Heart rate, /min"),
        "SpO₂": number(format="%.0f", width=54, help="Oxygen saturation, %"),
        "SBP": number(format="%.0f", width=50, help="Systolic blood pressure, mmHg"),
        "RR": number(format="%.0f", width=46, help="Respiratory rate, /min"),
        "Temp": number(format="%.1f", width=56, help="Temperature, °C"),
        "Unstable": text(width=176, help="Vital signs outside the stability limits; with NEWS2 they make the risk level High"),
        "Arrived (UTC)": text(width=138),
    }
