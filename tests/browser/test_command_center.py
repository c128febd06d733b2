"""The command center in a browser: what is drawn, the filters in the address, the files it gives away, small and dark screens."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from pages.frame.page import NOTICE
from pipeline.serving.wording import count_text, share_text
from tests.browser.browser import PHONE, Visit
from tests.browser.hospital import refuse_to_log

pytestmark = pytest.mark.slow

PANELS = ("Age, heart rate and risk level", "Demographics", "Vital averages", "Ingestion volume", "High-risk senior worklist")
FIGURE_COUNT = 6


def test_every_panel_is_drawn_and_says_what_kind_of_data_it_shows(visit, address):
    page = visit(address).page
    for title in PANELS:
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.locator(".js-plotly-plot .main-svg:first-child")).to_have_count(FIGURE_COUNT)
    expect(page.get_by_test_id("stDataFrame").locator("canvas").first).to_be_visible()
    expect(page.get_by_text("Synthetic data").locator("visible=true")).to_have_count(1)
    expect(page.get_by_text(NOTICE)).to_be_visible()


def test_the_screen_shows_the_numbers_of_serving_and_the_map_accounts_for_every_encounter(visit, hospital, address, ask):
    expected = ask(hospital)
    drawn = expected.risk_map
    shown = visit(address)
    assert shown.tiles == {tile.name: tile.text for tile in expected.tiles}
    assert drawn.density_count + drawn.single_count + drawn.not_drawn_count == drawn.encounter_count
    assert shown.tiles["Encounters"] == count_text(drawn.encounter_count)
    assert drawn.caption in shown.words
    assert expected.worklist.caption in shown.words


def test_filters_go_into_the_address_and_the_address_gives_the_same_view(visit, hospital, address, ask):
    shown = visit(address)
    with shown.runs_again():
        shown.page.get_by_role("radio", name="3 months").click()
    shown.choose("Site", "North Campus")
    expected = {tile.name: tile.text for tile in ask(hospital, period="3 months", site_name="North Campus").tiles}
    assert shown.tiles == expected != {tile.name: tile.text for tile in ask(hospital).tiles}
    assert "period=3+months" in shown.page.url
    assert "site=North+Campus" in shown.page.url
    assert visit(shown.page.url).tiles == expected


def test_nonsense_in_the_address_shows_everything(visit, hospital, address, ask):
    shown = visit(f"{address}/?period=%3Cb%3E1+century&site=%27+or+1%3D1+--")
    assert shown.tiles == {tile.name: tile.text for tile in ask(hospital).tiles}
    assert "Traceback" not in shown.words
    assert shown.complaints == []


def test_the_pdf_and_the_json_hold_the_numbers_of_the_screen(visit, address):
    shown = visit(address)
    shown.press("Export")
    text = _one_spaced("".join(page.extract_text() for page in PdfReader(shown.download("PDF report")).pages))
    for name, value in shown.tiles.items():
        assert name in text
        assert _one_spaced(value) in text
    for share in _age_group_shares(shown):
        assert share in text
    said = json.loads(shown.download("JSON data").read_text(encoding="utf-8"))
    assert {tile["name"]: tile["text"] for tile in said["tiles"]} == shown.tiles
    assert said["risk_map"]["caption"] in shown.words
    assert [_one_spaced(share_text(group["share"])) for group in said["age_groups"]] == _age_group_shares(shown)


def test_a_download_that_fails_is_a_sentence_on_the_screen_and_a_reference_in_the_log(visit, own_hospital, own_address):
    shown = visit(own_address)
    shown.press("Export")
    refuse_to_log(own_hospital, "patient MP-0000001 broke it")
    shown.press("JSON data")
    expect(shown.page.get_by_text("Failed to generate file for download")).to_be_visible()
    logged = (own_hospital.home / "server.log").read_text(encoding="utf-8")
    assert "The file could not be built. Reference MP-" in logged
    assert "MP-0000001" not in logged


@pytest.mark.parametrize(("scheme", "background"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(11, 15, 20)")])
def test_a_phone_shows_the_tiles_and_nothing_scrolls_sideways(visit, address, scheme, background):
    shown = visit(address, viewport=PHONE, color_scheme=scheme)
    expect(shown.page.get_by_test_id("stApp")).to_have_css("background-color", background)
    expect(shown.page.locator(".js-plotly-plot .main-svg:first-child")).to_have_count(FIGURE_COUNT)
    assert shown.width <= PHONE["width"]
    assert [tile.is_visible() for tile in shown.page.get_by_test_id("stMetric").all()] == [True] * 5
    assert shown.complaints == []


def _age_group_shares(shown: Visit) -> list[str]:
    """The shares beside the bars, youngest group first."""
    bars = shown.page.locator(".js-plotly-plot", has_text="Pediatric").locator("text", has_text="◆").all()
    return [_one_spaced(bar.text_content()).partition(" %")[0] + " %" for bar in bars]


def _one_spaced(text: str) -> str:
    return " ".join(text.split())
