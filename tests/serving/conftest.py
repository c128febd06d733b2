"""A small invented hospital, published once, and a way to read it as a viewer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pipeline.catalog.contract import load_contracts
from pipeline.governance.policy import Viewer
from pipeline.lakehouse.delta import DeltaFolder
from pipeline.lakehouse.duck import Duck
from pipeline.serving.command_center import CommandCenter, command_center
from pipeline.serving.filters import Filters
from pipeline.settings import Settings
from tests.lake import synthetic_hospital

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def small_hospital(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """3,000 encounters: many cells with one encounter, some months of every site."""
    return synthetic_hospital(tmp_path_factory, encounters=3_000, seed=7)


@pytest.fixture
def read_as(small_hospital: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., CommandCenter]:
    """The command center of a role at noon."""
    monkeypatch.setenv("MEDIPULSE_HOME", str(small_hospital.home))

    def read(role: str = "clinician", **filters: str) -> CommandCenter:
        return command_center(Viewer("test", role), Filters(**filters), NOON)

    return read


@pytest.fixture
def duck_over() -> Callable[..., Duck]:
    """An engine with the newest version of some tables of a lake: duck_over(settings, "ops.runs")."""

    def opened(settings: Settings, *tables: str) -> Duck:
        duck = Duck.for_people(settings.lake, 1)
        for table in tables:
            contract = load_contracts()[table]
            current = DeltaFolder(settings.lake.joinpath(*table.split(".")), contract).current()
            duck.lay_over(table, contract, [file.path for file in current.files])
        return duck

    return opened
