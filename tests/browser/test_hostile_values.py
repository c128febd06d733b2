"""What a sender writes into a field stays a text: in the address, in lists and figures, in every file that leaves.

test_frame.py goes through every page of every role with the same values.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from pages.frame.plain import WORD_JOINER
from pipeline.serving.patient import NO_SUCH_PATIENT, NOT_A_NUMBER
from tests.browser.hostile import FILE_NAME, VALUES, expect_harmless, patient_number

pytestmark = pytest.mark.slow

FORMULA = re.compile(r"[=+\-@\t\r]")


@pytest.mark.parametrize("kind", ["everything", "bare link", "emphasis"])
def test_a_patient_is_read_letter_by_letter(visit, hostile_address, kind):
    shown = visit(f"{hostile_address}/patient?patient={quote(patient_number(kind))}")
    said = _without_spaces(shown.words)
    name = _without_spaces(VALUES[kind].replace("\u202e", "").replace("\u202c", ""))
    assert said.count(name[:60]) >= 4, said
    expect(shown.page.get_by_label("Patient number")).to_have_value(patient_number(kind))
    expect_harmless(shown)


@pytest.mark.parametrize(
    ("text", "answer"),
    [(VALUES["script"], NO_SUCH_PATIENT), (VALUES["picture"], NO_SUCH_PATIENT), (VALUES["control"], NOT_A_NUMBER),
     (VALUES["length"], NOT_A_NUMBER)],
)  # fmt: skip
def test_a_number_in_the_address_that_is_none_is_one_sentence(visit, hostile_address, text, answer):
    shown = visit(f"{hostile_address}/patient?patient={quote(text)}")
    expect(shown.page.get_by_test_id("stAlert")).to_contain_text(answer)
    expect_harmless(shown)


def test_figures_and_lists_of_groups_take_a_name_as_it_is(visit, hostile_address):
    shown = visit(f"{hostile_address}/readmissions?site={quote(VALUES['everything'])}&rates_by=Ward&funnel_by=Ward")
    expect(shown.page.get_by_role("combobox", name="Site")).to_have_value(VALUES["everything"])
    for choice in ("Site", "Ward", "Table"):
        with shown.runs_again():
            shown.page.get_by_role("radio", name=choice, exact=True).first.click()
        expect_harmless(shown)


def test_files_leave_without_formulas_valid_and_with_the_texts_as_they_are(visit, hostile_address):
    shown = visit(f"{hostile_address}/?site={quote(VALUES['everything'])}")
    shown.press("Export")
    printed = _without_spaces("".join(page.extract_text() for page in PdfReader(shown.download("PDF report")).pages))
    assert _without_spaces(VALUES["typesetting"]) in printed
    assert "root:" not in printed
    said = json.loads(shown.download("JSON data").read_text(encoding="utf-8"))
    assert {row["ward_name"] for row in said["worklist"]["rows"]} == {VALUES["everything"]}
    shown.choose_role("data_steward")
    shown.turn_to("Intake")
    expect_harmless(shown)
    shown.press("Export")
    lines = _lines(shown.download("CSV of refused rows"))
    assert FILE_NAME.replace("/", "") in {line["file_name"] for line in lines}
    assert [cell for line in lines for cell in line.values() if FORMULA.match(cell)] == []
    assert {f"'{VALUES[kind]}" for kind in ("formula", "command", "sum", "difference")} <= {line["encounter_id"] for line in lines}


def test_a_search_of_the_access_log_takes_any_text(visit, hostile_address):
    shown = visit(hostile_address)
    shown.choose_role("data_steward")
    shown.turn_to("Access log")
    for field, text in (("Viewer", VALUES["picture"]), ("Patient", patient_number("foreign link"))):
        with shown.runs_again():
            shown.page.get_by_role("textbox", name=field).fill(text)
            shown.page.keyboard.press("Enter")
        expect_harmless(shown)


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _without_spaces(text: str) -> str:
    return "".join(text.replace(WORD_JOINER, "").split())
