"""The inner script: who is looking, which pages that role may open, and the one that was asked for."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.frame.errors import plain_errors
from pages.frame.navigation import navigation
from pages.frame.turns import page_turn
from pages.frame.viewer import choose_viewer

HERE = Path(__file__).resolve().parent

# A local picture: an icon by name would make the browser ask a font host for it.
st.set_page_config(page_title="MediPulse", page_icon=str(HERE / "brand" / "mark.svg"), layout="wide")
st.html(HERE / "style.css")
st.logo(str(HERE / "brand" / "logo.svg"), icon_image=str(HERE / "brand" / "mark.svg"), size="large")

with plain_errors():
    page = navigation(choose_viewer())
    with page_turn:
        page.run()
