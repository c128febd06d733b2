"""How runs become elements: tiles, the run that is looked at, the history, the feeds. Follows a run while it goes on."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from pages.frame.choose_runs import GRAPH, LOG, RUN_KEY, TIMELINE, choose_run, choose_run_view
from pages.frame.page import OpenPage
from pages.frame.refresh import POLL_SECONDS, start_refresh
from pages.frame.show import NO_TOOLBAR, show_table
from pipeline.governance.policy import load_policy
from pipeline.refresh.progress import RunProgress
from pipeline.serving.charts.run_durations import run_durations
from pipeline.serving.charts.run_graph import run_graph
from pipeline.serving.charts.run_timeline import run_timeline
from pipeline.serving.runs import PipelineRuns, newest_run, run_now
from pipeline.serving.runs.freshness import feeds_table, late_sentences
from pipeline.serving.runs.words import (
    history_table,
    log_table,
    run_caption,
    run_seconds,
    run_state,
    started_tasks,
    state_counts,
    stopped_at,
)
from pipeline.serving.wording import UNKNOWN, age_text, decimal_text, plural, span_text

IDLE_POLL_SECONDS = 5
DRAWINGS = {GRAPH: run_graph, TIMELINE: run_timeline}
STATE_COLOURS = {"running": "blue", "succeeded": "green", "unchanged": "green", "failed": "red"}


def show_run_tiles(found: PipelineRuns) -> None:
    """How fresh the data is, and how the newest run went."""
    newest, age = found.newest, found.newest_file_age
    seconds = None if newest is None else run_seconds(newest)
    files = plural(sum(feed.file_count for feed in found.feeds), "file", "files")
    with st.grid(4, min_column_width=150, gap="small"):
        _tile(
            "Data published",
            age_text(found.publication_age),
            f"publication {found.publication_number}",
            "Since the tables on the screen became current.",
        )
        _tile(
            "Newest file", UNKNOWN if age is None else age_text(age), f"{files} in all", "Since a run loaded it. Source: ops.files."
        )
        _tile(
            "Arrival to landing",
            UNKNOWN if found.lateness is None else span_text(found.lateness),
            "newest encounters",
            "From the newest arrival of a patient in the data until the newest encounters file was taken in.",
        )
        state = None if newest is None else run_state(newest)
        _tile(
            "Newest run",
            UNKNOWN if seconds is None else f"{decimal_text(seconds, 1)} s",
            f"{state.sign} {state.word}" if state else None,
            "How long it took, and how it ended.",
            colour=STATE_COLOURS.get(newest.status, "off") if newest else "off",
        )


def _tile(name: str, value: str, note: str | None, meaning: str, *, colour: str = "off") -> None:
    st.metric(name, value, note, delta_color=colour, delta_arrow="off", border=True, height="stretch", help=meaning)


def show_run(page: OpenPage, found: PipelineRuns) -> None:
    """The run that is looked at, followed while it goes on; a run that begins elsewhere is noticed."""
    if found.chosen is None:
        st.info("No run is on record here. Refresh the data to begin one.", icon=":material/inbox:")
        return
    is_running = found.chosen.status == "running"
    # The choices stand outside the part that is drawn again and again, so that a list someone has opened stays open.
    with st.container(border=True, gap="small", key="run_card"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            choose_run(found.runs, found.chosen)
            view = choose_run_view()
        st.fragment(_run, run_every=POLL_SECONDS if is_running else None)(page, found, view)
    if found.newest.status != "running":
        st.fragment(_notice_a_new_run, run_every=IDLE_POLL_SECONDS)(found.newest.number)


def _notice_a_new_run(number: int) -> None:
    newest = newest_run()
    if newest is not None and newest.number > number:
        st.rerun()


def _run(page: OpenPage, found: PipelineRuns, view: str) -> None:
    run = run_now(found.chosen.number) or found.chosen
    if run.status != found.chosen.status:
        st.rerun()
    now = datetime.now(UTC)
    with st.container(gap=None):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(f"Run {run.number}", anchor=False, width="content")
            state = run_state(run)
            st.badge(f"{state.sign} {state.word}", color=STATE_COLOURS[run.status])
            st.text(f"asked for by {run.requested_by or UNKNOWN}", width="content")
        st.caption(f"{run_caption(run, now)} · {state_counts(run)}")
    # Both places are there even when they are empty, so that nothing below them changes its position while a run is followed.
    with st.container(key="run_said", gap=None):
        if run.status == "failed":
            _failure(page, run, is_newest=run.number == found.newest.number)
        elif run.message:
            st.text(run.message)
    with st.container(key="run_view", gap=None):
        _view(run, view, now)


def _failure(page: OpenPage, run: RunProgress, *, is_newest: bool) -> None:
    """What stopped it, what is still right, and the way on."""
    where = stopped_at(run)
    with st.container(border=True, gap="small", key="run_failure"):
        st.text(f"{f'It stopped at “{where}”. ' if where else ''}{run.message}")
        st.caption("Nothing of this run was published; every page still shows the last good data.")
        if is_newest and load_policy().may(page.viewer.role, "refresh"):
            label = f"Retry from “{where}”" if where else "Retry"
            keeps = "A new run; tables whose inputs did not change are kept."
            if st.button(label, key="run_retry", type="primary", icon=":material/replay:", help=keeps):
                start_refresh(page.viewer, f"Retry run {run.number}")
                st.rerun()


def _view(run: RunProgress, view: str, now: datetime) -> None:
    if not run.tasks:
        st.caption("The run has not told its steps.")
    elif view == LOG:
        key = f"run_log|{run.number}"
        st.dataframe(log_table(run), hide_index=True, row_height=30, height=560, key=key, column_config=_log_columns())
    elif view == TIMELINE and not started_tasks(run):
        st.caption("When each step began is not on record for this run. The log has how long each took.")
    else:
        _show_figure(run, view, now)


def _show_figure(run: RunProgress, view: str, now: datetime) -> None:
    appearance = st.context.theme.type or "light"
    is_over = run.status != "running"
    drawn = _figure(view, run.number, appearance, run) if is_over else DRAWINGS[view](run, appearance, now)
    words = f"{view} of run {run.number}: {state_counts(run)}. The log holds the same in words."
    # The style sheet keeps the graph wide enough for its names and lets it scroll within its card.
    with st.container(key=f"run_{view.lower()}"):
        st.plotly_chart(drawn, theme=None, config=NO_TOOLBAR, key=f"{view}|{run.number}|{appearance}", alt=words)


@st.cache_data(max_entries=32, show_spinner=False)
def _figure(view: str, number: int, appearance: str, _run: RunProgress) -> dict:
    """A run that is over is drawn once."""
    return DRAWINGS[view](_run, appearance, _run.finished_at or _run.started_at)


def show_history(found: PipelineRuns) -> None:
    """The runs, the newest first; a row opens its run."""
    if not found.runs:
        st.caption("No run is on record here.")
        return
    # The key changes with the list, because a selection stays at its place when the rows under it change.
    key = f"run_history|{found.newest.number}|{found.newest.status}"
    numbers = [str(run.number) for run in found.runs]
    st.dataframe(
        history_table(found.runs),
        hide_index=True,
        key=key,
        row_height=34,
        height="content" if len(numbers) <= 11 else 420,
        placeholder=UNKNOWN,
        column_config=_history_columns(),
        on_select=lambda: _open_selected(key, numbers),
        selection_mode="single-row",
    )
    st.caption("Select a row to open the run.")


def _open_selected(key: str, numbers: list[str]) -> None:
    rows = st.session_state[key].selection.rows
    if rows:
        st.session_state[RUN_KEY] = numbers[rows[0]]


def show_feeds(found: PipelineRuns) -> None:
    """One line per feed; one that is late is said in words."""
    show_table(feeds_table(found.feeds), key=f"feeds|{found.publication_number}", empty="No file has been taken in yet.")
    for sentence in late_sentences(found.feeds):
        st.caption(f":material/schedule: {sentence}")


def show_durations(found: PipelineRuns) -> None:
    """The newest runs as bars."""
    appearance = st.context.theme.type or "light"
    newest = f"{found.newest.number}|{found.newest.status}" if found.newest else ""
    drawn = run_durations(found.runs, appearance)
    st.plotly_chart(drawn, theme=None, config=NO_TOOLBAR, key=f"durations|{newest}|{appearance}", alt="Seconds that each run took")


def _history_columns() -> dict[str, object]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "Run": number(width=48, format="%d"),
        "State": st.column_config.MultiselectColumn(
            width=118,
            options=["✓ Done", "✓ Nothing new", "▸ Running", "✕ Stopped"],
            color=["green", "gray", "blue", "red"],
        ),
        "Started (UTC)": text(width=148),
        "Seconds": number(width=68, format="%.1f"),
        "New files": number(width=70, format="localized"),
        "New rows": number(width=82, format="localized"),
        "Asked for by": text(width=108),
        "What it says": text(width=420),
    }


def _log_columns() -> dict[str, object]:
    text = st.column_config.TextColumn
    return {"Time (UTC)": text(width=98), "State": text(width=118), "What happened": text(width=780)}
