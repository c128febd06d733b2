"""The choices of the readmissions page beside period and site: whose stays, and which step of the waterfall is listed."""

from __future__ import annotations

import streamlit as st

from pages.frame.choose import choose_filters
from pipeline.serving.filters import Choices, Filters
from pipeline.serving.readmissions.population import POPULATIONS
from pipeline.serving.readmissions.waterfall import READMITTED, steps_of

STEP_KEY = "readmissions_step"


def choose_filters_and_population(choices: Choices) -> tuple[Filters, str]:
    """Period and site, then whose stays; all three kept in the address."""
    filters = choose_filters(choices)
    with st.container(horizontal=True, vertical_alignment="center", key="readmissions_filters"):
        population = choose_view("Population", POPULATIONS, "population")
        st.caption(
            "Whose stays are looked at: every adult's, or those of the ages for which CMS publishes its measure", width="content"
        )
    return filters, population


def choose_view(label: str, views: tuple[str, ...], key: str) -> str:
    """One of a few views, the first unless chosen; kept in the address."""
    chosen = st.segmented_control(
        label, views, default=views[0], required=True, key=key, bind="query-params", label_visibility="collapsed"
    )
    return chosen or views[0]


def listed_step(population: str) -> str:
    """The step chosen further down the page on the run before; those readmitted unless chosen."""
    chosen = st.session_state.get(STEP_KEY)
    return chosen if chosen in steps_of(population) else READMITTED


def choose_step(population: str) -> None:
    """Which step of the waterfall the list shows."""
    st.selectbox("Step of the waterfall", steps_of(population), key=STEP_KEY, width=320, label_visibility="collapsed")
