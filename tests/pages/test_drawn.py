"""A figure reaches the browser as Plotly completes it, and is checked once."""

from __future__ import annotations

import plotly.graph_objects as go
import plotly.io
import pytest
from plotly.tools import return_figure_from_figure_or_data

from pages.frame.drawn import Drawn, checked

FIGURE = {
    "data": [{"type": "scatter", "x": [1, 2], "y": [3, None]}],
    "layout": {"title": {"text": "Rate"}, "annotations": [{"text": "<b>high</b>"}]},
}


def test_what_is_handed_over_is_what_streamlit_would_have_made_of_the_dictionary():
    theirs = return_figure_from_figure_or_data(FIGURE, validate_figure=True)
    ours = return_figure_from_figure_or_data(Drawn(checked(FIGURE)), validate_figure=True)
    assert plotly.io.to_json(ours, validate=False) == plotly.io.to_json(theirs, validate=False)


def test_a_property_that_plotly_does_not_know_is_refused():
    with pytest.raises(ValueError, match="colour"):
        checked({"data": [{"type": "scatter", "colour": "red"}], "layout": {}})


def test_a_checked_figure_is_not_checked_again(monkeypatch):
    figure = Drawn(checked(FIGURE))
    monkeypatch.setattr(go.Figure, "__init__", lambda *_, **__: pytest.fail("checked again"))
    assert return_figure_from_figure_or_data(figure, validate_figure=True)["layout"]["title"]["text"] == "Rate"
