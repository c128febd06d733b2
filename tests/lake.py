"""How tests come by a lake, once for all that only read it, and look into it: past the door, through a second reader."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from deltalake import DeltaTable
from filelock import FileLock

from pipeline.refresh.progress import RunProgress
from pipeline.refresh.run import refresh
from pipeline.settings import Settings, load_settings
from pipeline.sources.synthetic_hospital import generate

OF_ONE_HOME = shutil.ignore_patterns("governance", "refresh.lock", "scratch", "server.log")
"""What a copy of a home begins without."""


def home_at(folder: Path) -> Settings:
    """The settings of a home folder; two threads, like the machine the tests share."""
    return load_settings({"MEDIPULSE_HOME": str(folder), "MEDIPULSE_THREADS": "2"})


def copy_of(lake: Settings, home: Path) -> Settings:
    """The same lake in another home, where it may be changed; nobody has asked for anything there yet."""
    shutil.copytree(lake.home, home, ignore=OF_ONE_HOME, dirs_exist_ok=True)
    return home_at(home)


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Settings], object]) -> Settings:
    """A lake for all tests that only read it. The first process of a run of the tests builds it, and each has a copy."""
    is_one_of_many = "PYTEST_XDIST_WORKER" in os.environ
    of_the_run = factory.getbasetemp().parent if is_one_of_many else factory.getbasetemp()
    built = of_the_run / f"built_{name}"
    with FileLock(of_the_run / f"built_{name}.lock"):
        if not built.exists():
            unfinished = home_at(of_the_run / f"unfinished_{name}")
            build(unfinished)
            unfinished.home.rename(built)
    return copy_of(home_at(built), factory.mktemp(name))


def synthetic_hospital(factory: pytest.TempPathFactory, *, encounters: int, seed: int) -> Settings:
    """So many invented encounters, published, for all tests that only read them."""

    def build(home: Settings) -> None:
        generate(home.landing, encounters=encounters, seed=seed)
        publish_landed(home)

    return built_once(factory, f"synthetic_{encounters}_{seed}", build)


def publish_landed(settings: Settings, *, requested_by: str = "test") -> RunProgress:
    """A refresh on the way to what a test is about: where it does not go through, the test ends in the words of the run."""
    run = refresh(settings, requested_by=requested_by)
    assert run.status == "succeeded", run.message
    return run


def rows_of(settings: Settings, table: str, *, sort_by: list[str] | None = None) -> pd.DataFrame:
    """A table as delta-rs reads it, so that DuckDB never grades itself."""
    frame = DeltaTable(settings.lake.joinpath(*table.split("."))).to_pandas()
    return frame.sort_values(sort_by or list(frame.columns[:2])).reset_index(drop=True)


def versions_of(settings: Settings) -> dict[str, int]:
    """Every Delta table of the lake and its version."""
    folders = sorted(path.parent for path in settings.lake.glob("*/*/_delta_log"))
    return {f"{folder.parent.name}.{folder.name}": DeltaTable(folder).version() for folder in folders}
