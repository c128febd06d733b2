"""Two models beside each other: how far they agree, and whom each calls."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.model.shadow import side_by_side


def compared(champion, version, share=0.5):
    return side_by_side(np.array(champion), np.array(version), budget_share=share, champion_version=1, publication=7)


def test_equal_models_call_the_same_stays():
    found = compared([0.1, 0.4, 0.2, 0.3], [0.1, 0.4, 0.2, 0.3])
    assert (found.called, found.called_by_both, found.largest_difference) == (2, 2, 0)
    assert found.rank_correlation == pytest.approx(1)


def test_opposite_models_call_nobody_together():
    found = compared([0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1])
    assert (found.called_by_both, found.rank_correlation) == (0, pytest.approx(-1))


def test_ties_share_their_rank():
    assert compared([0.1, 0.1, 0.3], [0.2, 0.2, 0.4]).rank_correlation == pytest.approx(1)


def test_the_sentence_names_both_means_and_the_champion():
    said = compared([0.1, 0.3], [0.2, 0.4]).sentence
    assert "version 1 on 2 stays" in said
    assert "mean 0.300 beside 0.200" in said
