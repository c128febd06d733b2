"""Every cell of role × table × column: what the policy does not show is in no file and on no screen, looked for by its value."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from functools import cache

import pandas as pd
import pytest
from pypdf import PdfReader
from streamlit.testing.v1 import AppTest

from pipeline.catalog.contract import load_contracts
from pipeline.errors import AccessDenied
from pipeline.governance import metadata
from pipeline.governance.access import read
from pipeline.governance.policy import load_policy
from pipeline.lakehouse.reader import open_published
from pipeline.serving.command_center import command_center
from pipeline.serving.export import as_json
from pipeline.serving.filters import Filters
from pipeline.serving.readmissions import readmissions
from pipeline.serving.readmissions.export import rates_csv
from pipeline.serving.readmissions.population import POPULATIONS
from pipeline.serving.readmissions.waterfall import READMITTED
from pipeline.serving.report import report
from pipeline.serving.spreadsheet import as_csv
from pipeline.settings import Settings, load_settings
from tests.lake import publish_landed
from tests.pages.canaries import CLINICAL, IDENTIFIERS, MOMENTS, Cell, faults, land_canaries, viewer_of
from tests.pages.conftest import run_frame, words

ROLES = load_policy().roles
TABLES = [name for name, contract in load_contracts().items() if not contract.is_intermediate and contract.layer != "reference"]
NEVER_READ = ("bronze", "governance")


@dataclass(frozen=True)
class Export:
    """What a page would give away as a file."""

    rows: pd.DataFrame


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = load_settings({"MEDIPULSE_HOME": str(tmp_path_factory.mktemp("canaries")), "MEDIPULSE_THREADS": "2"})
    land_canaries(settings)
    publish_landed(settings)
    metadata.lineage(settings)  # which takes its time the first time
    return settings


@pytest.fixture(autouse=True)
def at_home(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIPULSE_HOME", str(lake.home))


def published(lake: Settings) -> list[str]:
    return [table for table in TABLES if table in open_published(lake).publication.versions]


@cache
def true_values(lake: Settings, table: str) -> pd.DataFrame:
    return open_published(lake).query(f"select * from {table}").to_pandas()


def cells(lake: Settings, role: str, table: str) -> list[Cell]:
    policy, truth = load_policy(), true_values(lake, table)
    return [
        Cell(
            role,
            table,
            column.name,
            policy.treatment(role, column),
            tuple(str(one) for one in truth[column.name].dropna().unique()),
        )
        for column in load_contracts()[table].columns
    ]


def in_every_medium(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows as a CSV, a JSON and a screen gave them back."""
    plain = rows.astype(object).where(rows.notna(), None)
    written = as_csv(list(plain), plain.to_numpy().tolist()).decode("utf-8-sig")
    header, *lines = csv.reader(io.StringIO(written))
    listed = json.loads(as_json(Export(plain)))["rows"]
    return {
        "CSV": pd.DataFrame(lines, columns=header, dtype=object),
        "JSON": pd.DataFrame(listed, columns=list(rows), dtype=object),
        "screen": on_screen(rows),
    }


def on_screen(rows: pd.DataFrame) -> pd.DataFrame:
    def page(rows):
        from pages.frame.show import show_table

        show_table(rows, "canaries", "none")

    app = AppTest.from_function(page, args=(rows,)).run()
    assert not app.exception
    return app.dataframe[0].value if len(app.dataframe) else rows.head(0)


@pytest.mark.parametrize("role", ROLES)
def test_no_cell_shows_more_than_the_policy_in_any_medium(role, lake):
    readable = [table for table in published(lake) if load_policy().may_read(role, table)]
    wrong = []
    for table in readable:
        media = in_every_medium(read(viewer_of(role), f"select * from {table}", purpose="test", settings=lake))
        wrong += [
            f"{name}: {fault}"
            for cell in cells(lake, role, table)
            for name, rows in media.items()
            for fault in faults(cell, rows[cell.column])
        ]
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_no_table_that_is_not_the_roles_answers(role, lake):
    for table in (table for table in TABLES if not load_policy().may_read(role, table)):
        with pytest.raises(AccessDenied):
            read(viewer_of(role), f"select * from {table}", purpose="test", settings=lake)


def test_every_column_with_a_secret_has_a_value_to_be_recognised(lake):
    empty = [
        f"{table}.{column.name}"
        for table in published(lake)
        if table.partition(".")[0] not in NEVER_READ
        for column in load_contracts()[table].columns
        if column.sensitivity == "identifier" and true_values(lake, table)[column.name].isna().all()
    ]
    assert empty == []


def kept_from(role: str) -> tuple[str, ...]:
    """What must be nowhere for the role."""
    shows = load_policy().by_role[role].shows
    hidden = () if shows["identifier"] == "show" else IDENTIFIERS + MOMENTS
    return hidden + (() if shows["clinical"] == "show" else CLINICAL)


def found_in(text: str, role: str) -> list[str]:
    return [canary for canary in kept_from(role) if canary in text.replace("\u00a0", " ")]


@pytest.mark.parametrize("role", [role for role in ROLES if "clinical/command_center" in load_policy().pages(role)])
def test_no_canary_is_in_a_file_of_the_command_center(role, lake):
    center = command_center(viewer_of(role), Filters())
    printed = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(report(center))).pages)
    assert found_in(printed + as_json(center).decode(), role) == []
    assert ("CANARY-P-1" in printed) == (load_policy().by_role[role].shows["identifier"] == "show")


@pytest.mark.parametrize("role", [role for role in ROLES if "clinical/readmissions" in load_policy().pages(role)])
def test_no_canary_is_in_a_file_of_the_readmissions(role, lake):
    found = readmissions(viewer_of(role), Filters(), POPULATIONS[0], listed=READMITTED)
    written = as_json(found).decode()
    assert found_in(written + rates_csv(found).decode("utf-8-sig"), role) == []
    assert ("CANARY-P-1" in written) == (load_policy().by_role[role].shows["identifier"] == "show")


@pytest.mark.parametrize(
    ("role", "page"), [(role, page) for role in ROLES if kept_from(role) for page in load_policy().pages(role)]
)
def test_no_canary_is_on_a_page(role, page, lake):
    app = run_frame(role, page, patient="CANARY-P-1")
    charts = json.dumps([chart.proto.spec for chart in app.get("plotly_chart")])
    assert found_in(words(app) + charts, role) == []
