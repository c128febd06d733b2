"""The graph of a run: rows by layer, lines from what is read to what reads it, nothing upon anything else."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from pipeline.refresh.progress import RunProgress, TaskProgress, run_of_number
from pipeline.serving.charts.run_durations import run_durations
from pipeline.serving.charts.run_graph import run_graph
from pipeline.serving.charts.run_timeline import run_timeline
from pipeline.serving.runs.graph import MOST_IN_A_ROW, graph
from pipeline.serving.theme import STATE_STYLES, palette


@pytest.fixture(scope="module")
def run(shared_tiny_lake) -> RunProgress:
    """The run that published the tiny hospital."""
    return run_of_number(shared_tiny_lake, 1)


def step(name: str, *needs: str, status: str = "succeeded") -> TaskProgress:
    return TaskProgress(name, name, status, needs=needs)


def test_every_step_has_one_place_below_all_that_it_waits_for(run):
    row = {node.task.name: node.y for node in graph(run.tasks).nodes}
    assert len(row) == len(run.tasks)
    assert all(row[need] < row[task.name] for task in run.tasks for need in task.needs)


def test_no_box_lies_on_another_and_none_leaves_the_picture(run):
    drawn = graph(run.tasks)
    same_row = [(a, b) for a, b in combinations(drawn.nodes, 2) if a.y == b.y]
    assert all(abs(a.x - b.x) > 0.999 for a, b in same_row)
    assert all(0.499 <= node.x <= drawn.width - 0.499 for node in drawn.nodes)


def test_layers_follow_each_other_and_share_no_row(run):
    bands = graph(run.tasks).bands
    assert [band.title for band in bands] == ["Files", "Bronze", "Read", "Silver", "Gold", "Publish"]
    assert [band.first_row for band in bands[1:]] == [band.last_row + 1 for band in bands[:-1]]


def test_a_line_that_follows_from_two_others_is_left_out():
    drawn = graph([step("landing"), step("silver.a", "landing"), step("gold.b", "silver.a", "landing")])
    assert [(line.source, line.target) for line in drawn.lines] == [("landing", "silver.a"), ("silver.a", "gold.b")]


def test_what_a_step_waits_for_is_reached_by_lines(run):
    above: dict[str, set[str]] = {}
    for task in run.tasks:
        direct = {line.source for line in graph(run.tasks).lines if line.target == task.name}
        above[task.name] = direct.union(*(above[name] for name in direct))
    assert all(set(task.needs) <= above[task.name] for task in run.tasks)


def test_a_line_over_several_rows_goes_through_a_gap_between_boxes():
    tasks = [step("landing"), *(step(f"silver.{letter}") for letter in "abc"), step("gold.far", "landing")]
    drawn = graph(tasks)
    (line,) = drawn.lines
    assert [row for _, row in line.points] == [0, 1, 2]
    gap = line.points[1][0]
    assert all(abs(node.x - gap) > 0.55 for node in drawn.nodes if node.y == 1)


def test_a_row_that_would_be_too_wide_is_shared_out():
    drawn = graph([step(f"gold.t{number}") for number in range(MOST_IN_A_ROW + 1)])
    assert drawn.row_count == 2
    assert drawn.width <= MOST_IN_A_ROW


def test_steps_of_an_older_run_without_needs_still_have_their_rows():
    drawn = graph([step("landing"), step("bronze.a"), step("gold.b"), step("publish")])
    assert [(node.task.name, node.y) for node in drawn.nodes] == [("landing", 0), ("bronze.a", 1), ("gold.b", 2), ("publish", 3)]
    assert drawn.lines == ()


@pytest.mark.parametrize("status", ["waiting", "running", "succeeded", "kept", "skipped", "failed"])
def test_a_state_is_a_sign_and_a_word_in_its_box_and_a_word_when_pointed_at(run, status):
    one = RunProgress("run-9", 9, "running", "test", run.started_at, tasks=(step("gold.stays", status=status),))
    figure = run_graph(one, "light", run.finished_at)
    words = figure["layout"]["annotations"][-1]["text"]
    assert STATE_STYLES[status].sign in words
    assert "Stays" in words
    assert STATE_STYLES[status].word in figure["data"][0]["customdata"][0]


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_a_step_that_stopped_is_marked_and_so_is_the_way_to_it(run, appearance):
    tasks = (step("landing"), step("bronze.a", "landing", status="failed"))
    stopped = RunProgress("r", 1, "failed", "t", run.started_at, tasks=tasks)
    shapes = run_graph(stopped, appearance, run.finished_at)["layout"]["shapes"]
    red = palette(appearance).high
    assert [shape["line"]["color"] for shape in shapes].count(red) == 2


def test_the_timeline_has_one_bar_per_step_that_ran_where_the_clock_says(run):
    bars = run_timeline(run, "light", run.finished_at)["data"][0]
    ran = [task for task in run.tasks if task.started_at]
    assert len(bars["base"]) == len(ran) > 30
    assert bars["base"] == sorted(bars["base"])
    assert bars["base"][0] == pytest.approx((ran[0].started_at - run.started_at).total_seconds())
    assert bars["x"] == [task.seconds for task in ran]


def test_durations_name_the_runs_that_stopped_by_a_sign(run):
    runs = (replace(run, number=2, status="failed"), run)
    figure = run_durations(runs, "light")
    assert figure["layout"]["xaxis"]["ticktext"] == ["1", "2"]
    assert [one["text"].count("✕") for one in figure["layout"]["annotations"]] == [1]
