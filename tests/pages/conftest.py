"""The frame run as Streamlit runs it, over the tiny hospital, in a role and at an address."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from pages.frame.demo_place import PLACE_KEY
from pages.frame.viewer import ROLE_KEY
from pipeline.settings import REPOSITORY, Settings

FRAME = REPOSITORY / "pages" / "frame" / "main.py"
WAIT_SECONDS = 90
"""How long one run of a page may take before a test gives up; on a machine that is not busy it is under a second."""

# Every AppTest looks through all installed packages for components of Streamlit; none is installed while the tests run.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture
def open_app(shared_tiny_lake: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens a page of the published tiny hospital: open_app("analyst", "trust/data_quality", site="North")."""
    monkeypatch.setenv("MEDIPULSE_HOME", str(shared_tiny_lake.home))
    return run_frame


def run_frame(role: str = "clinician", page: str | None = None, **address: str) -> AppTest:
    """One run of the frame; a page is opened as by a click in the menu. A role with own places has Ada's ward."""
    st.cache_data.clear()
    app = AppTest.from_file(str(FRAME), default_timeout=WAIT_SECONDS)
    app.session_state[ROLE_KEY], app.session_state[PLACE_KEY] = role, ("North", "Cardiology")
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    if page is not None:
        app.switch_page(str(REPOSITORY / "pages" / f"{page}.py")).run()
    return app


def words(app: AppTest) -> str:
    """Everything the page says: texts, tiles, tables, buttons, notices."""
    said = [
        element.value
        for kind in (app.title, app.subheader, app.caption, app.markdown, app.text, app.info, app.warning, app.error)
        for element in kind
    ]
    said += [f"{tile.label} {tile.value} {tile.delta}" for tile in app.metric]
    said += [table.value.to_csv() for table in app.dataframe]
    said += [button.label for button in app.button]
    return "\n".join(str(one) for one in said)
