"""The model card is filled from the training run, and a model without a whole card is not released."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.errors import ModelRefused
from pipeline.governance.policy import load_policy
from pipeline.model.card import card, card_as_markdown
from pipeline.model.evaluation import SubgroupResult
from pipeline.model.told import SMALL_CELL, publicly
from tests.model.evaluations import COHORT, evaluation, model
from tests.model.test_specification import MODEL

TAGS = {"requested_by": "R. Steward", "why": "yearly review", "code_version": "abc"}


def section(title, found=None):
    return next(part for part in card(found or evaluation(), MODEL, TAGS) if part.title == title)


def test_it_says_who_trained_it_on_whom_and_what_came_of_it():
    assert "R. Steward" in " ".join(section("What it is").sentences)
    assert "12,000 stays of 9,000 patients, 1,400 readmissions (11.7%)" in section("Patients it was trained on").sentences[1]
    assert section("Performance, with 95 % intervals (bootstrap over patients)").rows[0][:4] == (
        "additive", "other patients", "12,000", "0.700 (0.690–0.710)",
    )  # fmt: skip


def test_synthetic_patients_are_called_synthetic():
    assert "synthetic" in section("Out of scope, and known limits").sentences[0]
    real = evaluation(cohort=replace(COHORT, is_synthetic=False))
    assert "synthetic" not in " ".join(section("Out of scope, and known limits", real).sentences)


def test_every_version_that_made_it_is_named():
    named = dict(section("Versions").rows)
    assert named["Specification"] == MODEL.fingerprint
    assert named["Code version"] == "abc"
    assert named["Publication"] == "3"


def test_a_card_with_an_empty_part_releases_no_model():
    with pytest.raises(ModelRefused, match="Subgroups"):
        card(replace(evaluation(), models=tuple(replace(m, subgroups=()) for m in evaluation().models)), MODEL, TAGS)


def test_the_text_file_holds_every_section_and_table():
    text = card_as_markdown(evaluation(), MODEL, TAGS)
    assert text.count("\n## ") == 13
    assert "| Completed years at admission | years | at admission | 0.0% | 0.210 |" in text


def with_sexes(**rows: tuple[int, int]):
    """An evaluation of groups by sex, each of so many stays and readmissions."""
    groups = tuple(SubgroupResult("sex", name, stays, back, None, None, None, None) for name, (stays, back) in rows.items())
    return evaluation(model(subgroups=groups))


def sexes_in(text: str) -> dict[str, tuple[str, str]]:
    """The stays and readmissions of each sex in the text of a card."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| sex | ")]
    return {group: (stays, back) for _, group, stays, back, *_ in rows}


def test_the_text_file_holds_no_small_count_and_none_that_the_others_leave():
    found = with_sexes(Female=(6_000, 700), Male=(5_996, 696), Unknown=(4, 4))
    assert sexes_in(card_as_markdown(found, MODEL, TAGS)) == {
        "Female": ("6,000", "700"),
        "Male": ("not told", "not told"),
        "Unknown": ("under 11", "under 11"),
    }


def test_the_evidence_holds_the_counts_as_they_are():
    found = with_sexes(Female=(6_000, 700), Male=(5_996, 696), Unknown=(4, 4))
    assert [row[2:4] for row in section("Subgroups", found).rows] == [("6,000", "700"), ("5,996", "696"), ("4", "4")]


@pytest.mark.parametrize(
    ("counts", "out_of", "written"),
    [
        ((0, 11, 40), (), ("0", "11", "40")),
        ((1, 10, 40), (), ("under 11", "under 11", "40")),
        ((10, 11, 40), (), ("under 11", "not told", "40")),
        ((3, 4, 0, 40), (), ("under 11", "under 11", "0", "not told")),
        ((10, 10, 40), (), ("under 11", "under 11", "not told")),
        ((15, 30, 40), (20, 100, 100), ("not told", "not told", "40")),
    ],
)
def test_small_counts_and_what_tells_them_are_not_told(counts, out_of, written):
    assert publicly(counts, out_of) == written


def test_the_file_and_the_policy_call_the_same_counts_small():
    assert load_policy().fewest == SMALL_CELL
