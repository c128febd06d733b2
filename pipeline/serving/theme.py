"""The one place for colours, risk signs and the age line: screen (light and dark) and paper read them here.

Knows nothing of data. `.streamlit/config.toml` repeats the colours Streamlit itself needs; a test compares the two.
Contrast is WCAG AA on the page background; every risk level also has a shape and a word, so colour never stands alone.
"""

from __future__ import annotations

from dataclasses import dataclass

SENIOR_AGE_YEARS = 65
"""Seniors are 65 and over, as in the age groups of silver.encounters."""

FONT = "Inter, 'Segoe UI', system-ui, sans-serif"


@dataclass(frozen=True)
class RiskStyle:
    """How one risk level is shown: its word, its sign in text and its marker in charts."""

    level: str
    sign: str
    marker: str


RISK_STYLES = (
    RiskStyle("Low", "●", "circle"),
    RiskStyle("Moderate", "▲", "triangle-up"),
    RiskStyle("High", "◆", "diamond"),
)
RISK_LEVELS = tuple(style.level for style in RISK_STYLES)


@dataclass(frozen=True)
class StateStyle:
    """How the state of a run or of one of its steps is shown: its sign and its word, in the colour that Palette.state gives."""

    sign: str
    word: str


STATE_STYLES = {
    "waiting": StateStyle("○", "Waiting"),
    "running": StateStyle("▸", "Running"),
    "succeeded": StateStyle("✓", "Done"),
    "unchanged": StateStyle("✓", "Nothing new"),
    "kept": StateStyle("=", "Kept"),
    "skipped": StateStyle("–", "Nothing to do"),
    "failed": StateStyle("✕", "Stopped"),
}


@dataclass(frozen=True)
class Palette:
    """The colours of one appearance."""

    background: str
    text: str
    muted: str
    border: str
    grid: str
    band: str
    accent: str
    neutral: str
    low: str
    moderate: str
    high: str
    high_text: str
    high_fill: str
    good: str

    def state(self, state: str) -> str:
        """The colour of a run's or a step's state; everything that asks for nothing is grey."""
        known = {"running": self.accent, "succeeded": self.good, "unchanged": self.good, "failed": self.high}
        return known.get(state, self.muted)

    def risk(self, level: str) -> str:
        """The shape colour of a risk level."""
        return {"Low": self.low, "Moderate": self.moderate, "High": self.high}[level]


LIGHT = Palette(
    background="#FFFFFF",
    text="#101828",
    muted="#667085",
    border="#E4E7EC",
    grid="#EDF0F4",
    band="#EAF2FD",
    accent="#0A5DC2",
    neutral="#AEB6C2",
    low="#64748B",
    moderate="#C27400",
    high="#A3123F",
    high_text="#8F0F38",
    high_fill="#FDECF1",
    good="#0B7A62",
)
DARK = Palette(
    background="#0B0F14",
    text="#E6EAF0",
    muted="#93A1B3",
    border="#232C38",
    grid="#1C2531",
    band="#122340",
    accent="#7FB2FF",
    neutral="#4B586A",
    low="#7C93B0",
    moderate="#FFD166",
    high="#FF6B6B",
    high_text="#FF9C9C",
    high_fill="#34171D",
    good="#4CC9A4",
)
PAPER = LIGHT


def palette(appearance: str | None) -> Palette:
    """The colours for "light" or "dark"; light when the browser has not said yet."""
    return DARK if appearance == "dark" else LIGHT
