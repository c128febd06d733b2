"""One set of colours: Streamlit's configuration repeats those of theme.py, and text can be read on its background."""

from __future__ import annotations

import tomllib

import pytest

from pipeline.serving.charts.shades import colour_stops, shade, shade_position
from pipeline.serving.theme import DARK, LIGHT, palette
from pipeline.settings import REPOSITORY

THEME = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]


@pytest.mark.parametrize(("name", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_the_configuration_repeats_the_colours_of_the_theme(name, colours):
    said = THEME[name]
    assert (said["backgroundColor"], said["textColor"], said["borderColor"]) == (colours.background, colours.text, colours.border)
    assert (said["redColor"], said["orangeColor"], said["grayColor"]) == (colours.high, colours.moderate, colours.low)
    assert (said["redTextColor"], said["blueColor"]) == (colours.high_text, colours.accent)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["text", "muted", "accent", "high_text"])
def test_text_has_the_contrast_that_wcag_aa_asks_for(colours, ink):
    assert contrast(getattr(colours, ink), colours.background) >= 4.5


def test_an_unknown_appearance_is_light():
    assert palette(None) is LIGHT


def test_shades_rise_with_the_logarithm_of_the_count():
    assert shade_position(1, 1000) == 0
    assert shade_position(1000, 1000) == 1
    assert shade_position(10, 100) == pytest.approx(0.5)
    assert shade(1, "#102030", "#FFFFFF") == "#102030"


@pytest.mark.parametrize("darkest", [2, 7, 5_000])
def test_colour_stops_rise_from_an_empty_cell_to_the_fullest(darkest):
    places = [stop[0] for stop in colour_stops(darkest, "#A3123F", "#FFFFFF")]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (0, 1)


def contrast(ink: str, paper: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    bright, dark = sorted((_luminance(ink), _luminance(paper)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
