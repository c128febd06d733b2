"""Texts from outside where Streamlit reads Markdown: shown letter by letter, never as markup, a link, a picture or an icon.

Elements that take text as it is (st.text, tables, lists of choices) do not need it.
"""

from __future__ import annotations

import re

MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+.!|~$:@^=&-])")

AFTER_MARKDOWN = re.compile(r"(?<=:)(?=//|material/|streamlit:)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
"""Where addresses and the names of icons begin: Streamlit looks for them once more when backslashes are already gone."""

WORD_JOINER = "\u2060"


def plain(text: str) -> str:
    """A text as it is where Streamlit would read Markdown in it."""
    return MARKDOWN_SIGNS.sub(r"\\\1", AFTER_MARKDOWN.sub(WORD_JOINER, text))
