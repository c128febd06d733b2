"""An additive model is its text: bins, points and sums, written and read back without loss."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import ModelRefused
from pipeline.model.specification import CATEGORY, NUMBER, GoldenRow, Specification, Term, from_json

AGE = Term("age_years", NUMBER, (0.5, -0.25, 0.0, 0.25), (1, 10, 20, 30), (0, 1, 2, 6), cuts=(65.0, 80.0))
PLACE = Term("disposition", CATEGORY, (0.1, 0.0, 0.75, -0.5), (2, 40, 8, 11), (0, 4, 3, 2), levels=("Home", "Nursing"))
GOLDEN = GoldenRow({"age_years": 70.0, "disposition": None}, 0.13)
MODEL = Specification(-2.0, (AGE, PLACE), "f00d", {"scikit-learn": "1.0"}, (GOLDEN,))


@pytest.mark.parametrize(("age", "found"), [(None, 0), (64.9, 1), (65, 2), (79, 2), (80, 3), (120, 3)])
def test_a_number_falls_into_the_bin_that_begins_at_or_below_it(age, found):
    assert AGE.bins(pd.Series([age], dtype="float64")).tolist() == [found]


@pytest.mark.parametrize(("place", "found"), [(None, 0), ("Home", 1), ("Nursing", 2), ("Moon", 3)])
def test_a_level_that_is_not_known_falls_into_the_last_bin(place, found):
    assert PLACE.bins(pd.Series([place], dtype="object")).tolist() == [found]


def test_a_probability_is_the_intercept_and_the_points_of_each_feature():
    stays = pd.DataFrame({"age_years": [85.0, None], "disposition": ["Nursing", "Moon"]})
    assert MODEL.contributions(stays).tolist() == [[0.25, 0.75], [0.5, -0.5]]
    assert MODEL.probabilities(stays) == pytest.approx(1 / (1 + np.exp([1.0, 2.0])))


def test_a_model_reads_back_as_it_was_written():
    assert from_json(MODEL.to_json()) == MODEL


@pytest.mark.parametrize("text", ["", "{}", '{"format": 2}', "[]", MODEL.to_json().replace('"points"', '"punkte"')])
def test_a_text_that_is_not_a_whole_model_is_refused(text):
    with pytest.raises(ModelRefused):
        from_json(text)
