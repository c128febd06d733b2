"""A run is followed by its layers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pages.frame.run_steps import done_share, run_sentence, steps
from pipeline.refresh.progress import RunProgress, TaskProgress

TASKS = (
    TaskProgress("landing", "Look at new files", "succeeded", 3, 0.1),
    TaskProgress("bronze.patients", "Bronze patients", "succeeded", 7, 0.2),
    TaskProgress("bronze.encounters", "Bronze encounters", "running", None, None),
    TaskProgress("typed.patients", "Read patients"),
    TaskProgress("gold.demographics", "Gold demographics"),
    TaskProgress("publish", "Publish"),
)


def run(status: str, *, message: str = "", tasks: tuple[TaskProgress, ...] = TASKS) -> RunProgress:
    return RunProgress("run-4", 4, status, "test", datetime(2026, 11, 23, tzinfo=UTC), message=message, tasks=tasks)


def test_tasks_are_gathered_by_layer_in_the_order_of_the_run():
    found = [(step.title, step.status, step.row_count) for step in steps(TASKS)]
    assert found == [
        ("Files", "succeeded", 3), ("Bronze", "running", 7), ("Read", "waiting", None),
        ("Gold", "waiting", None), ("Publish", "waiting", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [(("succeeded", "failed", "skipped"), "failed"), (("succeeded", "waiting"), "running"), (("skipped", "skipped"), "skipped")],
)
def test_a_layer_is_as_far_as_its_tasks(statuses, expected):
    tasks = tuple(TaskProgress(f"gold.t{place}", "t", status) for place, status in enumerate(statuses))
    assert steps(tasks)[0].status == expected


def test_the_bar_counts_settled_tasks():
    assert done_share(run("running")) == pytest.approx(1 / 3)
    assert done_share(run("running", tasks=())) == 0


@pytest.mark.parametrize(
    ("status", "words"),
    [("running", "Bronze encounters"), ("succeeded", "is done"), ("unchanged", "nothing new"), ("failed", "last good data")],
)
def test_the_sentence_says_where_the_run_is(status, words):
    assert words in run_sentence(run(status))
