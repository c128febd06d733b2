"""What a role may know about tables beside their rows: their contracts, how its columns are treated, what became of them.

Only tables that the role may read; of others not even that they exist is told, but by lineage: how a number is made is for
everybody who may see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pipeline.catalog.contract import Contract, load_contracts
from pipeline.catalog.lineage import Lineage, Place, Step, back, forward, known_lineage
from pipeline.catalog.plan import tables_read
from pipeline.errors import AccessDenied
from pipeline.governance.access import log
from pipeline.governance.policy import Viewer, load_policy
from pipeline.lakehouse.commits import Commit, commits, committed_at
from pipeline.model.in_force import contracts_in_force
from pipeline.settings import Settings, load_settings

__all__ = [
    "Commit", "Contract", "Place", "Step", "back", "forward", "last_changes", "lineage", "table_history", "tables", "tables_read",
    "treatments",
]  # fmt: skip

HISTORY = "history"


def tables(viewer: Viewer) -> dict[str, Contract]:
    """The kept tables that the viewer's role may read, by name."""
    policy = load_policy()
    return {
        name: contract
        for name, contract in load_contracts().items()
        if not contract.is_intermediate and policy.may_read(viewer.role, name)
    }


def treatments(viewer: Viewer, contract: Contract) -> dict[str, str]:
    """Column name to show, mask or hide, for the viewer's role."""
    return {column.name: load_policy().treatment(viewer.role, column) for column in contract.columns}


def last_changes(viewer: Viewer, versions: Mapping[str, int], settings: Settings | None = None) -> dict[str, datetime | None]:
    """When each table that the viewer may read was last written, by its version; None where that is not known any more."""
    lake = (settings or load_settings()).lake
    allowed = [table for table in tables(viewer) if table in versions]
    return {table: committed_at(lake.joinpath(*table.split(".")), versions[table]) for table in allowed}


def lineage(settings: Settings | None = None) -> Lineage:
    """Where every column comes from, the deployed model's among them. Definitions, no data: not logged."""
    settings = settings or load_settings()
    return known_lineage(contracts_in_force(settings, load_contracts()), settings.lineage_file)


def table_history(viewer: Viewer, table: str, *, purpose: str, settings: Settings | None = None) -> tuple[Commit, ...]:
    """Every commit of a table, the oldest first. It holds no row, but that somebody asked is on record. Raises AccessDenied."""
    settings = settings or load_settings()
    if table not in tables(viewer):
        refusal = AccessDenied(f"The role {load_policy().title(viewer.role)} may not read this table. Ask a data steward.")
        log(settings, viewer, HISTORY, purpose, "denied", reason=str(refusal))
        raise refusal
    found = commits(settings.lake.joinpath(*table.split(".")))
    log(settings, viewer, HISTORY, purpose, "allowed", tables=(table,), row_count=len(found))
    return found
