"""Breaking the glass on the patient page: the way in for a role that sees its own places alone, and the sign that it was taken."""

from __future__ import annotations

import streamlit as st

from pages.frame.viewer import OPENED_KEY
from pipeline.governance.break_glass import break_glass, still_open
from pipeline.governance.policy import Viewer, load_policy
from pipeline.settings import load_settings

LONGEST_REASON = 200


def offer_glass(viewer: Viewer, patient_id: str, question: str) -> None:
    """A form that opens one patient outside the viewer's places, for roles that may; nothing for the others."""
    policy = load_policy()
    if not patient_id or not policy.may(viewer.role, "break_glass"):
        return
    minutes = int(policy.opened_for.total_seconds() // 60)
    with st.form("break_glass", border=True, width=560):
        st.markdown(f"**{question}**")
        st.caption(
            f"Breaking the glass opens this one patient for {minutes} minutes. Your name, the reason and everything that you read"
            " meanwhile go on record, and an auditor will look at it."
        )
        why = st.text_input("Reason", max_chars=LONGEST_REASON, placeholder="Transferred to my ward tonight", autocomplete="off")
        if st.form_submit_button("Break the glass", icon=":material/lock_open:"):
            break_glass(viewer, patient_id, why)
            st.session_state[OPENED_KEY] = (*viewer.opened, patient_id)
            st.rerun()


def show_glass(viewer: Viewer, patient_id: str) -> None:
    """Says that the patient is open because the glass was broken, while that lasts."""
    if patient_id in still_open(viewer, load_settings()):
        minutes = int(load_policy().opened_for.total_seconds() // 60)
        st.info(
            f"Opened by breaking the glass, for {minutes} minutes from then. What you read is on record with your reason.",
            icon=":material/lock_open:",
        )
