"""Pages are put together in turns, and a turn is given back however a page ends."""

from __future__ import annotations

from contextlib import ExitStack

from pages.frame.turns import MOST_AT_ONCE, page_turn
from pipeline.errors import BadRequest
from pipeline.serving import data_quality
from tests.pages.conftest import words

PAGE = "trust/data_quality"


def free_turns() -> int:
    """How many could be taken now."""
    with ExitStack() as taken:
        count = 0
        while page_turn.acquire(blocking=False):
            taken.callback(page_turn.release)
            count += 1
    return count


def test_a_page_holds_one_turn_while_it_runs(open_app, monkeypatch):
    seen = []
    asked = data_quality.data_quality
    monkeypatch.setattr(data_quality, "data_quality", lambda viewer: (seen.append(free_turns()), asked(viewer))[1])
    open_app("auditor", PAGE)
    assert set(seen) == {MOST_AT_ONCE - 1}
    assert free_turns() == MOST_AT_ONCE


def test_a_page_that_fails_gives_its_turn_back(open_app, monkeypatch):
    def broken(viewer):
        raise BadRequest("It broke.")

    monkeypatch.setattr(data_quality, "data_quality", broken)
    app = open_app("auditor", PAGE)
    assert "It broke" in words(app)
    assert free_turns() == MOST_AT_ONCE
