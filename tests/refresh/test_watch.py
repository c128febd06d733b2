"""The watch starts a run for complete new files and for nothing else, waits after failures, and stops when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from pipeline.refresh import launch
from pipeline.refresh.progress import RunLog, RunProgress, latest_run
from pipeline.refresh.run import refresh
from pipeline.refresh.watch import Decision, Pace, Watch, Watched, after_run, decide, looked, new_files
from pipeline.settings import REPOSITORY, Settings
from pipeline.sources.landing import Fingerprint
from tests.conftest import ENCOUNTERS

PACE = Pace(look_seconds=5, settle_seconds=10, first_pause_seconds=30, longest_pause_seconds=3600)
SMALL, LARGE = Fingerprint(100, 1), Fingerprint(200, 2)


def seen(*looks: tuple[float, dict[str, Fingerprint]], before: Watched | None = None) -> Watched:
    """After several looks, each at a time."""
    watched = before or Watched()
    for now, found in looks:
        watched = looked(watched, found, now)
    return watched


def test_nothing_new_starts_nothing():
    assert decide(seen((0, {})), PACE, 1_000) == Decision(False)


@pytest.mark.parametrize(("now", "refreshes"), [(0, False), (9.9, False), (10, True)])
def test_a_file_is_complete_when_it_has_stayed_as_it_is_for_the_settling_period(now, refreshes):
    assert decide(seen((0, {"a.csv": SMALL})), PACE, now).refresh == refreshes


def test_a_file_that_grew_begins_to_settle_anew():
    watched = seen((0, {"a.csv": SMALL}), (8, {"a.csv": LARGE}))
    assert decide(watched, PACE, 12) == Decision(False, changing=("a.csv",))
    assert decide(watched, PACE, 18).refresh


def test_a_file_written_anew_with_the_same_size_begins_to_settle_anew():
    watched = seen((0, {"a.csv": SMALL}), (8, {"a.csv": replace(SMALL, modified_ns=2)}))
    assert not decide(watched, PACE, 12).refresh


def test_one_file_that_still_grows_holds_the_others_back():
    watched = seen((0, {"a.csv": SMALL}), (11, {"a.csv": SMALL, "b.csv": SMALL}))
    assert decide(watched, PACE, 12) == Decision(False, complete=("a.csv",), changing=("b.csv",))


def test_a_file_that_a_run_left_unsettled_starts_no_second_run():
    watched = after_run(seen((0, {"a.csv": SMALL})), succeeded=True, pace=PACE, now=20)
    assert not decide(seen((25, {"a.csv": SMALL}), before=watched), PACE, 1_000).refresh
    assert decide(seen((25, {"a.csv": LARGE}), before=watched), PACE, 1_000).refresh


def test_a_file_that_was_settled_and_becomes_new_again_is_tried_again():
    watched = after_run(seen((0, {"a.csv": SMALL})), succeeded=True, pace=PACE, now=20)
    mended = seen((30, {}), (40, {"a.csv": SMALL}), before=watched)
    assert decide(mended, PACE, 50).refresh


def test_a_failure_is_waited_out_and_then_tried_again_without_a_new_file():
    watched = after_run(seen((0, {})), succeeded=False, pace=PACE, now=100)
    assert not decide(watched, PACE, 129).refresh
    assert decide(watched, PACE, 130).refresh


def test_pauses_grow_with_failures_in_a_row_up_to_the_longest_and_a_success_forgets_them():
    watched, pauses = Watched(), []
    for _ in range(9):
        watched = after_run(watched, succeeded=False, pace=PACE, now=0)
        pauses.append(watched.not_before)
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert after_run(watched, succeeded=True, pace=PACE, now=0).not_before == 0
    assert PACE.pause(100_000) == 3600


def test_a_new_file_does_not_cut_a_pause_short():
    watched = after_run(Watched(), succeeded=False, pace=PACE, now=0)
    assert not decide(seen((1, {"a.csv": SMALL}), before=watched), PACE, 20).refresh


def test_only_unsettled_whole_names_are_new(tiny_lake):
    (tiny_lake.landing / "encounters_late.csv").write_text(ENCOUNTERS, encoding="utf-8")
    for name in ("encounters_x.csv.part", "encounters_y.tmp", ".hidden.csv"):
        (tiny_lake.landing / name).write_text("half", encoding="utf-8")
    (tiny_lake.landing / "gone.csv").symlink_to(tiny_lake.landing / "nowhere")
    found = set(new_files(tiny_lake))
    assert "encounters_late.csv" in found
    assert not found & {"encounters_x.csv.part", "encounters_y.tmp", ".hidden.csv", "gone.csv"}
    refresh(tiny_lake, requested_by="test")
    assert new_files(tiny_lake) == {}


@pytest.fixture
def watching(settings, monkeypatch) -> Callable[..., tuple[Watch, list[str]]]:
    """A watch whose runs end as told: watching("failed", "succeeded"). It stops after the last of them."""
    settings.landing.mkdir(parents=True)
    (settings.landing / "encounters_a.csv").write_text(ENCOUNTERS, encoding="utf-8")

    def made(*endings: str) -> tuple[Watch, list[str]]:
        said: list[str] = []
        watch = Watch(settings, Pace(0.001, 0, 0.001, 0.004), say=said.append)
        left = list(endings)

        def start(_: Settings, requested_by: str) -> str:
            log = RunLog(settings, requested_by)
            log.finish(left.pop(0), "A sentence.\nAnd a second line.")
            if not left:
                watch.stop()
            return log.run.run_id

        monkeypatch.setattr(launch, "start", start)
        return watch, said

    return made


def test_it_survives_failed_runs_and_says_when_it_tries_again(watching):
    watch, said = watching("failed", "failed", "succeeded")
    watch.run()
    told = "\n".join(said)
    assert "Complete: encounters_a.csv. Refreshing." in told
    assert "run-1 failed: A sentence." in told
    assert "Trying again in 0.001 s." in told
    assert "Trying again in 0.002 s." in told
    assert said[-2].endswith("run-3 succeeded: A sentence.�And a second line.")
    assert said[-1].endswith("Stopped as asked.")


def test_a_run_of_someone_else_is_joined_and_the_files_it_may_have_missed_are_looked_at_again(settings, monkeypatch):
    settings.landing.mkdir(parents=True)
    (settings.landing / "encounters_a.csv").write_text(ENCOUNTERS, encoding="utf-8")
    theirs, said, started = RunLog(settings, "someone"), [], []
    watch = Watch(settings, Pace(0.001, 0, 0.001, 0.004), say=said.append)

    def start(_: Settings, requested_by: str) -> str:
        started.append(requested_by)
        if len(started) > 1:
            ours = RunLog(settings, requested_by)
            ours.finish("succeeded", "Taken.")
            watch.stop()
            return ours.run.run_id
        theirs.finish("succeeded", "Without it.")
        return theirs.run.run_id

    monkeypatch.setattr(launch, "start", start)
    watch.run()
    assert started == ["watch", "watch"]
    told = [line.partition(" ")[2] for line in said if "succeeded" in line]
    assert told == ["run-1 succeeded: Without it.", "run-2 succeeded: Taken."]


def test_it_tries_again_what_failed_before_it_began(watching, settings):
    RunLog(settings, "someone").finish("failed", "No space left.")
    (settings.landing / "encounters_a.csv").unlink()
    watch, said = watching("succeeded")
    watch.run()
    assert any(line.endswith("The last run failed. Refreshing.") for line in said)


def test_a_start_that_fails_is_a_sentence_and_not_the_end(settings, monkeypatch):
    settings.landing.mkdir(parents=True)
    (settings.landing / "encounters_a.csv").write_text(ENCOUNTERS, encoding="utf-8")
    said: list[str] = []
    watch = Watch(settings, Pace(0.001, 0, 0.001, 0.001), say=said.append)

    def refused(*_: object) -> str:
        if len(said) > 4:
            watch.stop()
        raise OSError("No space left on device")

    monkeypatch.setattr(launch, "start", refused)
    watch.run()
    assert sum("No space left on device Trying again" in line for line in said) >= 2


@pytest.mark.slow
def test_a_growing_file_is_taken_once_it_is_whole_and_a_signal_ends_the_watch(tiny_lake):
    lines = [line.replace("E-", "EW-") for line in ENCOUNTERS.splitlines(keepends=True)[:-1]]
    command = [sys.executable, "-m", "pipeline", "watch", "--every", "0.1", "--settle", "1.5"]
    watch = subprocess.Popen(command, cwd=REPOSITORY, env=tiny_lake.child_environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert "Watching" in watch.stdout.readline()
        with (tiny_lake.landing / "encounters_grows.csv").open("w", encoding="utf-8") as stream:
            for line in lines:
                stream.write(line)
                stream.flush()
                time.sleep(0.3)
                assert latest_run(tiny_lake).number == 1, "A run began while the file was still growing."
        run = _the_second_run(tiny_lake)
        watch.send_signal(signal.SIGTERM)
        said, _ = watch.communicate(timeout=60)
    finally:
        watch.kill()
    assert watch.returncode == 0
    assert (run.status, run.requested_by) == ("succeeded", "watch")
    assert "Arriving: encounters_grows.csv." in said
    assert said.count("Refreshing.") == 1
    assert "run-2 succeeded: Publication 2 is current." in said
    assert said.splitlines()[-1].endswith("Stopped as asked.")


@pytest.mark.slow
def test_told_to_stop_in_the_middle_of_a_run_it_waits_for_its_end(tiny_lake):
    gate = tiny_lake.lake.joinpath("gold", "demographics", "_delta_log", "_last_checkpoint")
    os.mkfifo(gate)
    (tiny_lake.landing / "encounters_late.csv").write_text(ENCOUNTERS.replace("E-", "EW-"), encoding="utf-8")
    command = [sys.executable, "-m", "pipeline", "watch", "--every", "0.1", "--settle", "0.1"]
    watch = subprocess.Popen(command, cwd=REPOSITORY, env=tiny_lake.child_environment(), stdout=subprocess.PIPE, text=True)
    try:
        _wait(lambda: any(task.status == "running" and task.name == "gold.demographics" for task in latest_run(tiny_lake).tasks))
        watch.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert watch.poll() is None
        writer = os.open(gate, os.O_RDWR)
        gate.unlink()
        os.close(writer)
        said, _ = watch.communicate(timeout=60)
    finally:
        watch.kill()
    assert watch.returncode == 0
    assert "run-2 succeeded" in said
    assert latest_run(tiny_lake).status == "succeeded"


def _the_second_run(settings: Settings) -> RunProgress:
    _wait(lambda: latest_run(settings).number == 2 and latest_run(settings).status != "running")
    return latest_run(settings)


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "It did not come true within a minute."
        time.sleep(0.05)
