"""The filters of a page: kept in the URL, checked against the list before anything is asked."""

from __future__ import annotations

import streamlit as st

from pipeline.serving.filters import ALL_SITES, PERIODS, WHOLE_PERIOD, Choices, Filters

WORDS = "Counted back from the newest arrival month · kept in the address, so this view can be shared"


def choose_filters(choices: Choices) -> Filters:
    """Period and site. A value in the URL that is not on the list falls back to showing everything."""
    url = {"bind": "query-params", "label_visibility": "collapsed"}
    with st.container(horizontal=True, vertical_alignment="center", key="page_filters"):
        period = st.segmented_control("Period", PERIODS, default=WHOLE_PERIOD, required=True, key="period", **url)
        site_name = st.selectbox("Site", choices.site_names, key="site", width=220, **url)
        st.caption(WORDS, width="content")
    return Filters(period or WHOLE_PERIOD, site_name or ALL_SITES)
