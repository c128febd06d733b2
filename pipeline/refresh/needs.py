"""Which steps of a run each step waits for: read from the SELECTs, with intermediate tables looked through. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.catalog.contract import Contract
from pipeline.catalog.plan import tables_read

FOREIGN_FILES = "bronze.foreign_files"
"""The step that reads the files that mappings know."""


def needs_of_tasks(contracts: Mapping[str, Contract], names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Per step, the steps among `names` whose result it reads, in the order of the run.

    The steps that read no table wait for the order of a run: a feed's bronze for the look at new files and for the rows that
    files of other senders give, its reading for its bronze, the ledger for every table, publishing for the ledger. So does a table
    that is made of settings alone, as the terms of the deployed model are.
    """
    needed = {name: _needs(contracts, name, names) for name in names}
    return {name: tuple(other for other in names if other in found) for name, found in needed.items()}


def _as_steps(tables: set[str], names: Sequence[str]) -> set[str]:
    """The reading of a feed is its bronze where a run has no step of its own for it."""
    return {table if table in names else table.replace("typed.", "bronze.") for table in tables}


def _needs(contracts: Mapping[str, Contract], name: str, names: Sequence[str]) -> set[str]:
    layer, _, table = name.partition(".")
    match layer:
        case "landing":
            return {"generate"}
        case "bronze":
            return {"landing", FOREIGN_FILES} - {name}
        case "typed":
            return {f"bronze.{table}"}
        case "ledger":
            return {other for other in names if other.partition(".")[0] in ("bronze", "typed", "silver", "gold")}
        case "publish":
            return {"ledger"}
        case "maintain":
            return {"publish"}
    if name not in contracts:
        return set()
    return _as_steps(_tables_read(contracts, contracts[name]), names) & set(names) or {"landing"}


def _tables_read(contracts: Mapping[str, Contract], contract: Contract) -> set[str]:
    """The tables a SELECT reads, itself or through intermediate tables."""
    if contract.sql is None:
        return set()
    found: set[str] = set()
    for name in tables_read(contract.sql):
        within = contracts.get(name)
        found |= _tables_read(contracts, within) if within is not None and within.is_intermediate else {name}
    return found
