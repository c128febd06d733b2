"""Two models side by side on the same stays, before one takes the other's place: how far they agree, whom each calls. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Shadow:
    """What a version would change against the champion.

    stays: scored by both. mean_champion, mean_version: mean probabilities, 0-1. rank_correlation: Spearman's, 1 is the same order.
    called: stays at the alert budget, for either model; called_by_both: of these, by both. largest_difference: of two
    probabilities of one stay, 0-1.
    """

    champion_version: int
    publication: int
    stays: int
    mean_champion: float
    mean_version: float
    rank_correlation: float
    called: int
    called_by_both: int
    largest_difference: float

    @property
    def sentence(self) -> str:
        return (
            f"Side by side with version {self.champion_version} on {self.stays:,} stays: mean {self.mean_version:.3f} beside"
            f" {self.mean_champion:.3f}, rank correlation {self.rank_correlation:.3f}; of {self.called:,} called by each,"
            f" {self.called_by_both:,} are the same; largest difference of one stay {self.largest_difference:.3f}."
        )


def side_by_side(
    champion: np.ndarray, version: np.ndarray, *, budget_share: float, champion_version: int, publication: int
) -> Shadow:
    """Compares the probabilities of the same stays. budget_share: of discharges that can be reviewed, 0-1."""
    called = max(1, round(budget_share * len(champion)))
    by_champion, by_version = (set(np.argsort(-scores, kind="stable")[:called].tolist()) for scores in (champion, version))
    return Shadow(
        champion_version=champion_version,
        publication=publication,
        stays=len(champion),
        mean_champion=float(champion.mean()),
        mean_version=float(version.mean()),
        rank_correlation=float(np.corrcoef(_ranks(champion), _ranks(version))[0, 1]),
        called=called,
        called_by_both=len(by_champion & by_version),
        largest_difference=float(np.abs(champion - version).max()),
    )


def _ranks(scores: np.ndarray) -> np.ndarray:
    """Ranks with ties at their mean."""
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]
