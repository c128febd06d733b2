"""The filters of a page: kept in the URL, checked against the list before anything is asked."""

from __future__ import annotations

import streamlit as st

from pages.frame.page import OPEN_PAGE_KEY
from pipeline.serving.filters import ALL_SITES, PERIODS, WHOLE_PERIOD, Choices, Filters

SHOWS_EVERYTHING = {"period": WHOLE_PERIOD, "site": ALL_SITES}
FILTERED_PAGE_KEY = "frame_page_with_filters"
WORDS = "Counted back from the newest arrival month · kept in the address, so this view can be shared"


def choose_filters(choices: Choices) -> Filters:
    """Period and site. A value in the URL that is not on the list falls back to showing everything."""
    _carry_over()
    url = {"bind": "query-params", "label_visibility": "collapsed"}
    with st.container(horizontal=True, vertical_alignment="center", key="page_filters"):
        period = st.segmented_control("Period", PERIODS, default=WHOLE_PERIOD, required=True, key="period", **url)
        site_name = st.selectbox("Site", choices.site_names, key="site", width=220, **url)
        st.caption(WORDS, width="content")
    return Filters(period or WHOLE_PERIOD, site_name or ALL_SITES)


def _carry_over() -> None:
    """Puts what was chosen on another page into the address of this one, and runs this one from there.

    Streamlit 1.67 takes the filters of the other page out of the address, and forgets on the way those which the newest run
    read from it: without this, the first click in the menu would drop the view of a bookmark. Once a filter stands on this
    page it may not be written into the address any more, hence only on the first run after the switch.
    """
    page = st.session_state[OPEN_PAGE_KEY]
    if st.session_state.get(FILTERED_PAGE_KEY) == page:
        return
    chosen = {key: st.session_state.get(key) or everything for key, everything in SHOWS_EVERYTHING.items()}
    left_out = {key: value for key, value in chosen.items() if value != SHOWS_EVERYTHING[key] and key not in st.query_params}
    if left_out:
        st.query_params.update(left_out)
        st.rerun()
    st.session_state[FILTERED_PAGE_KEY] = page
