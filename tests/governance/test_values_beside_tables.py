"""What the program writes beside the tables, for engineers, auditors and other programs, holds no value of a patient's row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.catalog.contract import load_contracts
from pipeline.errors import MediPulseError
from pipeline.governance.access import read, record_action
from pipeline.governance.audit import read_log
from pipeline.governance.break_glass import break_glass
from pipeline.governance.mirror import mirror
from pipeline.governance.policy import Viewer, load_policy
from pipeline.governance.verify import verify
from pipeline.refresh.hand_over import hand_over
from pipeline.refresh.run import refresh
from pipeline.settings import Settings
from tests.governance.attacks_on_values import VALUES_IN_ERRORS
from tests.lake import copy_of, rows_of

VALUES = (b"P-ada", b"P-cy", b"P-nobody", b"E-ada", b"E-cut", b"Ash", b"Elm", b"1950-02-28", b"1980-13-01", b"12345", b"stones")
"""Of the tiny hospital, those of its refused lines too."""

NURSE = Viewer("nina", "triage_nurse", sites=("North",), wards=("Cardiology",), opened=("P-cy",))


def use_everything(settings: Settings) -> None:
    """Every role reads all that it may and some that fails; a nurse breaks the glass; a full rebuild is told to a catalogue."""
    break_glass(NURSE, "P-cy", "was sent up from the clinic", settings)
    for viewer in (*(Viewer("eve", role) for role in load_policy().roles), NURSE):
        for name, contract in load_contracts().items():
            if load_policy().may_read(viewer.role, name) and not contract.is_intermediate:
                read(viewer, f"select * from {name}", purpose="test", settings=settings)
        for sql in (*VALUES_IN_ERRORS, "select * from silver.nothing", "select given_name from silver.patients where true"):
            with suppress(MediPulseError):
                read(viewer, sql, purpose="test", settings=settings)
        with suppress(MediPulseError):
            record_action(viewer, "export", "test", settings)
    asked = {"patient_id": "P-cy"}
    read(NURSE, "select * from silver.patients where patient_id = $patient_id", asked, purpose="test", settings=settings)
    refresh(settings, requested_by="test", full=True)
    hand_over(settings)


def holding(files: Iterator[Path]) -> dict[str, list[bytes]]:
    found = {str(file): [value for value in VALUES if value in file.read_bytes()] for file in files if file.is_file()}
    return {name: values for name, values in found.items() if values}


def beside_the_tables(settings: Settings) -> Iterator[Path]:
    tables = (settings.landing, *(settings.lake / layer for layer in ("bronze", "silver", "gold", "ops")))
    return (file for file in settings.home.rglob("*") if not any(file.is_relative_to(folder) for folder in tables))


@pytest.fixture(scope="module")
def used(shared_tiny_lake: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The tiny hospital after all this, with a log of its own."""
    settings = copy_of(shared_tiny_lake, tmp_path_factory.mktemp("used"))
    use_everything(settings)
    return settings


def test_no_log_event_or_index_holds_a_value_of_a_row(used):
    assert {"access_log.sqlite", "openlineage.ndjson", "publication.json"} <= {file.name for file in beside_the_tables(used)}
    assert holding(beside_the_tables(used)) == {}


def test_the_search_finds_what_is_there(used):
    assert {value for values in holding(used.landing.rglob("*")).values() for value in values} == set(VALUES)


def test_the_log_of_all_this_proves_itself_and_its_copy_in_the_lake_holds_no_value_either(used):
    assert {line["outcome"] for line in read_log(used.access_log)} == {"allowed", "denied", "failed"}
    assert verify(used).sentence.startswith("OK")
    mirror(used)
    copied = rows_of(used, "governance.access_log", sort_by=["sequence"]).to_csv().encode()
    assert len(copied) > 1_000 and not [value for value in VALUES if value in copied]
