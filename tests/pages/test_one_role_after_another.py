"""What a page keeps for the next reader never shows a role what another role saw: the same page, opened by both in one process."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.frame.viewer import ROLE_KEY
from pipeline.settings import REPOSITORY
from tests.governance.test_attacks import CANARIES
from tests.pages.conftest import FRAME, WAIT_SECONDS

ABOUT_PATIENTS = ("clinical/command_center", "clinical/readmissions", "clinical/alert_budget", "trust/data_quality")


def everything_shown(role: str, page: str) -> str:
    """Every element of a page as it goes to the browser, charts too; nothing that was kept is cleared before."""
    app = AppTest.from_file(str(FRAME), default_timeout=WAIT_SECONDS)
    app.session_state[ROLE_KEY] = role
    app.run()
    app.switch_page(str(REPOSITORY / "pages" / f"{page}.py")).run()
    assert not app.exception
    return "\n".join(str(element.proto) for element in app.main if hasattr(element, "proto"))


def test_a_clinician_sees_identifiers_there(shared_tiny_lake, monkeypatch):
    monkeypatch.setenv("MEDIPULSE_HOME", str(shared_tiny_lake.home))
    assert "P-ada" in everything_shown("clinician", "clinical/command_center")


@pytest.mark.parametrize("page", ABOUT_PATIENTS)
def test_an_analyst_after_a_clinician_sees_no_identifier_and_a_clinician_after_an_analyst_all(page, shared_tiny_lake, monkeypatch):
    monkeypatch.setenv("MEDIPULSE_HOME", str(shared_tiny_lake.home))
    before, analyst, after = (everything_shown(role, page) for role in ("clinician", "analyst", "clinician"))
    assert not [canary for canary in CANARIES if canary in analyst]
    assert [canary for canary in CANARIES if canary in before] == [canary for canary in CANARIES if canary in after]
