"""How old the newest file of every feed is, how often the feed used to come, and how long arrivals take to reach the data.

Pure; the read is in `pipeline_runs`. A feed that is late is said in a sentence: it is something to ask the sender, not an alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

import pandas as pd

from pipeline.serving.wording import UNKNOWN, age_text, span_text

FEWEST_ARRIVALS = 4
"""Three gaps between arrivals are the fewest that tell a habit."""

LATE_AFTER_GAPS = 2
"""A feed is late when it has been away for more than twice its usual gap."""

SHORTEST_LATENESS = timedelta(hours=1)
"""Feeds that come every few minutes are not called late over a few minutes."""


@dataclass(frozen=True)
class FeedFreshness:
    """One feed: its files, the newest of them, and the usual time between arrivals (None before there is a habit)."""

    feed: str
    file_count: int
    newest_at: datetime
    usual_gap: timedelta | None
    age: timedelta

    @property
    def is_late(self) -> bool:
        """Whether it has been away for clearly longer than it used to."""
        return self.usual_gap is not None and self.age > max(LATE_AFTER_GAPS * self.usual_gap, SHORTEST_LATENESS)

    @property
    def sentence(self) -> str:
        """What there is to say about its coming."""
        name = self.feed.replace("_", " ").capitalize()
        if self.usual_gap is None:
            return f"{name} has not come often enough to tell how often it comes."
        if self.is_late:
            return f"{name} used to come about every {span_text(self.usual_gap)}; the newest file came {age_text(self.age)}."
        return f"{name} comes about every {span_text(self.usual_gap)}."


def feed_freshness(arrivals: pd.DataFrame, now: datetime) -> tuple[FeedFreshness, ...]:
    """Per feed, from one row per feed and run: feed, taken_in_at, file_count. Late feeds first, then by name."""
    found = [
        _one(str(feed), rows.sort_values("taken_in_at"), now) for feed, rows in arrivals.groupby("feed", sort=True) if len(rows)
    ]
    return tuple(sorted(found, key=lambda one: (not one.is_late, one.feed)))


def _one(feed: str, rows: pd.DataFrame, now: datetime) -> FeedFreshness:
    times = [at.to_pydatetime().replace(tzinfo=now.tzinfo) for at in rows["taken_in_at"]]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    usual = median(gaps) if len(times) >= FEWEST_ARRIVALS else None
    return FeedFreshness(feed, int(rows["file_count"].sum()), times[-1], usual, now - times[-1])


def late_sentences(feeds: Sequence[FeedFreshness]) -> list[str]:
    """One sentence per feed that is late."""
    return [one.sentence for one in feeds if one.is_late]


def feeds_table(feeds: Sequence[FeedFreshness]) -> pd.DataFrame:
    """Feed, Newest file, Usually every, Files."""
    rows = [
        (one.feed.replace("_", " "), age_text(one.age), span_text(one.usual_gap) if one.usual_gap else UNKNOWN, one.file_count)
        for one in feeds
    ]
    return pd.DataFrame(rows, columns=["Feed", "Newest file", "Comes every", "Files"])
