"""The refresh: a button that starts or joins a run, a panel that follows it while it goes on, and the very first start.

The run is its own process; closing the browser does not stop it. The panel polls only while something runs.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame.run_steps import Step, done_share, run_sentence, steps
from pages.frame.viewer import current_viewer
from pipeline.governance import access
from pipeline.governance.policy import Viewer, load_policy
from pipeline.refresh import launch
from pipeline.refresh.progress import RunProgress, latest_run
from pipeline.serving.wording import UNKNOWN, count_text, decimal_text
from pipeline.settings import load_settings

POLL_SECONDS = 0.7
WATCHED_KEY, DISMISSED_KEY = "frame_watched_run", "frame_dismissed_run"
STATUS_ICONS = {
    "waiting": ":gray[:material/radio_button_unchecked:]",
    "running": ":blue[:material/pending:]",
    "succeeded": ":green[:material/check_circle:]",
    "kept": ":gray[:material/inventory_2:]",
    "failed": ":red[:material/cancel:]",
    "skipped": ":gray[:material/do_not_disturb_on:]",
}


def refresh_button(viewer: Viewer) -> None:
    """Starts a run, or joins the one that is going on; absent for roles that may not refresh."""
    if not load_policy().may(viewer.role, "refresh"):
        return
    if st.button(
        "Refresh data",
        type="primary",
        icon=":material/sync:",
        key="refresh_start",
        help="Take in new files. A second click joins the run.",
    ):
        start_refresh(viewer, "Refresh data")


def start_refresh(viewer: Viewer, purpose: str) -> None:
    """Starts or joins a run on behalf of a viewer, on record. Raises AccessDenied when the role may not."""
    access.record_action(viewer, "refresh", purpose)
    st.session_state[WATCHED_KEY] = launch.start(load_settings(), viewer.name)


def run_panel() -> None:
    """The run bar: only while a run goes on, or until its end was read."""
    run = latest_run(load_settings())
    # The place is there even when it is empty, so that nothing below it changes its position in the page.
    with st.container(key="run_place", gap=None):
        if run is None or not _worth_showing(run):
            return
        if run.status == "running":
            st.session_state[WATCHED_KEY] = run.run_id
        st.fragment(_panel, run_every=POLL_SECONDS if run.status == "running" else None)(run.status)


def first_start(sentence: str) -> None:
    """Before the first publication: prepares the data by itself and opens the page when it is there."""
    settings = load_settings()
    run = latest_run(settings)
    st.title("Preparing the first data", anchor=False)
    st.caption("This happens once. The page opens by itself when the data is there.")
    if run is None:
        launch.start(settings, current_viewer().name)
        run = latest_run(settings)
    elif run.status != "running":
        st.text(sentence)
        if st.button("Try again", icon=":material/refresh:", key="first_start_again"):
            launch.start(settings, current_viewer().name)
            run = latest_run(settings)
    st.fragment(_panel, run_every=POLL_SECONDS if run.status == "running" else None)(run.status)


def _worth_showing(run: RunProgress) -> bool:
    if run.run_id == st.session_state.get(DISMISSED_KEY):
        return False
    return run.status in ("running", "failed") or run.run_id == st.session_state.get(WATCHED_KEY)


def _panel(status_before: str) -> None:
    run = latest_run(load_settings())
    if run is None:
        return
    if status_before == "running" and run.status != "running":
        st.rerun()
    with st.container(border=True, key="run_panel", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(run_sentence(run), width="stretch")
            with st.popover("All tasks", type="tertiary", icon=":material/checklist:", key="run_tasks"):
                st.dataframe(_task_table(run), hide_index=True, row_height=30, height="content")
            if run.status != "running":
                st.button(
                    "Dismiss", key="run_dismiss", type="tertiary", icon=":material/close:", on_click=_dismiss, args=(run.run_id,)
                )
        if run.status == "running":
            st.progress(done_share(run))
        if run.status != "running":
            st.text(run.message)
        with st.container(horizontal=True, gap="medium"):
            for step in steps(run.tasks):
                st.markdown(_step_words(step), width="content")


def _dismiss(run_id: str) -> None:
    st.session_state[DISMISSED_KEY] = run_id


def _step_words(step: Step) -> str:
    """Our own words and counts only: no value from a file reaches markdown."""
    facts = [f"{count_text(step.row_count)} rows"] if step.row_count else []
    facts += [f"{decimal_text(step.seconds, 1)} s"] if step.seconds is not None else []
    weight = "**" if step.status == "running" else ""
    return f"{STATUS_ICONS[step.status]} {weight}{step.title}{weight} :gray[{' · '.join(facts)}]"


def _task_table(run: RunProgress) -> pd.DataFrame:
    rows = [
        (task.title, task.status, UNKNOWN if task.row_count is None else count_text(task.row_count), decimal_text(task.seconds, 1))
        for task in run.tasks
    ]
    return pd.DataFrame(rows, columns=["Task", "State", "Rows", "Seconds"])
