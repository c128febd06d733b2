"""Paper and file carry the numbers of the screen, say where they come from, and leak nothing that is masked."""

from __future__ import annotations

import dataclasses
import io
import json

import pytest
from pypdf import PdfReader

from pages.frame import front_door, page
from pipeline.serving.command_center import CommandCenter
from pipeline.serving.export import as_json, file_name
from pipeline.serving.report import SYNTHETIC_NOTICE, report
from pipeline.serving.report.printable import REPLACEMENT
from pipeline.serving.wording import NOT_A_DEVICE, count_text
from tests.serving.conftest import NOON


def pages_of(pdf: bytes) -> list[str]:
    return [" ".join(sheet.extract_text().replace("\u00a0", " ").split()) for sheet in PdfReader(io.BytesIO(pdf)).pages]


@pytest.fixture
def center(read_as) -> CommandCenter:
    return read_as(period="12 months")


def test_screen_pdf_and_json_carry_the_same_headline_numbers(center):
    printed = " ".join(pages_of(report(center, NOON)))
    exported = json.loads(as_json(center))
    for tile, written in zip(center.tiles, exported["tiles"], strict=True):
        assert (written["value"], written["text"]) == (tile.value, tile.text)
        assert tile.text.replace("\u00a0", " ") in printed


def test_the_map_reconciles_on_paper_and_in_the_file(center):
    written = json.loads(as_json(center))["risk_map"]
    assert center.risk_map.caption.replace("\u00a0", " ") in " ".join(pages_of(report(center, NOON)))
    assert written["encounter_count"] == written["density_count"] + written["single_count"] + written["not_drawn_count"]
    in_cells = sum(cell["encounter_count"] for panel in written["panels"] for cell in panel["cells"])
    assert (in_cells, sum(len(panel["points"]) for panel in written["panels"])) == (
        written["density_count"],
        written["single_count"],
    )


@pytest.mark.parametrize(("role", "map_count"), [("clinician", 3), ("analyst", 3), ("auditor", 0)])
def test_a_role_without_ages_gets_no_axes_on_paper_but_how_many_there_are(read_as, role, map_count):
    center = read_as(role)
    printed = " ".join(pages_of(report(center, NOON)))
    assert printed.count("Age (years)") == map_count
    assert ("Vertical axis" in printed) == ("A cell of the map" in printed) == (map_count > 0)
    assert all(panel.counted_text.replace("\u00a0", " ") in printed for panel in center.risk_map.panels)


def test_every_table_version_is_printed_below_its_layer(center):
    printed = " ".join(pages_of(report(center, NOON)))
    version = center.provenance.table_versions["gold.demographics"]
    assert f"demographics {version}" in printed[printed.index("gold: ") : printed.index("silver: ")]


def test_every_page_is_numbered_and_says_that_the_data_is_synthetic(center):
    pages = pages_of(report(center, NOON))
    for number, text in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in text
        assert SYNTHETIC_NOTICE in text
        assert f"publication {center.provenance.publication_number}" in text


def test_screen_door_paper_and_file_say_in_the_same_words_what_the_product_is_not(center):
    assert f"{NOT_A_DEVICE}; verify in the source record." in " ".join(pages_of(report(center, NOON)))
    assert json.loads(as_json(center))["notice"] == f"{NOT_A_DEVICE}."
    assert page.NOTICE.startswith(f"{NOT_A_DEVICE}.") and front_door.NOTICE.startswith(f"{NOT_A_DEVICE}.")


def test_the_pdf_is_tagged_titled_and_in_a_language(center):
    catalog = PdfReader(io.BytesIO(report(center, NOON))).trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"] is True or bool(catalog["/MarkInfo"]["/Marked"])
    assert "/StructTreeRoot" in catalog
    assert catalog["/Lang"] == "en"


def test_the_same_payload_and_moment_give_the_same_bytes(center):
    assert report(center, NOON) == report(center, NOON)
    assert as_json(center) == as_json(center)


def test_every_listed_patient_is_printed_for_a_role_that_may_see_them(center):
    printed = " ".join(pages_of(report(center, NOON)))
    assert center.worklist.rows
    assert all(row.patient_id in printed for row in center.worklist.rows)


@pytest.mark.parametrize("role", ["analyst", "auditor"])
def test_no_identifier_reaches_paper_or_file_of_a_role_that_may_not_see_it(read_as, role):
    shown, hidden = read_as("clinician"), read_as(role)
    assert shown.worklist.rows
    out = " ".join(pages_of(report(hidden, NOON))) + as_json(hidden).decode()
    for row in shown.worklist.rows:
        assert row.patient_id not in out
        assert row.encounter_id not in out


def test_an_empty_view_still_prints(read_as):
    center = read_as(period="1 month")
    assert center.worklist.total_count <= 50
    assert count_text(center.risk_map.encounter_count) in " ".join(pages_of(report(center, NOON)))


def test_a_letter_that_the_font_lacks_stops_no_report(center):
    row = dataclasses.replace(center.worklist.rows[0], ward_name="外科 \u202eŁ\u0007", news2_score=None)
    listed = dataclasses.replace(center.worklist, rows=(row,))
    printed = " ".join(pages_of(report(dataclasses.replace(center, worklist=listed), NOON)))
    assert f"{REPLACEMENT * 2} {REPLACEMENT}Ł{REPLACEMENT}" in printed


def test_a_file_is_named_for_its_publication_and_day(center):
    assert file_name("Command center", center.provenance, "pdf") == "medipulse-command-center-publication-1-2026-11-23.pdf"
