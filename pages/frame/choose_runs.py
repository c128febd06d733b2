"""Which run is looked at and how: kept in the address, so that a run can be bookmarked or sent."""

from __future__ import annotations

import streamlit as st

from pages.frame.choose_readmissions import choose_view
from pipeline.refresh.progress import RunProgress

RUN_KEY = "run"
GRAPH, TIMELINE, LOG = "Graph", "Timeline", "Log"


def asked_for_run() -> str | None:
    """The number that stands in the address or was chosen on the run before; None for the newest run."""
    return st.session_state.get(RUN_KEY) or st.query_params.get(RUN_KEY)


def choose_run(runs: tuple[RunProgress, ...], chosen: RunProgress) -> None:
    """The list of runs. Nothing chosen follows the newest; a run that is too old for the list is added to it."""
    numbers = [run.number for run in runs]
    listed = numbers if chosen.number in numbers else [*numbers, chosen.number]
    st.selectbox(
        "Run",
        [str(number) for number in listed],
        index=None,
        placeholder="Newest run",
        key=RUN_KEY,
        bind="query-params",
        label_visibility="collapsed",
        width=190,
    )


def choose_run_view() -> str:
    """Graph, timeline or log."""
    return choose_view("Show the run as", (GRAPH, TIMELINE, LOG), "show")
