"""How many stays a day are looked at on the page: kept in the address, so that a view can be sent."""

from __future__ import annotations

import streamlit as st

from pipeline.serving.alert_budget import Offered


def choose_capacity(offered: Offered) -> float:
    """One of the capacities that were evaluated; the team's own unless moved."""
    return st.select_slider(
        "Stays the team can review a day",
        offered.capacities,
        value=offered.current,
        key="budget",
        bind="query-params",
        format_func=lambda capacity: f"{capacity:g}",
    )
