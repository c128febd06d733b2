"""What an auditor looks for in the access log. Kept out of the address: a link must not carry a patient's number."""

from __future__ import annotations

import streamlit as st

from pipeline.governance.policy import load_policy
from pipeline.serving.access_log import PERIODS, Sought
from pipeline.serving.access_log.words import KIND_WORDS

ALL_ROLES, ANY_KIND = "All roles", "Anything"
LONGEST_NAME = 64


def choose_sought() -> Sought:
    """Period, viewer, role, what was done and patient; what is empty is not asked for."""
    roles, collapsed = load_policy().roles, {"label_visibility": "collapsed"}
    with st.container(horizontal=True, vertical_alignment="center", key="log_filters"):
        period = choose_log_period("log_period")
        viewer = st.text_input("Viewer", placeholder="Viewer", max_chars=LONGEST_NAME, key="log_viewer", width=160, **collapsed)
        role = st.selectbox(
            "Role of the record", (ALL_ROLES, *roles), format_func=_role_title, key="log_role", width=150, **collapsed
        )
        kind = st.selectbox("What", (ANY_KIND, *KIND_WORDS), format_func=_kind_words, key="log_kind", width=160, **collapsed)
        patient = st.text_input(
            "Patient", placeholder="Who looked at patient …", max_chars=LONGEST_NAME, key="log_patient", width=220, **collapsed
        )
    return Sought(
        period=period,
        viewer=viewer,
        role=role if role in roles else "",
        kind=kind if kind in KIND_WORDS else "",
        patient_id=patient,
    )


def choose_log_period(key: str) -> str:
    """How far back."""
    chosen = st.segmented_control("Period", tuple(PERIODS), default="7 days", required=True, key=key, label_visibility="collapsed")
    return chosen if chosen in PERIODS else "7 days"


def _kind_words(kind: str) -> str:
    return KIND_WORDS.get(kind, kind)


def _role_title(role: str) -> str:
    return role if role == ALL_ROLES else load_policy().title(role)
