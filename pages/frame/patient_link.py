"""The way from a list to one patient: offered only to roles whose policy opens the patient page and shows patient numbers."""

from __future__ import annotations

import streamlit as st

from pages.frame.navigation import PAGES
from pages.frame.viewer import current_viewer
from pipeline.governance.policy import load_policy
from pipeline.governance.treatments import MASK

PATIENT_PAGE = "clinical/patient"
PATIENT_KEY = "patient"
"""The name of the patient number in the address of the patient page, and of its text field."""

NUMBER_WIDTH, PADDING, DIGIT_WIDTH = 97, 17, 8


def may_open_patient(patient_id: str | None) -> bool:
    """Whether the viewer of this run can open the page of this patient: the role has the page, the number is not masked."""
    return patient_id not in (None, MASK) and PATIENT_PAGE in load_policy().pages(current_viewer().role)


def patient_width(patient_ids: list[str | None]) -> int:
    """Pixels of a column of patient numbers; a pseudonym is longer than a hospital's number."""
    return max([NUMBER_WIDTH, *(PADDING + DIGIT_WIDTH * len(patient_id or "") for patient_id in patient_ids)])


def open_patient(patient_id: str | None) -> None:
    """Turns to the patient's page, with the number in the address. Does nothing for a viewer who may not open it."""
    if may_open_patient(patient_id):
        st.switch_page(PAGES / f"{PATIENT_PAGE}.py", query_params={PATIENT_KEY: patient_id})


def open_selected(chosen: object, patient_ids: list[str | None]) -> None:
    """Turns to the patient of the row selected in a table; `chosen` is what the table returned, `patient_ids` its rows in order."""
    rows = chosen.selection.rows
    if rows and rows[0] < len(patient_ids):
        open_patient(patient_ids[rows[0]])
