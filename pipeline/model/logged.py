"""What of a training is kept: its parameters with every clinical threshold, its figures, its files. Knows no MLflow."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from pipeline.catalog.contract import load_contracts
from pipeline.catalog.reference import reference_rows
from pipeline.model.card import card_as_markdown
from pipeline.model.evaluation import Evaluation, Interval, Measures
from pipeline.model.plots import plots
from pipeline.model.specification import CATEGORY, Specification
from pipeline.settings import REFERENCE, REPOSITORY

THRESHOLDS = (
    "readmission_limits", "instability_limits", "lace_points", "lace_age_cuts", "lace_classes", "hospital_points",
    "hospital_classes", "news2_points", "news2_classes", "risk_rule", "qsofa_limits", "shock_index_limits", "age_groups",
    "charlson_weights",
)  # fmt: skip
"""The code lists whose rows are clinical cut-offs and points; the long ones are kept as files and by their hash."""

LONGEST_PARAMETER = 500
"""Characters of one parameter of MLflow that every tracking server takes."""

CODE = ("__init__.py", "errors.py", "settings.py", "model/__init__.py", "model/specification.py")
"""Of the package, what scoring from the specification needs."""


@dataclass(frozen=True)
class LoggedRun:
    """One training as it is kept. experiment: whose stays it was fitted on."""

    experiment: str
    name: str
    specification: Specification
    evaluation: Evaluation
    tags: Mapping[str, str]

    @property
    def parameters(self) -> dict[str, str]:
        """How it was trained, and every clinical threshold that its features and labels rest on."""
        trained = {name: str(value) for name, value in self.evaluation.parameters.items()}
        return {name: value[:LONGEST_PARAMETER] for name, value in (trained | clinical_thresholds()).items()}

    @property
    def figures(self) -> dict[str, float]:
        """Every measure of every model, with the ends of its interval."""
        return dict(_figures(self.evaluation))

    @property
    def example(self) -> pd.DataFrame:
        """Golden rows, which belong to no patient, with every number as a float: MLflow refuses an integer for one."""
        rows = pd.DataFrame([row.values for row in self.specification.golden_rows[:5]])
        texts = {term.feature for term in self.specification.terms if term.kind == CATEGORY}
        return rows.astype({name: "object" if name in texts else "float64" for name in rows.columns})

    @property
    def requirements(self) -> list[str]:
        """What loading the model needs: named here, since finding it out takes MLflow half a minute."""
        pinned = (
            line.partition("#")[0].strip() for line in (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").splitlines()
        )
        return [line for line in pinned if line.partition("==")[0] in ("numpy", "pandas", "mlflow")]

    def write_files(self, folder: Path) -> None:
        """specification.json, evaluation.json, the model card, the plots and the code lists."""
        (folder / "specification.json").write_text(self.specification.to_json(), encoding="utf-8")
        (folder / "evaluation.json").write_text(self.evaluation.to_json(), encoding="utf-8")
        (folder / "model_card.md").write_text(card_as_markdown(self.evaluation, self.specification, self.tags), encoding="utf-8")
        for name, picture in plots(self.evaluation).items():
            (folder / f"{name}.png").write_bytes(picture)
        shutil.copytree(REFERENCE, folder / "reference")

    def write_code(self, folder: Path) -> Path:
        """The part of the package that scores, to travel with the model. Returns its folder."""
        for name in CODE:
            (folder / "pipeline" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / "pipeline" / name, folder / "pipeline" / name)
        return folder / "pipeline"


def clinical_thresholds() -> dict[str, str]:
    """Every cut-off, one parameter for each row of its code list, and the hash of each list that is no cut-off."""
    found = {}
    for name in THRESHOLDS:
        key = load_contracts()[f"reference.{name}"].key
        for row in reference_rows(name):
            facts = ", ".join(f"{column} {value}" for column, value in row.items() if column not in (*key, "source"))
            found[f"{name}.{'.'.join(_plain(row[column]) for column in key)}"] = facts or "listed"
    others = sorted(path for path in REFERENCE.glob("*.csv") if path.stem not in THRESHOLDS)
    return found | {f"{path.stem}.sha256": hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in others}


def code_version() -> str:
    """The commit of the checkout, with a plus where files differ from it; `unknown` outside of one."""
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        return f"{commit}+" if _git("status", "--porcelain", "--untracked-files=no") else commit
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def libraries_hash() -> str:
    """Of the pinned libraries."""
    return hashlib.sha256((REPOSITORY / "requirements.txt").read_bytes()).hexdigest()[:16]


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _plain(text: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in text)


def _figures(evaluation: Evaluation) -> Iterator[tuple[str, float]]:
    for model in evaluation.models:
        for split in ("grouped", "temporal", "temporal_unseen"):
            measures = getattr(model, split)
            if measures is not None:
                yield from _measures(f"{model.name}.{split}", measures)


def _measures(name: str, measures: Measures) -> Iterator[tuple[str, float]]:
    for field in fields(measures):
        measured = getattr(measures, field.name)
        if isinstance(measured, Interval):
            yield f"{name}.{field.name}", measured.value
            yield f"{name}.{field.name}.low", measured.low
            yield f"{name}.{field.name}.high", measured.high
        elif measured is not None:
            yield f"{name}.{field.name}", float(measured)
