"""Where a column comes from, through every table back to the feeds, and where it goes: tables and pages."""

from __future__ import annotations

import streamlit as st

from pages.frame.choose_table import choose_column, choose_table
from pages.frame.page import open_page, say_limits
from pages.frame.show import card
from pages.frame.show_lineage import show_lineage_graph, show_steps
from pipeline.serving.lineage import choices, column_lineage, lineage_caption

page = open_page("trust/lineage")
offered = choices(page.viewer)
with st.container(horizontal=True, vertical_alignment="center", key="lineage_filters"):
    table = choose_table(tuple(offered))
    column = choose_column(offered[table])
with st.spinner("Reading the definitions of all tables …"):
    found = column_lineage(table, column)

with card(f"{table}.{column}", lineage_caption(found)):
    show_lineage_graph(found)
with card("Steps", "How each column on the way is made, the nearest first, and what is made of it"):
    show_steps(found)

say_limits(
    page,
    "It follows values. Which rows there are also depends on filters and joins, and a score that is looked up in a table of "
    "cut-offs comes from that table: what it is looked up by is in the join and not followed. Sources: the SELECTs and contracts "
    "below pipeline/tables, the questions of the pages.",
)
