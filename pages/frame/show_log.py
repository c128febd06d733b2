"""How the access log becomes elements: the records, the day of every viewer, the proof."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame.page import OpenPage
from pages.frame.plain import plain
from pages.frame.show import show_table
from pipeline.serving.access_log import AccessLog, Sought, proof
from pipeline.serving.access_log.words import (
    VOLUME_RULE,
    empty_sentence,
    patient_sentence,
    records_table,
    unusual_sentences,
    volumes_table,
)
from pipeline.serving.wording import UNKNOWN

PROOF_KEY = "log_proof"


def show_proof(page: OpenPage) -> None:
    """Proves the log on a click: it reads all of it."""
    with st.container(horizontal=True, vertical_alignment="center", key="log_proof_place"):
        if st.button("Prove the log", key="log_prove", icon=":material/verified_user:", help="Checks every seal and every anchor."):
            st.session_state[PROOF_KEY] = proof(page.viewer)
        is_whole, sentence = st.session_state.get(PROOF_KEY, (None, "Not proven in this session."))
        if is_whole is not None:
            st.badge("Whole" if is_whole else "Not whole", color="green" if is_whole else "red")
        st.text(sentence)


def show_found(sought: Sought, found: AccessLog) -> None:
    """The records that were looked for, or why there are none."""
    sentence = patient_sentence(sought, found.found)
    if sentence:
        st.warning(sentence, icon=":material/group:")
    show_records(records_table(found.found.records), key="log_records", empty=empty_sentence(sought, found.found))


def show_records(table: pd.DataFrame, *, key: str, empty: str) -> None:
    """Records as a table."""
    if table.empty:
        st.info(empty, icon=":material/inbox:")
        return
    height = "content" if len(table) <= 11 else 460
    st.dataframe(
        table, hide_index=True, key=key, row_height=34, height=height, placeholder=UNKNOWN, column_config=_record_columns()
    )


def show_volumes(found: AccessLog) -> None:
    """What each viewer did today, and who did unusually much."""
    for sentence in unusual_sentences(found):
        st.warning(plain(sentence), icon=":material/trending_up:")
    show_table(volumes_table(found.volumes), key="log_volumes", empty="Nobody has read anything today.")
    st.caption(VOLUME_RULE)


def _record_columns() -> dict[str, object]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    kinds = ["Read", "Export", "Action", "✕ Refused", "Sign-in", "Sign-out", "Policy change", "◆ Break-glass", "Audit read"]
    colours = ["gray", "blue", "blue", "red", "gray", "gray", "orange", "red", "orange"]
    return {
        "Time (UTC)": text(width=148),
        "What": st.column_config.MultiselectColumn(width=100, options=kinds, color=colours),
        "Viewer": text(width=90),
        "Role": text(width=90),
        "For": text(width=160),
        "Tables, or why": text(width=232),
        "Rows": number(width=60, format="localized"),
        "Patients": number(width=66, format="localized"),
        "From": text(width=80),
        "No.": number(width=60, format="localized"),
    }
