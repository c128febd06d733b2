"""The registry is a real MLflow on SQLite: what goes in comes out, aliases move, and two processes spoil nothing."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.errors import ModelRefused
from pipeline.model.evaluation import Evaluation
from pipeline.model.logged import LoggedRun, clinical_thresholds
from pipeline.settings import REPOSITORY, Settings, load_settings
from tests.model.evaluations import evaluation
from tests.model.test_specification import MODEL

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Settings:
    return load_settings({"MEDIPULSE_HOME": str(tmp_path_factory.mktemp("registry"))})


@pytest.fixture(scope="module")
def registry(home):
    from pipeline.model.registry import Registry

    return Registry(home)


@pytest.fixture(scope="module")
def first(registry):
    """A version that was trained, logged and registered."""
    return registry.register(registry.log(logged(evaluation())), {"judged_beside": "none"})


def logged(found: Evaluation) -> LoggedRun:
    return LoggedRun("readmission_30_day", "a training", MODEL, found, {"requested_by": "R. Steward"})


def test_a_version_is_the_challenger_and_comes_back_as_it_was_trained(registry, first):
    assert (first.state, first.was_champion) == ("challenger", False)
    assert registry.specification(first) == MODEL
    assert registry.evaluation(first) == evaluation()


def test_the_run_keeps_parameters_thresholds_figures_plots_and_card(registry, first):
    run = registry._client.get_run(first.run_id)
    assert run.data.params["learning_rate"] == "0.05"
    assert run.data.params["readmission_limits.return window"].startswith("limit_value 30")
    assert set(clinical_thresholds()) <= set(run.data.params)
    assert run.data.metrics["additive.temporal.slope.low"] == pytest.approx(0.96)
    kept = {file.path for file in registry._client.list_artifacts(first.run_id)}
    assert {"model_card.md", "calibration.png", "net_benefit.png", "alert_budget.png", "subgroups.png", "reference"} <= kept


def test_mlflow_itself_loads_the_model_and_scores_as_the_specification_does(registry, first):
    import mlflow

    stays = logged(evaluation()).example
    model = mlflow.pyfunc.load_model(f"models:/readmission_30_day/{first.number}")
    assert model.predict(stays) == pytest.approx(MODEL.probabilities(stays))


def test_the_crown_moves_and_the_past_champion_is_remembered(registry, first):
    second = registry.register(first.run_id, {})
    registry.crown(first)
    registry.crown(registry.version(second.number))
    assert registry.champion().number == second.number
    assert registry.version(first.number).was_champion
    registry.retire(registry.version(second.number))
    assert registry.champion() is None
    assert registry.version(second.number).state == "retired"


def test_a_version_that_does_not_exist_is_refused_in_words(registry, first):
    with pytest.raises(ModelRefused, match="no version 99"):
        registry.version(99)


def test_two_processes_on_a_new_home_make_one_registry(tmp_path):
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: _registers(tmp_path), range(2)))
    assert [one.returncode for one in done] == [0, 0], done[0].stderr[-2000:] + done[1].stderr[-2000:]
    assert sorted(one.stdout.split()[-1] for one in done) == ["1", "2"]


def _registers(home: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "tests.model.registering", str(home)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
