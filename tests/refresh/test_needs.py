"""A run says which of its steps waits for which, and when each began; files of older runs are still read."""

from __future__ import annotations

import json
import time

from pipeline.refresh.progress import RunLog, recent_runs, run_of_number
from pipeline.refresh.run import refresh


def test_every_step_of_a_real_run_waits_for_what_its_select_reads(tiny_lake):
    needs = {task.name: task.needs for task in run_of_number(tiny_lake, 1).tasks}
    assert needs["bronze.patients"] == ("landing", "bronze.foreign_files")
    assert needs["typed.patients"] == ("bronze.patients",)
    assert set(needs["silver.patients"]) == {"typed.patients", "silver.repeated_rows"}
    assert "gold.index_stays" in needs["gold.readmission_rates"]
    assert needs["publish"] == ("ledger",)
    assert {name for name, found in needs.items() if not found} == {"landing"}


def test_intermediate_tables_are_looked_through(tiny_lake):
    needs = {task.name: task.needs for task in run_of_number(tiny_lake, 1).tasks}
    assert set(needs["gold.stay_scores"]) == {"gold.stay_facts", "gold.encounter_risks"}
    assert not any("._" in name for found in needs.values() for name in found)


def test_each_step_that_ran_knows_when_it_began(tiny_lake):
    run = run_of_number(tiny_lake, 1)
    began = [task.started_at for task in run.tasks if task.status == "succeeded"]
    assert began == sorted(began)
    assert run.started_at <= began[0] <= began[-1] <= run.finished_at


def test_the_file_of_an_older_run_lacks_needs_and_times_and_is_read(settings):
    settings.runs.mkdir(parents=True)
    events = [
        {"event": "run_started", "run_id": "run-1", "requested_by": "ada", "at": "2026-11-23T08:00:00+00:00"},
        {"event": "tasks_planned", "tasks": [["landing", "Look at new files"]]},
        {"event": "task_changed", "task": "landing", "status": "running"},
        {"event": "task_changed", "task": "landing", "status": "succeeded", "row_count": 2, "seconds": 0.5},
        {"event": "run_finished", "status": "unchanged", "message": "", "at": "2026-11-23T08:00:01+00:00"},
    ]
    (settings.runs / "000001.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    task = run_of_number(settings, 1).tasks[0]
    assert (task.status, task.row_count, task.needs, task.started_at) == ("succeeded", 2, (), None)


def test_recent_runs_come_newest_first_and_an_old_one_without_an_end_has_failed(settings):
    RunLog(settings, "one")
    RunLog(settings, "two").finish("unchanged", "Nothing new.")
    runs = recent_runs(settings, 10)
    assert [(run.requested_by, run.status) for run in runs] == [("two", "unchanged"), ("one", "failed")]
    assert "process is gone" in runs[1].message
    assert [run.number for run in recent_runs(settings, 1)] == [2]


def test_a_run_that_fails_stays_in_the_history(tiny_lake):
    newest = max(tiny_lake.lake.glob("silver/encounters/_delta_log/*.json"))
    newest.write_bytes(newest.read_bytes()[:100])
    refresh(tiny_lake, requested_by="test", full=True)
    assert [(run.number, run.status) for run in recent_runs(tiny_lake, 10)] == [(2, "failed"), (1, "succeeded")]


def test_a_step_in_two_parts_keeps_its_start_and_its_rows_and_its_seconds_add_up(settings):
    log = RunLog(settings, "test")
    log.plan([("gold.b", "B")])
    with log.task("gold.b") as counted:
        counted(7)
    first = run_of_number(settings, 1).tasks[0]
    with log.task("gold.b"):
        time.sleep(0.02)
    both = run_of_number(settings, 1).tasks[0]
    assert (both.started_at, both.row_count) == (first.started_at, 7)
    assert both.seconds >= first.seconds + 0.02


def test_what_a_run_that_stopped_did_not_come_to_is_told_from_what_had_nothing_to_do(settings):
    log = RunLog(settings, "test")
    log.plan([("landing", "Look"), ("bronze.a", "A"), ("gold.b", "B")])
    log.skip("bronze.a")
    log.finish("failed", "Stopped.")
    reached = {task.name: (task.status, task.is_reached) for task in run_of_number(settings, 1).tasks}
    assert reached == {"landing": ("skipped", False), "bronze.a": ("skipped", True), "gold.b": ("skipped", False)}


def test_a_run_that_never_was_is_none(settings):
    assert run_of_number(settings, 7) is None
