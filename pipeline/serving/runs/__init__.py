"""Everything the page of pipeline runs shows: the runs, the freshness of the data, the habits of the feeds.

Runs are read from the event file that each of them wrote, those that failed or found nothing included; `ops.runs` and
`ops.tasks` tell of the same, but only of runs that changed something or failed. Files are read through the governed door.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.governance import access
from pipeline.governance.policy import Viewer
from pipeline.refresh.progress import RunProgress, latest_run, recent_runs, run_of_number
from pipeline.serving.runs.freshness import FeedFreshness, feed_freshness
from pipeline.settings import load_settings

PURPOSE = "Pipeline runs"
MOST_LISTED = 60
"""Older runs are still opened by their number in the address."""

ARRIVALS = """
select feed, run_id, min(recorded_at) as taken_in_at, cast(count(*) as bigint) as file_count
from ops.files where status = 'loaded' and feed is not null group by feed, run_id
"""


@dataclass(frozen=True)
class PipelineRuns:
    """The page for one viewer. runs: the newest first; chosen: the one that was asked for, else the newest; None without any.

    lateness: from the newest arrival in the data until the newest file about arrivals was taken in.
    """

    runs: tuple[RunProgress, ...]
    chosen: RunProgress | None
    feeds: tuple[FeedFreshness, ...]
    publication_number: int
    publication_age: timedelta
    lateness: timedelta | None

    @property
    def newest(self) -> RunProgress | None:
        return self.runs[0] if self.runs else None

    @property
    def newest_file_age(self) -> timedelta | None:
        """Since the newest file of any feed was taken in."""
        return min((feed.age for feed in self.feeds), default=None)


def pipeline_runs(viewer: Viewer, asked_for: str | None, now: datetime) -> PipelineRuns:
    """Read and assemble the page; a run that does not exist falls back to the newest one."""
    settings = load_settings()
    published, runs = access.publication(viewer, settings), recent_runs(settings, MOST_LISTED)
    feeds = feed_freshness(access.read(viewer, ARRIVALS, purpose=PURPOSE), now)
    newest_arrivals = next((feed.newest_at for feed in feeds if feed.feed == "encounters"), None)
    arrived = published.newest_arrival_at
    return PipelineRuns(
        runs=runs,
        chosen=_chosen(runs, asked_for),
        feeds=feeds,
        publication_number=published.number,
        publication_age=now - published.published_at,
        lateness=newest_arrivals - arrived if newest_arrivals and arrived else None,
    )


def newest_run() -> RunProgress | None:
    """The newest run as far as it has come by now."""
    return latest_run(load_settings())


def run_now(number: int) -> RunProgress | None:
    """One run as far as it has come by now."""
    return run_of_number(load_settings(), number)


def _chosen(runs: tuple[RunProgress, ...], asked_for: str | None) -> RunProgress | None:
    number = int(asked_for) if asked_for and asked_for.isascii() and asked_for.isdigit() and len(asked_for) < 10 else None
    found = None if number is None else run_now(number)
    return found or (runs[0] if runs else None)
