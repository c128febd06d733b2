"""How a count becomes a shade: the logarithm of the count, mixed from a light tint to the full colour.

One rule for screen and paper, so a cell is equally dark on both.
"""

from __future__ import annotations

from math import log

LIGHTEST = 0.2
"""The tint of a cell with two encounters: still visible on the background."""

STOPS = 12


def shade_position(count: int, darkest: int) -> float:
    """0 for a single encounter, 1 for the fullest cell, logarithmic in between."""
    return 1.0 if darkest <= 1 else log(max(count, 1)) / log(darkest)


def shade(position: float, colour: str, background: str) -> str:
    """The colour at a position, as a hex code."""
    strength = LIGHTEST + (1 - LIGHTEST) * position
    mixed = (round(low + (high - low) * strength) for low, high in zip(_parts(background), _parts(colour), strict=True))
    return "#" + "".join(f"{part:02X}" for part in mixed)


def colour_stops(darkest: int, colour: str, background: str) -> list[list[float | str]]:
    """Stops on a linear scale of counts with logarithmic shades; empty cells are transparent, so the grid shows through.

    Linear counts with bent stops keep the true count in the hover text.
    """
    clear = f"rgba({','.join(str(part) for part in _parts(background))},0)"
    begins = 1 / darkest
    stops: list[list[float | str]] = [[0.0, clear], [begins * 0.99, clear]]
    for step in range(STOPS + 1):
        stops.append([min(1.0, darkest ** (step / STOPS) / darkest), shade(step / STOPS, colour, background)])
    return stops


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
