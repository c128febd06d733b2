"""How the lineage of a column becomes elements: the graph and the steps in words."""

from __future__ import annotations

import streamlit as st

from pages.frame.show import NO_TOOLBAR
from pipeline.serving.charts.lineage_graph import lineage_graph
from pipeline.serving.lineage import ColumnLineage, lineage_caption, steps_table


def show_lineage_graph(found: ColumnLineage) -> None:
    """The way of a column from the feeds to the pages."""
    appearance = st.context.theme.type or "light"
    # The style sheet keeps the graph wide enough for its names and lets it scroll within its card.
    with st.container(key="lineage_graph"):
        key = f"lineage|{found.place.table}|{found.place.column}|{appearance}"
        words = f"{'.'.join(found.place)}: {lineage_caption(found)}. The table below says the same in words."
        st.plotly_chart(lineage_graph(found, appearance), theme=None, config=NO_TOOLBAR, key=key, alt=words)


def show_steps(found: ColumnLineage) -> None:
    """Every step with its expressions."""
    text = st.column_config.TextColumn
    st.dataframe(
        steps_table(found),
        hide_index=True,
        key=f"steps|{found.place.table}|{found.place.column}",
        row_height=34,
        height="content" if len(found.back) + len(found.forward) <= 11 else 460,
        column_config={
            "Way": text(width=96),
            "Column or page": text(width=270),
            "Made of": text(width=400),
            "How": text(width=560),
        },
    )
