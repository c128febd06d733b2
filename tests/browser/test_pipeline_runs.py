"""The page of pipeline runs in a browser: a run that is over, one that stopped, one that goes on, and all of it on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from pipeline.refresh import launch
from pipeline.refresh.progress import latest_run
from pipeline.refresh.run import refresh
from tests.browser.browser import PHONE, Visit
from tests.browser.hospital import held_run, land_encounters

pytestmark = pytest.mark.slow

NEW_COUNT = 5


def test_a_run_that_is_over_is_drawn_with_every_step_and_its_rows(visit, address, hospital):
    shown = visit(f"{address}/pipeline_runs")
    drawn = _boxes(shown)
    assert len(drawn) == len(latest_run(hospital).tasks)
    encounters = next(task for task in latest_run(hospital).tasks if task.name == "silver.encounters")
    assert any(box.startswith(f"✓ Encounters{encounters.row_count:,} rows · ") for box in drawn)
    assert shown.complaints == []
    assert shown.hosts == {"127.0.0.1"}


def test_timeline_and_log_are_one_click_away_and_stay_in_the_address(visit, address):
    shown = visit(f"{address}/pipeline_runs")
    with shown.runs_again():
        shown.page.get_by_text("Timeline", exact=True).click()
    expect(shown.page.get_by_label("Timeline of run 1")).to_contain_text("Silver encounters")
    assert shown.page.url == f"{address}/pipeline_runs?show=Timeline"
    before = len(shown.received)
    with shown.runs_again():
        shown.page.get_by_text("Log", exact=True).click()
    assert b"The run began. Asked for by test." in b"".join(shown.received[before:])
    assert shown.complaints == []


def test_a_running_run_is_followed_to_its_end_without_a_click(visit, own_hospital, own_address, patient_id):
    land_encounters(own_hospital, patient_id, count=NEW_COUNT)
    shown = visit(f"{own_address}/pipeline_runs")
    with held_run(own_hospital):
        launch.start(own_hospital, "a colleague")
        expect(_card(shown)).to_contain_text("Run 2▸ Running")
        expect(_card(shown)).to_contain_text("asked for by a colleague")
        expect(shown.page.get_by_label("Graph of run 2").first).to_contain_text("▸ Demographics")
        assert any(box.startswith("○ Publish") for box in _boxes(shown))
    expect(_card(shown)).to_contain_text("Run 2✓ Done")
    expect(_card(shown)).to_contain_text("Publication 2 is current.")
    shown.until(lambda: not any(box.startswith(("○", "▸")) for box in _boxes(shown)))  # drawn anew after the card above it
    assert shown.complaints == []


def test_a_run_that_stopped_says_where_and_the_retry_runs_again(visit, own_hospital, own_address, patient_id):
    land_encounters(own_hospital, patient_id, count=NEW_COUNT)
    newest_log = max(own_hospital.lake.glob("silver/encounters/_delta_log/*.json"))
    whole = newest_log.read_bytes()
    newest_log.write_bytes(whole[:100])
    assert refresh(own_hospital, requested_by="watch").status == "failed"
    shown = visit(f"{own_address}/pipeline_runs")
    expect(_card(shown)).to_contain_text("It stopped at “Silver encounters”.")
    assert any(box.startswith("✕ Encountersstopped") for box in _boxes(shown))
    assert any(box.startswith("– Publishnot reached") for box in _boxes(shown))
    newest_log.write_bytes(whole)
    shown.press("Retry from “Silver encounters”")
    expect(_card(shown)).to_contain_text("Run 3✓ Done")
    expect(shown.page.get_by_role("button", name="Retry")).to_have_count(0)
    assert latest_run(own_hospital).status == "succeeded"


def test_a_link_to_a_run_opens_that_run(visit, own_hospital, own_address):
    refresh(own_hospital, requested_by="watch")
    shown = visit(f"{own_address}/pipeline_runs?run=1")
    expect(_card(shown)).to_contain_text("Run 1✓ Done")
    shown.choose("Run", "2")
    expect(_card(shown)).to_contain_text("Run 2✓ Nothing new")
    assert shown.page.url == f"{own_address}/pipeline_runs?run=2"


@pytest.mark.parametrize("view", ["Graph", "Timeline", "Log"])
def test_on_a_phone_the_graph_scrolls_in_its_card_and_the_page_does_not(visit, address, view):
    shown = visit(f"{address}/pipeline_runs?show={view}", viewport=PHONE)
    expect(_card(shown)).to_contain_text("Run 1")
    assert shown.width <= PHONE["width"]
    if view == "Graph":
        place = shown.page.locator(".st-key-run_graph")
        assert place.evaluate("part => part.scrollWidth > part.clientWidth")


def _card(shown: Visit):
    return shown.page.locator(".st-key-run_card")


def _boxes(shown: Visit) -> list[str]:
    """The words in the boxes of the graph; those beside it name the layers."""
    graph = shown.page.get_by_label("Graph of run").first
    graph.locator("text").first.wait_for()
    return [text for text in graph.locator("text").all_text_contents() if text[:2] in ("✓ ", "– ", "▸ ", "○ ", "✕ ", "= ")]
