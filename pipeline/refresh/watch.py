"""Refreshes by itself when complete new files have landed, until it is told to stop.

What to do is decided from what was seen and the time, both passed in; the loop around that only looks, waits, starts runs and
says so. A run is its own process, as from the screen: one that someone else started is joined, and none is interrupted.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pipeline.errors import FileRefused, MediPulseError
from pipeline.refresh import launch
from pipeline.refresh.progress import RunProgress, latest_run, run_of_number
from pipeline.settings import Settings
from pipeline.sources.landing import Fingerprint, LandingIndex, fingerprint, landed_paths
from pipeline.sources.mappings import mappings_fingerprint

REQUESTED_BY = "watch"
FOLLOW_SECONDS = 0.5
MOST_NAMED = 5


@dataclass(frozen=True)
class Pace:
    """How often to look, how long a file must stay as it is to count as complete, how long to wait after a failure.

    The pause doubles with each failure in a row, up to the longest one.
    """

    look_seconds: float = 5
    settle_seconds: float = 20
    first_pause_seconds: float = 30
    longest_pause_seconds: float = 3600

    def pause(self, failures: int) -> float:
        """Seconds to wait after this many failures in a row."""
        return min(self.first_pause_seconds * 2 ** (min(failures, 30) - 1), self.longest_pause_seconds) if failures else 0


@dataclass(frozen=True)
class Seen:
    """How a file looked, and since when it has looked so."""

    mark: Fingerprint
    since: float


@dataclass(frozen=True)
class Watched:
    """What the watch remembers from one look to the next.

    new: the files that no run has settled; tried: how those looked that the last run was started for, so that a file which
    stays unsettled starts no second run; a failure is waited out until `not_before` and then tried again.
    """

    new: Mapping[str, Seen] = field(default_factory=dict)
    tried: Mapping[str, Fingerprint] = field(default_factory=dict)
    failures: int = 0
    not_before: float = 0


@dataclass(frozen=True)
class Decision:
    """Whether to refresh now, the files that are the reason, and those that still change and hold it back."""

    refresh: bool
    complete: tuple[str, ...] = ()
    changing: tuple[str, ...] = ()


def looked(before: Watched, found: Mapping[str, Fingerprint], now: float) -> Watched:
    """After another look at the new files: one that changed since the last look begins to settle anew.

    What has been settled is no longer tried: should it become new again, as when its mapping was mended, it counts again.
    """
    known = before.new
    new = {
        name: known[name] if name in known and known[name].mark == mark else Seen(mark, now) for name, mark in sorted(found.items())
    }
    return replace(before, new=new, tried={name: mark for name, mark in before.tried.items() if name in found})


def decide(watched: Watched, pace: Pace, now: float) -> Decision:
    """A run takes every file it finds, so it waits until the last of the new ones has stayed as it is for long enough."""
    due = {name: seen for name, seen in watched.new.items() if watched.tried.get(name) != seen.mark}
    changing = tuple(name for name, seen in watched.new.items() if now - seen.since < pace.settle_seconds)
    complete = tuple(name for name in due if name not in changing)
    wanted = bool(complete) or watched.failures > 0
    return Decision(wanted and not changing and now >= watched.not_before, complete, changing)


def after_run(watched: Watched, *, succeeded: bool, pace: Pace, now: float) -> Watched:
    """What a run that has ended changes: its files were tried; a failure is waited out, a success forgets earlier ones."""
    failures = 0 if succeeded else watched.failures + 1
    tried = {name: seen.mark for name, seen in watched.new.items()} if succeeded else watched.tried
    return replace(watched, tried=tried, failures=failures, not_before=now + pace.pause(failures))


def new_files(settings: Settings) -> dict[str, Fingerprint]:
    """How every file looks that lies in the landing folder and was not settled by a run; one that has just gone is none."""
    index, mappings = LandingIndex.load(settings.home / "landing_index.json"), mappings_fingerprint(settings.feeds)
    found = {}
    for path in landed_paths(settings.landing):
        try:
            if not index.knows(path, mappings):
                found[path.name] = fingerprint(path)
        except FileRefused:
            continue
    return found


class Watch:
    """The loop. `stop` may be called from a signal handler; a run that goes on is waited for first."""

    def __init__(self, settings: Settings, pace: Pace, say: Callable[[str], None] = print) -> None:
        self._settings, self._pace, self._say = settings, pace, say
        self._stopping = threading.Event()
        last = latest_run(settings)
        # A run that failed before the watch began may have left files that are settled and not published.
        failures = 1 if last is not None and last.status == "failed" else 0
        self._watched, self._held_back = Watched(failures=failures), ()

    def stop(self, *_: object) -> None:
        """Ends the loop after what it is doing now."""
        self._stopping.set()

    def run(self) -> None:
        """Looks until it is stopped."""
        pace = self._pace
        settled = f"a file is complete when it stays as it is for {pace.settle_seconds:g} s"
        self._tell(f"Watching {self._settings.landing} every {pace.look_seconds:g} s; {settled}.")
        while not self._stopping.is_set():
            self._look()
            self._stopping.wait(pace.look_seconds)
        self._tell("Stopped as asked.")

    def _look(self) -> None:
        try:
            self._watched = looked(self._watched, new_files(self._settings), time.monotonic())
            decision = decide(self._watched, self._pace, time.monotonic())
            self._tell_what_changes(decision.changing)
            if decision.refresh:
                self._refresh(decision)
        except (MediPulseError, OSError) as failure:
            self._failed(str(failure))

    def _refresh(self, decision: Decision) -> None:
        reason = f"Complete: {_named(decision.complete)}." if decision.complete else "The last run failed."
        self._tell(f"{reason} Refreshing.")
        asked_at = datetime.now(UTC)
        run = self._followed(launch.start(self._settings, REQUESTED_BY))
        if run is None or run.status == "failed":
            self._failed("The run left no record." if run is None else f"{run.run_id} failed: {run.message}")
            return
        self._tell(f"{run.run_id} {run.status}: {run.message}")
        # A run that was joined may have looked before these files were there: they are looked at again.
        if run.started_at >= asked_at:
            self._watched = after_run(self._watched, succeeded=True, pace=self._pace, now=time.monotonic())

    def _followed(self, run_id: str) -> RunProgress | None:
        """The run when it is over. Being told to stop does not cut this short."""
        number = int(run_id.rpartition("-")[2])
        while (run := run_of_number(self._settings, number)) is not None and run.status == "running":
            time.sleep(FOLLOW_SECONDS)
        return run

    def _failed(self, sentence: str) -> None:
        self._watched = after_run(self._watched, succeeded=False, pace=self._pace, now=time.monotonic())
        self._tell(f"{sentence} Trying again in {self._pace.pause(self._watched.failures):g} s.")

    def _tell_what_changes(self, changing: tuple[str, ...]) -> None:
        """Once for each set of files, not at every look."""
        if changing and changing != self._held_back:
            self._tell(f"Arriving: {_named(changing)}.")
        self._held_back = changing

    def _tell(self, sentence: str) -> None:
        self._say(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {_one_line(sentence)}")


def watch(settings: Settings, pace: Pace) -> None:
    """Watches until SIGTERM or SIGINT, in the main thread of a process."""
    watching = Watch(settings, pace, say=lambda line: print(line, flush=True))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, watching.stop)
    watching.run()


def _named(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _one_line(text: str) -> str:
    """Names of files come from outside: a line break in one must not look like a line of this log."""
    return "".join(sign if sign.isprintable() else "�" for sign in text)
