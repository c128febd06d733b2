"""The patient page in a browser: the way to it, its address as a bookmark, and what a role that may not open it receives."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from pipeline.serving.patient import NO_SUCH_PATIENT
from tests.browser.browser import PHONE, Visit
from tests.lake import rows_of

pytestmark = pytest.mark.slow

ROW_HEIGHT = 34
"""Of the worklist; its heading is as high."""


@pytest.fixture
def names(hospital, patient_id) -> tuple[str, str]:
    """The given and the family name of the first patient of the worklist."""
    patients = rows_of(hospital, "silver.patients").set_index("patient_id")
    return patients.loc[patient_id, "given_name"], patients.loc[patient_id, "family_name"]


def test_a_row_of_the_worklist_opens_the_patient_with_the_number_in_the_address(visit, address, patient_id, names):
    shown = visit(address)
    table = shown.page.locator(".st-key-worklist_as_table").get_by_test_id("stDataFrame")
    with shown.runs_again():
        table.click(position={"x": 15, "y": 1.5 * ROW_HEIGHT})
    expect(shown.page).to_have_url(f"{address}/patient?patient={patient_id}")
    expect(_person(shown)).to_contain_text(f"{' '.join(names)} {patient_id}")
    assert shown.complaints == []


def test_the_bookmark_of_a_patient_shows_an_analyst_nothing_of_the_patient(visit, address, patient_id, names):
    shown = visit(f"{address}/patient?patient={patient_id}")
    expect(_person(shown)).to_contain_text(f"{' '.join(names)} {patient_id}")
    before = len(shown.received)
    with shown.runs_again():
        shown.choose_role("analyst")
    received = b"".join(shown.received[before:])
    assert b"Encounters" in received
    for secret in (patient_id, " ".join(names)):
        shown.until(lambda secret=secret: secret not in shown.page.content())  # what was shown fades out for a moment
        assert secret.encode() not in received
    assert shown.complaints == []
    assert shown.hosts == {"127.0.0.1"}


def test_a_number_nobody_has_is_one_sentence(visit, address):
    shown = visit(f"{address}/patient?patient=MP-9999999")
    expect(shown.page.get_by_test_id("stAlert")).to_contain_text(NO_SUCH_PATIENT)
    expect(_person(shown)).to_have_count(0)
    assert shown.complaints == []


def test_on_a_phone_a_card_opens_the_patient_and_nothing_scrolls_sideways(visit, address, patient_id, names):
    shown = visit(address, viewport=PHONE)
    with shown.runs_again():
        shown.page.get_by_role("button", name="Open patient").first.click()
    expect(shown.page).to_have_url(f"{address}/patient?patient={patient_id}")
    expect(_person(shown)).to_contain_text(" ".join(names))
    expect(shown.page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    assert shown.width <= PHONE["width"]


def _person(shown: Visit):
    """The heading with name and number."""
    return shown.page.get_by_role("heading", level=3).filter(has_text="MP-")
