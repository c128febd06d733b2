"""Where somebody who is not signed in belongs, for a role that sees the patients of its own places: chosen in the sidebar."""

from __future__ import annotations

import streamlit as st

from pipeline.governance import access
from pipeline.governance.policy import load_policy
from pipeline.governance.row_scope import ALL, OWN_SITES

PLACE_KEY = "frame_place"


def offer_demo_place(role: str) -> None:
    """The choice of a site or a ward, for a role that has one."""
    choices = _choices(role)
    if choices:
        label = "Own site" if load_policy().rows(role) == OWN_SITES else "Own ward"
        st.selectbox(label, choices, format_func=" · ".join, key=PLACE_KEY, help="This role sees the patients of this place alone.")


def demo_places(role: str) -> dict[str, tuple[str, ...]]:
    """The sites and wards of the place that was chosen, the first one unless another was; none for a role that has no choice."""
    choices = _choices(role)
    if not choices:
        return {"sites": (), "wards": ()}
    chosen = st.session_state.get(PLACE_KEY)
    site, *ward = chosen if chosen in choices else choices[0]
    return {"sites": (site,), "wards": tuple(ward)}


def _choices(role: str) -> list[tuple[str, ...]]:
    rows = load_policy().rows(role)
    if rows == ALL:
        return []
    return list(dict.fromkeys(place[:1] if rows == OWN_SITES else place for place in access.places()))
