"""The life of a model in MLflow: training runs, versions, the aliases `champion` and `challenger`. The only importer of mlflow.

By default a SQLite database and a folder of artifacts in the home; any tracking server where MLFLOW_TRACKING_URI names one.
Loading it takes seconds, so only commands about models import this file, and never a page.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from pipeline.errors import ModelRefused
from pipeline.model.evaluation import Evaluation, evaluation_from_json
from pipeline.model.logged import LoggedRun
from pipeline.model.specification import Specification, from_json
from pipeline.settings import Settings, keep_mlflow_at_home

keep_mlflow_at_home()

import mlflow  # noqa: E402  what it sends and where it looks is decided while it is imported
from mlflow.entities import Metric, Param, RunTag  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402

MODEL_NAME = "readmission_30_day"
CHAMPION, CHALLENGER, RETIRED = "champion", "challenger", "retired"
MOST_PER_CALL = 100
"""Parameters that one call of MLflow takes."""

LOCK_WAIT_SECONDS = 120
"""A new database takes up to ten seconds to make, and of two processes making one, one would fail."""


@dataclass(frozen=True)
class ModelVersion:
    """One version of the model: when it was trained, what it is now, and its figures.

    state: champion, challenger, retired, or empty. was_champion: whether it ever was, so that it can be rolled back to.
    """

    number: int
    run_id: str
    trained_at: datetime
    state: str
    was_champion: bool
    tags: Mapping[str, str]


class Registry:
    """Opens, or makes, the registry of a home."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.mlflow
        self._uri = settings.tracking_uri or f"sqlite:///{settings.mlflow / 'mlflow.db'}"
        self._is_local = settings.tracking_uri is None
        self._folder.mkdir(parents=True, exist_ok=True)
        mlflow.set_tracking_uri(self._uri)
        mlflow.set_registry_uri(self._uri)
        with FileLock(self._folder / "making.lock", timeout=LOCK_WAIT_SECONDS):
            self._client = mlflow.MlflowClient(self._uri, self._uri)
            self._client.search_experiments(max_results=1)

    @property
    def address(self) -> str:
        """What `mlflow ui --backend-store-uri` opens."""
        return self._uri

    @contextmanager
    def deciding(self) -> Iterator[None]:
        """The right to give and take aliases, one process at a time."""
        with FileLock(self._folder / "deciding.lock", timeout=LOCK_WAIT_SECONDS):
            yield

    def log(self, run: LoggedRun) -> str:
        """Keeps one training run: parameters, figures, tags, plots, evaluation, specification and model. Returns its id."""
        created = self._client.create_run(self._experiment(run.experiment), run_name=run.name).info.run_id
        at = int(datetime.now(UTC).timestamp() * 1000)
        parameters = [Param(name, value) for name, value in run.parameters.items()]
        for first in range(0, len(parameters), MOST_PER_CALL):
            self._client.log_batch(created, params=parameters[first : first + MOST_PER_CALL])
        self._client.log_batch(
            created,
            metrics=[Metric(name, value, at, 0) for name, value in run.figures.items()],
            tags=[RunTag(name, value) for name, value in run.tags.items()],
        )
        with tempfile.TemporaryDirectory(prefix="medipulse-run-") as folder:
            run.write_files(Path(folder))
            self._client.log_artifacts(created, folder)
            self._log_model(created, run, Path(folder))
        self._client.set_terminated(created)
        return created

    def register(self, run_id: str, tags: Mapping[str, str]) -> ModelVersion:
        """Makes the model of a run the next version and the challenger."""
        with self.deciding():
            try:
                self._client.create_registered_model(MODEL_NAME, description="30-day unplanned readmission, additive")
            except MlflowException:
                self._client.get_registered_model(MODEL_NAME)
            source = self._client.get_run(run_id).outputs.model_outputs[0].model_id
            made = self._client.create_model_version(MODEL_NAME, f"models:/{source}", run_id=run_id, tags=dict(tags))
            self._client.set_registered_model_alias(MODEL_NAME, CHALLENGER, made.version)
        return self.version(int(made.version))

    def versions(self) -> tuple[ModelVersion, ...]:
        """Every version, the newest first."""
        try:
            aliases = self._client.get_registered_model(MODEL_NAME).aliases
        except MlflowException:
            return ()
        found = self._client.search_model_versions(f"name='{MODEL_NAME}'")
        numbered = sorted(found, key=lambda version: -int(version.version))
        return tuple(
            _version(version, [name for name, number in aliases.items() if number == version.version]) for version in numbered
        )

    def version(self, number: int) -> ModelVersion:
        """One version. Raises ModelRefused for one that does not exist."""
        found = [version for version in self.versions() if version.number == number]
        if not found:
            raise ModelRefused(f"There is no version {number} of the model. See: python -m pipeline models")
        return found[0]

    def champion(self) -> ModelVersion | None:
        """The version whose alias is champion."""
        return next((version for version in self.versions() if version.state == CHAMPION), None)

    def evaluation(self, version: ModelVersion) -> Evaluation:
        """What was found when the version was trained."""
        return evaluation_from_json(self._text(version, "evaluation.json"))

    def specification(self, version: ModelVersion) -> Specification:
        """The model itself."""
        return from_json(self._text(version, "specification.json"))

    def crown(self, version: ModelVersion) -> None:
        """Gives the version the alias champion, in the place of any other."""
        self._client.set_model_version_tag(MODEL_NAME, str(version.number), "was_champion", "yes")
        self._client.delete_model_version_tag(MODEL_NAME, str(version.number), "retired_at")
        self._client.set_registered_model_alias(MODEL_NAME, CHAMPION, str(version.number))
        if self._aliases().get(CHALLENGER) == version.number:
            self._client.delete_registered_model_alias(MODEL_NAME, CHALLENGER)

    def retire(self, version: ModelVersion) -> None:
        """Takes the version's aliases and says since when it is retired."""
        for alias in (CHAMPION, CHALLENGER):
            if self._aliases().get(alias) == version.number:
                self._client.delete_registered_model_alias(MODEL_NAME, alias)
        self.tag(version, {"retired_at": datetime.now(UTC).isoformat(timespec="seconds")})

    def tag(self, version: ModelVersion, tags: Mapping[str, str]) -> None:
        """Says something more about a version."""
        for name, value in tags.items():
            self._client.set_model_version_tag(MODEL_NAME, str(version.number), name, value)

    def _aliases(self) -> dict[str, int] | None:
        """The version of each alias, None before the first version. MLflow says numbers or texts, by what keeps them."""
        try:
            return {name: int(number) for name, number in self._client.get_registered_model(MODEL_NAME).aliases.items()}
        except MlflowException:
            return None

    def _experiment(self, name: str) -> str:
        with FileLock(self._folder / "making.lock", timeout=LOCK_WAIT_SECONDS):
            known = self._client.get_experiment_by_name(name)
            if known is not None:
                return known.experiment_id
            place = (self._folder / "artifacts").as_uri() if self._is_local else None
            return self._client.create_experiment(name, artifact_location=place)

    def _log_model(self, run_id: str, run: LoggedRun, folder: Path) -> None:
        """As a Python function over the specification's text: no pickle, nothing of scikit-learn is needed to load it."""
        with warnings.catch_warnings(), mlflow.start_run(run_id=run_id, nested=True):
            warnings.simplefilter("ignore")  # of what MLflow looks for on this machine and does not need
            mlflow.pyfunc.log_model(
                name="model",
                python_model=str(Path(__file__).with_name("served_model.py")),
                artifacts={"specification": str(folder / "specification.json")},
                code_paths=[str(run.write_code(folder / "code"))],
                signature=mlflow.models.infer_signature(run.example, run.specification.probabilities(run.example)),
                input_example=run.example,
                pip_requirements=run.requirements,
            )

    def _text(self, version: ModelVersion, name: str) -> str:
        with tempfile.TemporaryDirectory(prefix="medipulse-model-") as folder:
            try:
                return Path(self._client.download_artifacts(version.run_id, name, folder)).read_text(encoding="utf-8")
            except (MlflowException, OSError) as gone:
                raise ModelRefused(f"{name} of version {version.number} is gone from {self._uri}. Train again.") from gone


def _version(version: mlflow.entities.model_registry.ModelVersion, aliases: set[str]) -> ModelVersion:
    state = next((alias for alias in (CHAMPION, CHALLENGER) if alias in aliases), "")
    return ModelVersion(
        number=int(version.version),
        run_id=version.run_id,
        trained_at=datetime.fromtimestamp(version.creation_timestamp / 1000, UTC),
        state=state or (RETIRED if "retired_at" in version.tags else ""),
        was_champion="was_champion" in version.tags,
        tags=version.tags,
    )
