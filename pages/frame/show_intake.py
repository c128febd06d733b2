"""How files and refused rows become elements. Names and rows come from outside: they are text and cells, never markup."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.frame.choose_intake import UPLOAD_ROUND_KEY
from pages.frame.page import OpenPage
from pages.frame.refresh import start_refresh
from pages.frame.show import show_table
from pipeline.governance import access
from pipeline.governance.policy import load_policy
from pipeline.governance.treatments import MASK
from pipeline.refresh.intake import Expectation
from pipeline.serving.intake import Intake, RefusedRows
from pipeline.serving.intake.uploads import expectation, put_in, take_again
from pipeline.serving.intake.words import (
    STATUS_WORDS,
    expectation_sentence,
    expected_refusals_table,
    expected_table,
    files_table,
    refused_table,
)
from pipeline.serving.wording import UNKNOWN, plural

EXPECTATIONS_KEY, PUT_IN_KEY = "intake_expectations", "intake_put_in"
"""What was found of each file in the list, by the id that Streamlit gave it; and the names of the files just put in."""

WARNINGS_SHOWN = 12
ROW_HEIGHT = 30


def show_expectations(page: OpenPage, uploads: list[UploadedFile]) -> None:
    """What every file would give, then the button that puts in those that can be taken."""
    _say_what_was_put_in()
    known = st.session_state.get(EXPECTATIONS_KEY, {})
    expected = {one.file_id: known.get(one.file_id) or expectation(page.viewer, one.name, one) for one in uploads}
    st.session_state[EXPECTATIONS_KEY] = expected
    for one in expected.values():
        _show_expectation(page, one)
    usable = [one for one in uploads if expected[one.file_id].refusal is None]
    if not usable:
        return
    left_out, label = len(uploads) - len(usable), f"Put in {plural(len(usable), 'file', 'files')} and refresh"
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(label, type="primary", icon=":material/upload_file:", key="intake_put_in_button")
        if left_out:
            st.caption(f"{plural(left_out, 'file is', 'files are')} left out.", width="content")
    if pressed:
        _put_in(page, usable)


def _put_in(page: OpenPage, usable: list[UploadedFile]) -> None:
    st.session_state[PUT_IN_KEY] = put_in(page.viewer, ((one.name, one) for one in usable))
    st.session_state[UPLOAD_ROUND_KEY] = st.session_state.get(UPLOAD_ROUND_KEY, 0) + 1
    start_refresh(page.viewer, "Refresh data after files were put in")
    st.rerun()


def _say_what_was_put_in() -> None:
    names = st.session_state.pop(PUT_IN_KEY, ())
    if names:
        st.text(f"Put in: {', '.join(names)}. The refresh takes them in now; the list below shows what became of them.")


def _show_expectation(page: OpenPage, expected: Expectation) -> None:
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(expected.file_name, width="content")
            if expected.refusal is None:
                st.badge("Can be read", color="green", icon=":material/check_circle:")
            else:
                st.badge("Would be refused", color="red", icon=":material/cancel:")
        st.text(expectation_sentence(expected))
        if expected.feeds:
            left, right = st.columns([1, 2], gap="small")
            with left:
                show_table(expected_table(expected), key=None, empty="It gives no row.")
            with right:
                _show_refusals(page, expected)
        for warning in expected.warnings[:WARNINGS_SHOWN]:
            st.text(f"• {warning}")


def _show_refusals(page: OpenPage, expected: Expectation) -> None:
    shows = access.shows(page.viewer, "silver.quarantine", "row_text")
    table = expected_refusals_table(expected, shows_rows=shows, mask=MASK)
    if table.empty:
        st.caption("No row of the sample would be refused.")
        return
    _show_rows(table, most=220)


def show_files(found: Intake) -> None:
    """Every file with what became of its rows."""
    if found.files.empty:
        st.caption("No file has been taken in yet. Put one in above.")
        return
    st.dataframe(
        files_table(found),
        hide_index=True,
        key=f"intake_files|{found.source.publication_number}",
        row_height=34,
        height="content" if len(found.files) <= 11 else 420,
        column_config=_file_columns(),
        placeholder=UNKNOWN,
    )


def show_reasons(found: Intake) -> None:
    """How often each reason occurs."""
    reasons = found.reasons.assign(feed=found.reasons["feed"].str.replace("_", " "))
    reasons = reasons.rename(columns={"feed": "Feed", "reason": "Reason", "row_count": "Rows"})
    show_table(reasons, key=f"intake_reasons|{found.source.publication_number}", empty="No row was refused.")


def show_refused(refused: RefusedRows, found: Intake) -> None:
    """The rows that are chosen, as they were received."""
    if refused.rows.empty:
        st.caption("There is nothing to send back." if found.reasons.empty else "No row of this file was refused for this reason.")
        return
    st.caption(refused.caption)
    _show_rows(refused_table(refused), most=380)


def offer_reading_again(page: OpenPage, file_name: str) -> None:
    """A button for one file whose mapping was mended since; absent for roles that may not."""
    if not file_name or not load_policy().may(page.viewer.role, "reprocess"):
        return
    help_text = "After its mapping was mended: its rows are taken out and come back as the mapping reads them now."
    if st.button("Read this file again", icon=":material/replay:", key=f"intake_again|{file_name}", help=help_text):
        take_again(page.viewer, file_name)
        start_refresh(page.viewer, "Refresh data after a file was to be read again")
        st.rerun()


def _show_rows(table: pd.DataFrame, most: int) -> None:
    height = "content" if len(table) * ROW_HEIGHT < most else most
    st.dataframe(table, hide_index=True, row_height=ROW_HEIGHT, height=height, column_config=_row_columns())


def _file_columns() -> dict[str, object]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    widths = {"Received": 76, "Accepted": 76, "Refused rows": 98, "Duplicate": 78, "Superseded": 92}
    counts = {name: number(width=width, format="localized") for name, width in widths.items()}
    return {
        "File": text(width=170),
        "State": st.column_config.MultiselectColumn(
            width=96, options=[*STATUS_WORDS.values()], color=["green", "red", "gray", "blue"]
        ),
        "Read as": text(width=88, help="As it is, or by which mapping"),
        "Feed": text(width=92),
        **counts,
        "Looked at (UTC)": text(width=138),
        "Reason": text(width=420),
    }


def _row_columns() -> dict[str, object]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "File": text(width=190),
        "Line": number(width=64, format="localized", help="The header is line 1"),
        "Why": text(width=300),
        "Row as received": text(width=520),
        "Feed": text(width=92),
    }
