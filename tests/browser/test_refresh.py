"""The refresh as a person lives it: started by a button, followed, joined, left alone, failed, and the very first one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from pipeline.refresh.progress import latest_run
from pipeline.sources.synthetic_hospital import generate
from tests.browser.browser import Visit
from tests.browser.hospital import held_run, land_cut_off_file, land_encounters, run_files, served
from tests.lake import home_at

pytestmark = pytest.mark.slow

NEW_COUNT = 5


def test_a_refresh_is_followed_from_the_click_to_the_new_numbers(visit, own_hospital, own_address, patient_id):
    land_encounters(own_hospital, patient_id, count=NEW_COUNT)
    shown = visit(own_address)
    before = _encounters(shown)
    with held_run(own_hospital):
        shown.press("Refresh data")
        expect(_panel(shown)).to_contain_text("Run 2 · Gold demographics")
        expect(_panel(shown)).to_contain_text(re.compile(rf"Bronze {NEW_COUNT} rows · \d+\.\d s"))
        expect(_panel(shown)).to_contain_text(re.compile(r"Silver [\d,]+ rows · \d+\.\d s"))
        assert _encounters(shown) == before
    expect(_panel(shown)).to_contain_text("Run 2 is done")
    shown.until(lambda: _encounters(shown) == before + NEW_COUNT)


def test_a_refused_file_is_named_where_it_was_asked_for_and_on_the_data_quality_page(visit, own_hospital, own_address, patient_id):
    land_encounters(own_hospital, patient_id, count=NEW_COUNT)
    land_cut_off_file(own_hospital)
    shown = visit(own_address)
    shown.press("Refresh data")
    expect(_panel(shown)).to_contain_text("encounters_cut.csv seems to be cut off")
    before = len(shown.received)
    shown.turn_to("Data quality")
    expect(shown.page.get_by_text("1 file refused or repeated")).to_be_visible()
    assert b"encounters_cut.csv seems to be cut off" in b"".join(shown.received[before:])


def test_a_second_click_joins_and_closing_the_page_stops_nothing(visit, own_hospital, own_address, patient_id, ask):
    land_encounters(own_hospital, patient_id, count=NEW_COUNT)
    first, second = visit(own_address), visit(own_address)
    before = _encounters(first)
    with held_run(own_hospital):
        for shown in (first, second):
            shown.press("Refresh data")
            expect(_panel(shown)).to_contain_text("Run 2 · Gold demographics")
        assert run_files(own_hospital) == ["000001.jsonl", "000002.jsonl"]
        first.page.context.close()
        second.page.context.close()
        assert latest_run(own_hospital).status == "running"
    assert latest_run(own_hospital).status == "succeeded"
    assert ask(own_hospital).risk_map.encounter_count == before + NEW_COUNT


def test_a_failed_refresh_says_what_failed_and_the_last_good_numbers_stay(visit, own_hospital, own_address, patient_id):
    land_encounters(own_hospital, patient_id, count=NEW_COUNT)
    newest_log = max(own_hospital.lake.glob("silver/encounters/_delta_log/*.json"))
    newest_log.write_bytes(newest_log.read_bytes()[:100])
    shown = visit(own_address)
    before = shown.tiles
    shown.press("Refresh data")
    expect(_panel(shown)).to_contain_text("Run 2 stopped at “Silver encounters”")
    expect(_panel(shown)).to_contain_text("the last good data is still shown")
    expect(_panel(shown)).to_contain_text("The log of the Delta table silver.encounters cannot be read.")
    assert shown.tiles == before


def test_the_first_start_prepares_the_data_and_then_opens_the_page_by_itself(visit, tmp_path):
    settings = home_at(tmp_path / "home")
    generate(settings.landing, encounters=300, seed=7)
    with served(settings) as address:
        with held_run(settings):
            shown = visit(address)
            expect(shown.page.get_by_role("heading", level=1)).to_have_text("Preparing the first data")
            expect(_panel(shown)).to_contain_text("Run 1 · Gold demographics")
            assert shown.tiles == {}
        expect(shown.page.get_by_role("heading", level=1)).to_have_text("Command center")
        expect(shown.page.get_by_test_id("stMetric").first).to_be_visible()
        assert 250 < _encounters(shown) <= 300


def _panel(shown: Visit):
    return shown.page.locator(".st-key-run_panel")


def _encounters(shown: Visit) -> int:
    return int(shown.tiles["Encounters"].replace(",", ""))
