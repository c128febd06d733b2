"""The readmissions page in a browser: the numbers drawn are the published counts, for whoever's stays are chosen."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from pipeline.serving.readmissions.population import NOT_FOLLOWED, SENIORS
from pipeline.serving.readmissions.waterfall import EXCLUSIONS
from tests.browser.browser import PHONE, Visit
from tests.lake import rows_of

pytestmark = pytest.mark.slow

INDEX_PLACE = 2 + len(EXCLUSIONS)
"""The index stays are drawn after all stays, the step for age and the other exclusions."""


@pytest.fixture
def published(hospital) -> pd.DataFrame:
    """The counts behind every rate, read past the door."""
    return rows_of(hospital, "gold.readmission_rates")


def test_the_tiles_and_the_waterfall_show_the_published_counts_and_account_for_every_stay(visit, address, published):
    shown = visit(f"{address}/readmissions")
    adults, drawn = published[published["age_group"] != "Pediatric"], _drawn_steps(shown)
    assert drawn == _steps(published, adults)
    assert sum(drawn[1:INDEX_PLACE]) + sum(drawn[INDEX_PLACE + 1 :]) == published["stay_count"].sum()
    assert shown.tiles == _tiles(adults)
    assert shown.complaints == []
    assert shown.hosts == {"127.0.0.1"}


def test_those_of_65_and_over_go_into_the_address_the_numbers_and_the_file(visit, address, published):
    shown = visit(f"{address}/readmissions")
    with shown.runs_again():
        shown.page.get_by_role("radio", name=SENIORS).click()
    seniors = published[published["age_group"] == "Senior"]
    assert shown.page.url == f"{address}/readmissions?population=65+and+over"
    assert shown.tiles == _tiles(seniors)
    assert _drawn_steps(shown) == _steps(published, seniors)
    shown.press("Export")
    said = json.loads(shown.download("JSON data").read_text(encoding="utf-8"))
    assert said["population"] == SENIORS
    assert {tile["name"]: tile["text"] for tile in said["tiles"]} == shown.tiles
    assert [step["stay_count"] for step in said["waterfall"]] == _drawn_steps(shown)


def test_a_phone_opens_the_address_of_a_population_and_nothing_scrolls_sideways(visit, address, published):
    shown = visit(f"{address}/readmissions?population=65+and+over", viewport=PHONE)
    assert shown.tiles == _tiles(published[published["age_group"] == "Senior"])
    assert len(_drawn_steps(shown)) == INDEX_PLACE + 4
    assert shown.width <= PHONE["width"]


def _drawn_steps(shown: Visit) -> list[int]:
    """The counts written in the waterfall, from all stays down; each is between the name of its step and its share."""
    waterfall = shown.page.get_by_label("Attrition waterfall").locator("text")
    waterfall.first.wait_for()
    return [int(text.removeprefix("−").replace(",", "")) for text in waterfall.all_text_contents()[1::3]]


def _steps(published: pd.DataFrame, inside: pd.DataFrame) -> list[int]:
    """The same from the table: all stays, those too young, the other exclusions, index stays, their three outcomes."""
    by_reason, total = inside.groupby("counted_as")["stay_count"].sum(), published["stay_count"].sum()
    index, readmitted, planned = (inside[name].sum() for name in ("index_count", "readmission_count", "planned_return_count"))
    excluded = [total - inside["stay_count"].sum(), *(by_reason.get(name, 0) for name in EXCLUSIONS)]
    return [total, *excluded, index, readmitted, planned, index - readmitted - planned]


def _tiles(inside: pd.DataFrame) -> dict[str, str]:
    """The tiles from the rows of a population."""
    summed, followed = inside.sum(numeric_only=True), inside[inside["counted_as"] != NOT_FOLLOWED].sum(numeric_only=True)
    return {
        "Unplanned readmission": _share(summed["readmission_count"] / summed["index_count"]),
        "Raw return": _share(followed["raw_return_count"] / followed["raw_index_count"]),
        "Index stays": f"{summed['index_count']:,}",
        "Planned first returns": f"{summed['planned_return_count']:,}",
        "Stays with a diagnosis": _share(summed["coded_count"] / summed["stay_count"]),
    }


def _share(share: float) -> str:
    return f"{100 * share:.1f}\u00a0%"
