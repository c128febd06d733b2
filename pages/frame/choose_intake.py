"""What is put in and which refused rows are looked at."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pipeline.serving.intake import EVERYTHING, Intake

UPLOAD_ROUND_KEY = "intake_upload_round"
"""Counts up when files were put in, so that the next upload begins with an empty list."""

ALL_REASONS, ALL_FILES = "All reasons", "All files"


def choose_uploads() -> list[UploadedFile]:
    """The files that lie in the browser's list. Their names come from outside: show them as text only."""
    round_number = st.session_state.get(UPLOAD_ROUND_KEY, 0)
    return st.file_uploader("Files", accept_multiple_files=True, key=f"intake_upload|{round_number}", label_visibility="collapsed")


def choose_refused(found: Intake) -> dict[str, str]:
    """A reason and a file, both from the lists of what there is."""
    look = {"label_visibility": "collapsed"}
    with st.container(horizontal=True, vertical_alignment="center", key="intake_filters"):
        reason = st.selectbox("Reason", (ALL_REASONS, *found.reason_choices), key="intake_reason", width=420, **look)
        file_name = st.selectbox("File", (ALL_FILES, *found.file_choices), key="intake_file", width=280, **look)
    return {
        "reason": reason if reason in found.reason_choices else EVERYTHING,
        "file_name": file_name if file_name in found.file_choices else EVERYTHING,
    }
