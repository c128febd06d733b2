"""The model card is filled from the training run, and a model without a whole card is not released."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.errors import ModelRefused
from pipeline.model.card import card, card_as_markdown
from tests.model.evaluations import COHORT, evaluation
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
