"""A share of counted things with how sure it is: Wilson's 95 % interval, and no share at all where there are too few.

Pure; knows nothing of what is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from pipeline.governance.policy import load_policy
from pipeline.serving.wording import NO_BREAK, UNKNOWN, count_text, share_text

FEWEST = load_policy().fewest
"""Groups of 1 to 10 are not published: the cell size policy of CMS (resdac.org), which is also where a share says little."""

TOO_FEW = f"<{NO_BREAK}{FEWEST}"
WITHHELD = f"not{NO_BREAK}shown"
"""Of a count that is hidden only because a small one could be worked out from it."""

HIDDEN_NOTE = "Not shown: it rests on a small count, or one could be worked out from it"
SUPPRESSED_RULE = (
    f"Your role sees no count of 1 to {FEWEST - 1}: it is written {TOO_FEW}. Other counts and what is computed from them are "
    f"{WITHHELD} where a small one could be worked out from them."
)

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Rate:
    """`count` out of `out_of`. share: 0-1, where 0.12 means 12 in 100; low and high: the ends of its 95 % interval, 0-1.

    A long interval says that there were few; two rates whose intervals overlap widely may not differ at all.
    All None but is_small when the group is smaller than FEWEST and therefore not shown; share None when nothing was counted.
    suppressed, count_suppressed: what is written for out_of and count where these are hidden as small cells.
    """

    count: int | None
    out_of: int | None
    share: float | None
    low: float | None
    high: float | None
    is_small: bool = False
    suppressed: str = ""
    count_suppressed: str = ""

    @property
    def text(self) -> str:
        """12.3 %; a dash without a share."""
        return share_text(self.share)

    @property
    def interval_text(self) -> str:
        """11.9–12.7 %; a dash without a share."""
        return UNKNOWN if self.low is None else f"{100 * self.low:.1f}–{share_text(self.high)}"

    @property
    def out_of_text(self) -> str:
        """The denominator as written; < 11 for a group that is not shown."""
        return TOO_FEW if self.is_small else self.suppressed or count_text(self.out_of)

    @property
    def counts_text(self) -> str:
        """123 of 1,000; < 11 for a group that is not shown."""
        return TOO_FEW if self.is_small else f"{self.count_suppressed or count_text(self.count)} of {self.out_of_text}"


NO_RATE = Rate(None, None, None, None, None)
"""Of a group the question does not fit."""

NOT_SHOWN = Rate(None, None, None, None, None, is_small=True)


def rate(count: int, out_of: int) -> Rate:
    """The share and its interval, whatever the size of the group; neither when out_of is 0."""
    if out_of == 0:
        return Rate(count, 0, None, None, None)
    low, high = wilson(count, out_of)
    return Rate(int(count), int(out_of), count / out_of, low, high)


def shown_rate(count: int, out_of: int) -> Rate:
    """The rate of a group as it may be shown: nothing of a group of 1 to 10."""
    return NOT_SHOWN if 0 < out_of < FEWEST else rate(count, out_of)


def withheld(one: Rate, out_of_words: str, count_words: str) -> Rate:
    """A rate of which one count or both are hidden, and with them the share; words: what is written for each, empty if shown."""
    out_of, count = None if out_of_words else one.out_of, None if count_words else one.count
    return Rate(count, out_of, None, None, None, suppressed=out_of_words, count_suppressed=count_words)


def wilson(count: int, out_of: int) -> tuple[float, float]:
    """Wilson's score interval without continuity correction, 95 %, both ends within 0-1 (Wilson 1927, JASA 22:209).

    Chosen over the textbook interval because it holds for rates near 0 and for small groups (Newcombe 1998, Stat Med 17:857).
    """
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    share, spread = count / out_of, z * z / out_of
    middle = (share + spread / 2) / (1 + spread)
    reach = z * sqrt(share * (1 - share) / out_of + spread / (4 * out_of)) / (1 + spread)
    return max(0.0, middle - reach), min(1.0, middle + reach)
