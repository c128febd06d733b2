"""The house keeps its shape: imports run one way, and each outside library has one door."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.catalog.contract import feeds, load_contracts
from pipeline.catalog.plan import build_order, tables_read
from pipeline.settings import REFERENCE, REPOSITORY, TABLES

MODULES = sorted([REPOSITORY / "app.py", *(REPOSITORY / "pages").rglob("*.py"), *(REPOSITORY / "pipeline").rglob("*.py")])

EVERYONE_MAY_IMPORT = {"pipeline.settings", "pipeline.errors"}

EVIDENCE = {"pipeline.model.evidence", "pipeline.model.evaluation"}
"""What is known of the champion, as plain values."""

IN_FORCE = {"pipeline.model.evidence", "pipeline.model.in_force"}
"""That, and the SELECTs that the champion brings."""

MAY_IMPORT = {
    "app": {"pages", "pipeline.serving"},
    "pages": {"pages", "pipeline.serving", "pipeline.governance", "pipeline.refresh"},
    "pipeline.serving": {"pipeline.serving", "pipeline.governance", "pipeline.refresh", *EVIDENCE},
    "pipeline.governance": {"pipeline.governance", "pipeline.lakehouse", "pipeline.catalog", *IN_FORCE},
    "pipeline.refresh": {"pipeline.refresh", "pipeline.lakehouse", "pipeline.catalog", "pipeline.sources", "pipeline.model"},
    "pipeline.model": {"pipeline.model", "pipeline.lakehouse", "pipeline.catalog", "pipeline.sources"},
    "pipeline.lakehouse": {"pipeline.lakehouse", "pipeline.catalog", "pipeline.sources"},
    "pipeline.sources": {"pipeline.sources", "pipeline.catalog"},
    "pipeline.catalog": {"pipeline.catalog"},
}

SERVING_MAY_SEE = {"pipeline.refresh.progress", "pipeline.refresh.launch", "pipeline.refresh.intake"}
"""Screens follow and start runs, and lay files down for them; they never build or write."""

ONLY_IN = {
    "duckdb": {"pipeline/lakehouse/duck.py"},
    "deltalake": {"pipeline/lakehouse/delta.py"},
    "sqlite3": {"pipeline/governance/audit_file.py"},
    "hl7": {"pipeline/sources/hl7/segments.py"},
    "typst": {"pipeline/serving/report"},
    "streamlit": {"app.py", "pages"},
    "sklearn": {"pipeline/model"},
    "mlflow": {"pipeline/model/registry.py", "pipeline/model/served_model.py"},
    "matplotlib": {"pipeline/model/plots.py"},
}

TRAINS = ("mlflow", "sklearn", "scipy", "matplotlib")
"""What only commands about models load: seconds and a hundred megabytes each."""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_imports_run_one_way(path):
    room = _room(path)
    if room is None:
        return
    ours = [name for name in _imports(path) if name.split(".")[0] in ("app", "pages", "pipeline")]
    doors = MAY_IMPORT[room] | EVERYONE_MAY_IMPORT
    strangers = [name for name in ours if not any(name == door or name.startswith(f"{door}.") for door in doors)]
    assert strangers == []


@pytest.mark.parametrize("room", ["pages", "pipeline/serving"])
def test_screens_see_of_the_refresh_only_its_progress_and_its_start(room):
    seen = {name for path in (REPOSITORY / room).rglob("*.py") for name in _imports(path) if name.startswith("pipeline.refresh.")}
    assert {name for name in seen if not any(name.startswith(door) for door in SERVING_MAY_SEE)} == set()


@pytest.mark.parametrize("library", ONLY_IN)
def test_each_outside_library_has_one_door(library):
    importers = {
        str(path.relative_to(REPOSITORY)) for path in MODULES if library in {name.split(".")[0] for name in _imports(path)}
    }
    assert importers
    assert all(any(name == door or name.startswith(f"{door}/") for door in ONLY_IN[library]) for name in importers), importers


@pytest.mark.parametrize("room", ["pages", "pipeline.refresh", "pipeline.__main__"])
def test_neither_a_page_nor_a_refresh_nor_the_help_loads_what_trains_models(room):
    names = [".".join(path.relative_to(REPOSITORY).with_suffix("").parts) for path in MODULES]
    mine = [name for name in names if name.startswith(room) and name not in ("pages.frame.main",) and not _is_page(name)]
    script = (
        f"import importlib, sys\nfor name in {mine!r}: importlib.import_module(name)\n"
        f"print([name for name in {TRAINS!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def _is_page(name: str) -> bool:
    """A page's script runs when it is imported; what it imports are modules of the frame, of governance and of serving."""
    return name.split(".")[:2] in (["pages", "clinical"], ["pages", "operations"], ["pages", "trust"])


def test_the_environment_is_read_in_one_place():
    readers = {path.name for path in MODULES if "os.environ" in path.read_text(encoding="utf-8")}
    assert readers <= {"settings.py"}


def test_no_script_lies_directly_in_pages():
    assert [path.name for path in (REPOSITORY / "pages").glob("*.py")] == ["__init__.py"]


@pytest.mark.parametrize("path", sorted((REPOSITORY / "pages").rglob("*.py")), ids=lambda path: path.name)
def test_a_page_script_is_short(path):
    if path.parent.name in ("clinical", "operations", "trust"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 60


@pytest.mark.parametrize("path", [path for path in MODULES if path.suffix == ".py"], ids=lambda path: path.name)
def test_a_module_holds_one_thing(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_every_select_has_its_contract():
    assert {path for path in TABLES.glob("*/*.sql") if not path.with_suffix(".yml").exists()} == set()


def test_every_code_list_has_its_contract_and_its_columns():
    for contract in (contract for contract in load_contracts().values() if contract.layer == "reference"):
        header = (REFERENCE / f"{contract.name}.csv").read_text(encoding="utf-8").splitlines()[0]
        assert header.split(",") == [column.name for column in contract.columns], contract.table


def test_the_build_order_puts_a_table_after_what_it_reads():
    contracts = load_contracts()
    built: set[str] = {feed.table for feed in feeds(contracts).values()} | {"bronze.unreadable_lines"}
    for contract in build_order(contracts):
        needed = {name.replace("typed.", "bronze.") for name in tables_read(contract.sql) if not name.startswith("reference.")}
        assert needed <= built, contract.table
        built.add(contract.table)


def _room(path: Path) -> str | None:
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    if parts[0] == "pipeline":
        return f"pipeline.{parts[1]}" if len(parts) > 2 else None
    return parts[0]


def _imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
            found.extend(
                f"{node.module}.{alias.name}"
                for alias in node.names
                if node.module.count(".") < 2 and node.module.startswith("pipeline")
            )
    return found
