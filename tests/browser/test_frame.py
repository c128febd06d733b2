"""What holds on every page: a role sees no more than it may, nothing leaves the machine, nothing is shown without the frame."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from playwright.sync_api import expect

from pages.frame.navigation import PAGE_CARDS
from pages.frame.page import NOTICE
from pipeline.governance.policy import load_policy
from tests.browser.browser import PHONE, Visit
from tests.browser.hospital import served
from tests.browser.hostile import expect_harmless

pytestmark = pytest.mark.slow

WORKLIST = "High-risk senior worklist"
TILE_WIDTHS = (PHONE["width"], 768, 1024)
PATIENT_ID = re.compile(rb"MP-\d{7}")


def test_a_clinician_receives_the_patients_of_the_worklist_and_an_analyst_none(visit, address):
    shown = visit(address)
    before = len(shown.received)
    assert PATIENT_ID.search(b"".join(shown.received))
    shown.choose_role("analyst")
    received = b"".join(shown.received[before:])
    assert WORKLIST.encode() in received
    assert not PATIENT_ID.search(received)
    shown.until(lambda: not PATIENT_ID.search(shown.page.content().encode()))  # the old table fades out for a moment


@pytest.mark.parametrize("role", load_policy().roles)
def test_a_role_is_offered_what_it_may_and_no_page_fails_or_lets_a_hostile_value_come_alive(visit, hostile_address, role):
    shown, may = visit(hostile_address), load_policy().may
    shown.choose_role(role)
    pages = [key for key in PAGE_CARDS if key in load_policy().pages(role)]
    expect(shown.page.get_by_test_id("stSidebarNav").get_by_role("link")).to_have_count(len(pages))
    for page in reversed(pages):  # ends at the command center, a page with exports
        shown.turn_to(PAGE_CARDS[page].title)
        expect(shown.page.get_by_role("button", name="Refresh data")).to_have_count(int(may(role, "refresh")))
        expect(shown.page.get_by_text(NOTICE)).to_be_visible()
        expect(shown.page.get_by_role("button", name="Try again")).to_have_count(0)
        expect_harmless(shown)
    expect(shown.page.get_by_role("button", name="Export")).to_have_count(int(may(role, "export")))


@pytest.mark.parametrize("title", ["Command center", "Readmissions", "Pipeline runs", "Data quality"])
def test_no_tile_is_cut_off_on_a_phone_or_beside_the_menu_on_a_small_screen(visit, address, title):
    shown = visit(address)
    shown.turn_to(title)
    expect(shown.page.get_by_test_id("stMetric").first).to_be_visible()
    for width in TILE_WIDTHS:
        shown.page.set_viewport_size({"width": width, "height": 900})
        shown.until(lambda: shown.cut_tiles == [])


def test_the_filters_of_a_bookmark_go_along_to_another_page_and_one_taken_back_there_does_not_return(visit, address):
    shown = visit(f"{address}/?period=3+months&site=North+Campus")
    shown.turn_to("Readmissions")
    expect(shown.page).to_have_url(f"{address}/readmissions?period=3+months&site=North+Campus")
    expect(shown.page.get_by_role("radio", name="3 months")).to_be_checked()
    expect(shown.page.get_by_role("combobox", name="Site")).to_have_value("North Campus")
    shown.choose("Site", "All sites")
    shown.turn_to("Command center")
    expect(shown.page).to_have_url(f"{address}/?period=3+months")
    expect(shown.page.get_by_role("radio", name="3 months")).to_be_checked()
    expect(shown.page.get_by_role("combobox", name="Site")).to_have_value("All sites")


def test_a_deep_link_on_a_cold_server_runs_the_frame_before_any_data(visit, hospital):
    with served(hospital) as cold:
        shown = visit(f"{cold}/data_quality")
        expect(shown.page.get_by_role("combobox", name="Role")).to_be_visible()
        frame = next(place for place, message in enumerate(shown.received) if b"not signed in" in message)
        data = next(place for place, message in enumerate(shown.received) if b"Rows passing quality" in message)
        assert frame < data


@pytest.mark.parametrize("path", ["clinical/command_center", "pages/trust/data_quality.py"])
def test_the_path_of_a_page_script_is_no_way_to_its_data(chromium, hospital, path):
    with served(hospital) as cold, closing(chromium.new_context()) as context:
        shown = Visit.listening(context.new_page())
        shown.page.goto(f"{cold}/{path}", wait_until="networkidle")
        assert shown.received == []
        assert "Encounters" not in shown.page.content()
