"""Which table is looked at, which of its columns, what is searched for: kept in the address, checked against the list."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st


def choose_table(tables: Sequence[str], *, key: str = "table") -> str:
    """One of the tables, the first unless chosen."""
    return _choose("Table", tables, key)


def choose_column(columns: Sequence[str], *, key: str = "column") -> str:
    """One of a table's columns, the first unless chosen."""
    return _choose("Column", columns, key)


def choose_words(placeholder: str, *, key: str = "search") -> str:
    """Words to search for."""
    return st.text_input(
        "Search", placeholder=placeholder, key=key, max_chars=100, bind="query-params", label_visibility="collapsed", width=420
    )


def _choose(label: str, names: Sequence[str], key: str) -> str:
    # A name from another table or role, in the address or from the run before, would be an error of the list.
    if st.session_state.get(key) not in (None, *names):
        st.session_state[key] = names[0]
    chosen = st.selectbox(label, names, key=key, bind="query-params", label_visibility="collapsed", width=320)
    return chosen if chosen in names else names[0]
