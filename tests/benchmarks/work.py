"""The pieces of work that are measured, each run in a process of its own: python -m tests.benchmarks.work NAME ARGS."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from unittest.mock import patch

from pipeline.catalog.contract import feeds, load_contracts
from pipeline.governance import access
from pipeline.governance.audit import AccessEvent, record, record_all
from pipeline.governance.policy import Viewer
from pipeline.lakehouse import reader
from pipeline.lakehouse.duck import PARQUET_OPTIONS, Duck
from pipeline.lakehouse.publication import read_publication
from pipeline.refresh.progress import RunProgress
from pipeline.refresh.run import refresh
from pipeline.serving.command_center import command_center
from pipeline.serving.filters import Filters
from pipeline.serving.patient import find_patient
from pipeline.serving.readmissions import readmissions
from pipeline.serving.readmissions.population import ADULTS
from pipeline.serving.readmissions.waterfall import READMITTED
from pipeline.settings import Settings, load_settings
from pipeline.sources.synthetic_hospital import generate
from tests.benchmarks.batch import hold_out
from tests.benchmarks.measured import peak_mb, report_cost, reset_peak


def generating(home: str, encounters: str) -> dict:
    """The synthetic hospital, raw files only."""
    made = generate(_settings(home).landing, encounters=int(encounters))
    return {"rows": sum(made.line_counts.values()), "bytes": sum(path.stat().st_size for path in made.files)}


def refreshing(home: str) -> dict:
    """Raw files to publication, with the cost of each layer."""
    layers = LayerCosts()
    run = refresh(_settings(home), requested_by="benchmark", listener=layers.listen)
    if run.status != "succeeded":
        raise SystemExit(run.message)
    return layers.costs


def holding_out(home: str, encounters: str) -> dict:
    """Sets the newest encounters aside, to come as a batch."""
    return {"rows": hold_out(_settings(home).landing, Path(home) / "batch", int(encounters))}


def changing(home: str) -> dict:
    """A refresh with the batch that was set aside: from landed files to publication."""
    settings = _settings(home)
    for path in (settings.home / "batch").iterdir():
        path.rename(settings.landing / path.name)
    run = refresh(settings, requested_by="benchmark")
    if run.status != "succeeded":
        raise SystemExit(run.message)
    return {task.name: task.seconds for task in run.tasks if task.seconds}


def rebuilding(home: str) -> dict:
    """Every table anew from bronze."""
    run = refresh(_settings(home), requested_by="benchmark", full=True)
    if run.status != "succeeded":
        raise SystemExit(run.message)
    return {}


def looking(home: str) -> dict:
    """A refresh with nothing new."""
    run = refresh(_settings(home), requested_by="benchmark")
    if run.status != "unchanged":
        raise SystemExit(run.message)
    return {}


def floor(home: str, target: str) -> dict:
    """DuckDB alone: the same raw files as Parquet, then the final rows of every silver and gold table once more."""
    settings, contracts = _settings(home), load_contracts()
    folder = Path(target)
    folder.mkdir(parents=True)
    duck = Duck.for_builds(settings)
    for feed in (feed for feed in feeds(contracts) if list(settings.landing.glob(f"{feed}*.csv"))):
        source = f"read_csv('{settings.landing}/{feed}*.csv', all_varchar = true, header = true, delim = ',', ignore_errors = true)"
        duck.rows(f"copy (select * from {source}) to '{folder}/{feed}.parquet' ({PARQUET_OPTIONS})")
    published = read_publication(settings.publication_file)
    for table, pinned in published.tables.items():
        if table.startswith(("silver.", "gold.")):
            duck.lay_over(table, contracts[table], [file.path for file in pinned.files])
            duck.write_parquet(f"select * from {table}", contracts[table], folder / table)
    return {}


def asking(home: str) -> dict:
    """The data behind each page, as a clinician, and the patient page of many patients: median seconds of one question."""
    os.environ["MEDIPULSE_HOME"] = home
    viewer = Viewer("benchmark", "clinician")
    patients = access.read(viewer, BUSY_PATIENTS, purpose="benchmark")["patient_id"]
    asked = {
        "command center": lambda _: command_center(viewer, Filters()),
        "readmissions": lambda _: readmissions(viewer, Filters(), ADULTS, listed=READMITTED),
        "patient": lambda number: find_patient(viewer, number),
    }
    with nothing_kept():
        return {page: _median_seconds(ask, patients) for page, ask in asked.items()}


def auditing(home: str) -> dict:
    """What the access log adds to pages: with and without it by turns, and one record alone as against a line of a plain table."""
    os.environ["MEDIPULSE_HOME"] = home
    viewer, settings = Viewer("benchmark", "clinician"), _settings(home)
    patients = list(access.read(viewer, BUSY_PATIENTS, purpose="benchmark")["patient_id"])
    pages = {
        "command center": lambda _: command_center(viewer, Filters()),
        "patient": lambda number: find_patient(viewer, number),
    }
    costs = {}
    for page, ask in pages.items():
        with_log, without = [], []
        for number in patients:
            with nothing_kept():
                with_log.append(_median_seconds(ask, [number]))
                with patch.object(access, "record_all", lambda *_: None):
                    without.append(_median_seconds(ask, [number]))
        costs[page], costs[f"{page} unlogged"] = statistics.median(with_log), statistics.median(without)
    one = AccessEvent(viewer="benchmark", role="clinician", action="read", purpose="benchmark", outcome="allowed")
    costs["one record"] = _median_seconds(lambda _: record(settings, one), patients)
    costs["ten records together"] = _median_seconds(lambda _: record_all(settings, [one] * 10), patients)
    return costs


def nothing_kept() -> AbstractContextManager:
    """Inside, every question is computed, as for the first who asks it."""
    return patch.object(reader, "LARGEST_KEPT_BYTES", -1)


BUSY_PATIENTS = """
select patient_id from gold.index_stays group by patient_id order by count(*) desc, patient_id limit 20
"""


def _median_seconds(ask: Callable[[str], object], patients: Iterable[str]) -> float:
    seconds = []
    for number in patients:
        began = time.perf_counter()
        ask(number)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def scoring_stays() -> dict:
    """One million stays through a compiled model."""
    from tests.benchmarks.scoring import scoring  # scikit-learn, which no other piece of work should carry

    return scoring()


def viewers(home: str) -> dict:
    """Fifty viewers of the command center at once."""
    from tests.benchmarks.viewers import viewers as seated  # Streamlit, which no other piece of work should carry

    return seated(home)


class LayerCosts:
    """Listens to a run and adds up, per layer, seconds, rows, CPU and the peak of memory."""

    def __init__(self) -> None:
        self.costs: dict[str, dict] = {}
        self._cpu, self._wall, self._done = time.process_time(), time.perf_counter(), 0

    def listen(self, run: RunProgress) -> None:
        done = [task for task in run.tasks if task.status in ("succeeded", "failed")]
        if len(done) <= self._done:
            return
        self._done = len(done)
        self._add(done, run)

    def _add(self, done: list, run: RunProgress) -> None:
        running_last = max(done, key=lambda task: run.tasks.index(task))
        name = running_last.name
        layer = name.split(".")[0] if "." in name else "other"
        cost = self.costs.setdefault(layer, {"wall_seconds": 0.0, "cpu_seconds": 0.0, "rows": 0, "peak_mb": 0.0})
        cpu, wall = time.process_time(), time.perf_counter()
        cost["cpu_seconds"] += cpu - self._cpu
        cost["wall_seconds"] += wall - self._wall
        cost["rows"] += (running_last.row_count or 0) if "._" not in name and layer != "other" else 0
        cost["peak_mb"] = max(cost["peak_mb"], peak_mb())
        reset_peak()
        self._cpu, self._wall = cpu, wall


def _settings(home: str) -> Settings:
    return load_settings({"MEDIPULSE_HOME": home})


if __name__ == "__main__":
    pieces = (generating, holding_out, refreshing, changing, rebuilding, looking, floor, asking, scoring_stays, auditing, viewers)
    WORK = {work.__name__: work for work in pieces}
    report_cost(lambda: WORK[sys.argv[1]](*sys.argv[2:]))
