"""Putting a file in with a browser: what it would give, the refresh, what became of it, the rows to send back."""

from __future__ import annotations

import csv
import io

import pytest
from playwright.sync_api import expect

from pipeline.governance.audit import read_log
from tests.browser.browser import PHONE, Visit
from tests.browser.hospital import ENCOUNTER_HEADER

pytestmark = pytest.mark.slow

NAME = "encounters_by hand <b>.csv"
LANDED = "encounters_by_hand_b_.csv"


def rows(patient_id: str) -> str:
    """Two encounters of a known patient; the second ends before it begins."""
    stays = [("EN-Z1", "2026-10-30 11:00:00"), ("EN-Z2", "2026-10-29 11:00:00")]
    lines = [
        f"{number},{patient_id},North Campus,Surgical clinic,OUTPATIENT,ELECTIVE,2026-10-30 09:00:00,{end},HOME,2026-10-30 12:00:00"
        for number, end in stays
    ]
    return "\n".join((ENCOUNTER_HEADER, *lines, ""))


def test_a_file_is_looked_at_put_in_taken_in_and_its_refused_row_sent_back(visit, own_hospital, own_address, patient_id):
    shown = _opened(visit(own_address))
    _drop(shown, NAME, rows(patient_id))
    expect(_main(shown)).to_contain_text("Read as it is. 1 of 2 rows would be accepted, judged on the whole file.")
    assert not (own_hospital.landing / LANDED).exists()
    shown.press("Put in 1 file and refresh")
    expect(shown.page.locator(".st-key-run_panel")).to_contain_text("Run 2 is done")
    expect(_main(shown)).not_to_contain_text("would be accepted")
    _choose_file(shown, LANDED)
    expect(_main(shown)).to_contain_text("1 row was refused")
    shown.press("Export")
    sent_back = shown.download("CSV of refused rows").read_text(encoding="utf-8-sig")
    (line,) = list(csv.DictReader(io.StringIO(sent_back)))
    assert (line["file_name"], line["line_number"]) == (LANDED, "3")
    assert line["row_as_received"].startswith(f"EN-Z2,{patient_id},")
    told = [(line["action"], line["purpose"]) for line in read_log(own_hospital.access_log) if line["action"] != "read"]
    assert told == [
        ("land", f"Preview of {NAME}"), ("land", f"Put in {NAME}"), ("refresh", "Refresh data after files were put in"),
        ("export", "Refused rows as csv"),
    ]  # fmt: skip
    assert shown.complaints == []
    assert shown.hosts == {"127.0.0.1"}


def test_a_file_that_nothing_knows_says_so_and_cannot_be_put_in(visit, address):
    shown = _opened(visit(address))
    _drop(shown, "holiday <img src=x onerror=alert(1)>.csv", "a,b\n1,2\n")
    expect(_main(shown)).to_contain_text("It would be refused.")
    expect(shown.page.get_by_role("button", name="Put in")).to_have_count(0)
    expect(_main(shown).locator("img")).to_have_count(0)
    assert shown.complaints == []


def test_on_a_phone_a_file_is_looked_at_and_nothing_scrolls_sideways(visit, address, patient_id):
    shown = visit(address, viewport=PHONE)
    shown.page.get_by_test_id("stExpandSidebarButton").click()
    _opened(shown)
    _drop(shown, NAME, rows(patient_id))
    expect(_main(shown)).to_contain_text("1 of 2 rows would be accepted")
    assert shown.width <= PHONE["width"]


def _opened(shown: Visit) -> Visit:
    shown.choose_role("data_steward")
    shown.turn_to("Intake")
    return shown


def _drop(shown: Visit, name: str, text: str) -> None:
    with shown.runs_again():
        shown.page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": text.encode()})


def _choose_file(shown: Visit, name: str) -> None:
    """The list is longer than the screen: its options are found by typing."""
    box = shown.page.get_by_role("combobox", name="File")
    box.click()
    box.fill(name)
    with shown.runs_again():
        shown.page.get_by_role("option", name=name, exact=True).click()


def _main(shown: Visit):
    return shown.page.get_by_test_id("stMain")
