"""The page of pipeline runs: which run is looked at, its log in words, and how old the newest file of every feed is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from pipeline.governance.audit import read_log
from pipeline.governance.policy import Viewer
from pipeline.refresh.progress import RunProgress, TaskProgress, run_of_number
from pipeline.refresh.run import refresh
from pipeline.serving.runs import pipeline_runs
from pipeline.serving.runs.freshness import feed_freshness, feeds_table, late_sentences
from pipeline.serving.runs.words import facts, history_table, log_table, new_rows, state_counts, stopped_at, task_state

AUDITOR = Viewer("ana", "auditor")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def lake(tiny_lake, monkeypatch):
    monkeypatch.setenv("MEDIPULSE_HOME", str(tiny_lake.home))
    return tiny_lake


def task(name: str, status: str, row_count: int | None = None, seconds: float | None = None) -> TaskProgress:
    return TaskProgress(name, name.capitalize(), status, row_count, seconds, started_at=NOON if status != "skipped" else None)


STOPPED = RunProgress(
    "run-4", 4, "failed", "ada", NOON, NOON + timedelta(seconds=3), "A rule was broken.",
    (task("landing", "succeeded", 2, 0.1), task("bronze.a", "skipped"), task("silver.b", "failed", None, 1.5),
     replace(task("gold.c", "skipped"), is_reached=False)),
)  # fmt: skip


def arrivals(feed: str, *days_ago: float) -> pd.DataFrame:
    times = [pd.Timestamp(NOON - days * DAY).tz_localize(None) for days in days_ago]
    return pd.DataFrame({"feed": feed, "taken_in_at": times, "file_count": 1})


def test_the_newest_run_is_shown_unless_another_one_is_asked_for(lake):
    refresh(lake, requested_by="watch")
    found = pipeline_runs(AUDITOR, None, datetime.now(UTC))
    assert (found.chosen.number, found.chosen.requested_by, found.chosen.status) == (2, "watch", "unchanged")
    assert pipeline_runs(AUDITOR, "1", datetime.now(UTC)).chosen.status == "succeeded"


@pytest.mark.parametrize("asked_for", ["99", "-1", "one", "", "1e3", "²", "9" * 40, "../000001"])
def test_a_run_that_does_not_exist_falls_back_to_the_newest(lake, asked_for):
    assert pipeline_runs(AUDITOR, asked_for, datetime.now(UTC)).chosen.number == 1


def test_without_any_run_on_record_there_is_still_a_page(lake):
    (lake.runs / "000001.jsonl").unlink()
    found = pipeline_runs(AUDITOR, None, datetime.now(UTC))
    assert (found.runs, found.chosen, found.newest) == ((), None, None)


def test_ages_and_lateness_come_from_the_publication_and_the_files(lake):
    now = datetime.now(UTC)
    found = pipeline_runs(Viewer("cleo", "clinician"), None, now)
    assert found.publication_number == 1
    assert timedelta(0) <= found.publication_age < timedelta(minutes=30)
    assert [feed.feed for feed in found.feeds] == [
        "diagnoses", "encounters", "lab_results", "patients", "procedures", "vital_sets",
    ]  # fmt: skip
    assert found.lateness == found.feeds[1].newest_at - datetime(2025, 3, 4, 9, tzinfo=UTC)


def test_reading_the_files_goes_through_the_door(lake):
    pipeline_runs(AUDITOR, None, datetime.now(UTC))
    (line,) = read_log(lake.access_log)
    assert (line["purpose"], line["viewer"], line["tables"][0].partition("@")[0]) == ("Pipeline runs", "ana", "ops.files")


def test_the_log_has_one_sentence_per_event(lake):
    table = log_table(run_of_number(lake, 1))
    said = list(table["What happened"])
    assert said[0] == "The run began. Asked for by test."
    assert said[-1] == "The run ended. Publication 1 is current."
    assert any(line.startswith("Bronze patients: 7 rows in ") for line in said)
    assert len(said) == len(run_of_number(lake, 1).tasks) + 2
    told = dict(zip(said, table["Time (UTC)"], strict=True))
    assert told["Read files of other senders: nothing to do."] == "–"
    assert told[said[0]].count(":") == told[said[-1]].count(":") == 2


def test_a_step_that_was_not_reached_is_told_from_one_with_nothing_to_do():
    assert [task_state(STOPPED, one).word for one in STOPPED.tasks] == ["Done", "Nothing to do", "Stopped", "Not reached"]
    assert state_counts(STOPPED) == "✓ 1 done · – 1 nothing to do · ✕ 1 stopped · – 1 not reached"
    assert list(log_table(STOPPED)["What happened"])[1:] == [
        "Landing: 2 files in 0.10 s.", "Bronze.a: nothing to do.",
        "Silver.b: stopped after 1.50 s. Nothing of the run was published.", "Gold.c: not reached.",
        "The run ended. A rule was broken.",
    ]  # fmt: skip
    assert stopped_at(STOPPED) == "Silver.b"


def test_a_step_that_was_waiting_when_its_process_died_was_not_reached():
    died = replace(STOPPED, tasks=(task("landing", "running"), TaskProgress("gold.c", "Gold c")))
    assert task_state(died, died.tasks[1]).word == "Not reached"


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (task("landing", "succeeded", 1, 0.1), "1 file · 0.10 s"),
        (task("gold.a", "succeeded", 19_927, 0.126), "19,927 rows · 0.13 s"),
        (task("publish", "succeeded", None, 0.2), "0.20 s"),
        (task("gold.a", "kept", 5), "kept · 5 rows"),
        (task("gold.a", "kept"), "kept"),
        (task("gold.a", "running"), "running · 4.00 s"),
        (task("gold.a", "failed", None, 2.0), "stopped · 2.00 s"),
        (task("gold.a", "skipped"), "nothing to do"),
    ],
)
def test_the_facts_of_a_step_are_few_words(one, words):
    run = RunProgress("run-1", 1, "running", "ada", NOON, tasks=(one,))
    assert facts(run, one, NOON + timedelta(seconds=4)) == words


def test_the_history_counts_new_files_and_rows_and_keeps_what_a_run_said():
    row = history_table([STOPPED]).iloc[0]
    assert (row["Run"], row["State"], row["Seconds"], row["New files"], row["New rows"]) == (4, ["✕ Stopped"], 3.0, 2, 0)
    assert (row["Asked for by"], row["What it says"]) == ("ada", "A rule was broken.")


def test_rows_of_bronze_that_were_kept_are_not_new():
    run = replace(STOPPED, tasks=(task("bronze.a", "succeeded", 7), task("bronze.b", "kept", 100), task("gold.c", "succeeded", 50)))
    assert new_rows(run) == 7


def test_a_feed_that_used_to_come_daily_and_stays_away_is_said_in_words():
    feeds = feed_freshness(pd.concat([arrivals("vital_sets", 6, 5, 4, 3), arrivals("patients", 3, 2, 1, 0.2)]), NOON)
    assert late_sentences(feeds) == ["Vital sets used to come about every 24 h; the newest file came 3 days ago."]
    assert list(feeds_table(feeds)["Feed"]) == ["vital sets", "patients"]


@pytest.mark.parametrize(
    ("days_ago", "is_late"),
    [
        ((4, 3, 2), False),
        ((5, 4, 3, 2), False),
        ((5.1, 4.1, 3.1, 2.1), True),
        ((40, 39, 38, 1), False),
        ((0.003, 0.002, 0.001, 0), False),
    ],
)
def test_lateness_needs_a_habit_and_more_than_twice_the_usual_gap(days_ago, is_late):
    assert [feed.is_late for feed in feed_freshness(arrivals("encounters", *days_ago), NOON)] == [is_late]


def test_minutes_without_a_file_are_no_lateness():
    minute = 1 / 1440
    feeds = feed_freshness(arrivals("lab_results", 33 * minute, 32 * minute, 31 * minute, 30 * minute), NOON)
    assert late_sentences(feeds) == []


def test_before_any_file_there_is_no_feed():
    assert feed_freshness(pd.DataFrame({"feed": [], "taken_in_at": [], "file_count": []}), NOON) == ()
