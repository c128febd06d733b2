"""Monitoring is told in words: every judgement has a sign, and groups of a few are not shown."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from pipeline.serving.model_drift import Ratio, drift, observed_over_expected
from pipeline.serving.model_watch import ModelInUse, ModelWatch
from pipeline.serving.model_watch_words import NOTHING_TO_DO, drift_table, groups_table, in_use_sentence, months_table, reasons

NB = "\u00a0"
IN_USE = ModelInUse("readmission", 3, datetime(2026, 11, 1), "Dr Test", 22)
FITS = observed_over_expected("All", 5_000, 500.0, 510)
FEW = observed_over_expected("Other", 10, 1.2, 3)
WATCHED = ModelWatch(
    IN_USE, None, FITS, 41, ((date(2026, 8, 1), FITS), (date(2026, 9, 1), FEW)), (("Sex", (FITS, FEW)),),
    (drift("sodium_mmol_l", ["missing", "under 135", "135 and over"], {0: 300, 2: 700}, {1: 50, 2: 950}),), "Jul 2026 – Sep 2026",
)  # fmt: skip


def test_what_came_true_is_one_sentence():
    assert in_use_sentence(WATCHED) == (
        "Version 3 has been in use for 22 days. Of 5,000 index stays 510 were readmitted, 500.0 were expected: 1.02 (0.93–1.11). "
        "41 stays are not yet followed for 30 days."
    )


@pytest.mark.parametrize("overall", [None, FEW, Ratio("All", 0, 0.0, 0, None, None, None)])
def test_without_stays_that_were_followed_nothing_is_claimed(overall):
    assert in_use_sentence(ModelWatch(IN_USE, None, overall)).endswith("No stays that it scores were followed for 30 days yet.")


def test_without_a_model_the_reason_is_told_and_no_judgement():
    none = ModelWatch(None, "no model has been promoted")
    assert in_use_sentence(none) == "No model scores: no model has been promoted."
    assert reasons(none) == ()
    assert groups_table(none).empty and months_table(none).empty and drift_table(none).empty


def test_a_model_that_fits_says_so():
    assert reasons(ModelWatch(IN_USE, None, FITS)) == (NOTHING_TO_DO,)


def test_a_group_of_ten_shows_none_of_its_numbers():
    small = groups_table(WATCHED).iloc[1].to_dict()
    assert list(small.values()) == ["Sex", "Other", f"<{NB}11", "–", "–", "–", "–", "○ too few"]


def test_months_come_newest_first_with_their_verdict():
    table = months_table(WATCHED)
    assert list(table["Month"]) == ["Other", "All"]
    assert list(table["Verdict"]) == ["○ too few", "● steady"]


def test_a_feature_says_which_bin_moved_most_and_from_where_to_where():
    row = drift_table(WATCHED).iloc[0].to_dict()
    assert (row["Feature"], row["Moved most"], row["In training"], row["Now"], row["Verdict"]) == (
        "Last sodium", "missing", f"0.0{NB}%", f"30.0{NB}%", "■ moved",
    )  # fmt: skip
