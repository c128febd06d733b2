"""What became of a table: every version, what it changed, by which run and who asked for it."""

from __future__ import annotations

import streamlit as st

from pages.frame.choose_table import choose_table
from pages.frame.page import open_page, say_limits
from pages.frame.show import card, show_table
from pipeline.serving.table_history import AS_SQL, choices, history_caption, history_table, table_history

page = open_page("trust/table_history")
found = table_history(page.viewer, choose_table(choices(page.viewer)), page.opened_at)

with card(found.table, history_caption(found)):
    empty, widths = "This table has no version yet. It is written by the first refresh.", {"When (UTC)": 148}
    show_table(history_table(found.changes), key=f"history|{found.table}|{page.publication_number}", empty=empty, widths=widths)
with card("The same as SQL", "Every published version of every table, for any engine that reads the lake"):
    st.code(AS_SQL, language="sql")

say_limits(
    page,
    "Rows are counted in files: rows that a later batch replaced stay in theirs until the lake is looked after, and are left out "
    "when they are read (ops.removed_rows), so Rows after can exceed what the table shows. Source: the Delta log of the table, "
    "the event file of each run.",
)
