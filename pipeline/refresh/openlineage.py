"""A run as OpenLineage tells it: one START and one COMPLETE or FAIL, with inputs, outputs and the lineage of every column. Pure.

Written as JSON by hand, since a refresh must not wait for a client library; a test holds it to the classes of that library
(spec 2-0-2). Intermediate tables are looked through: they are no data sets.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from pipeline.catalog.contract import Contract
from pipeline.catalog.lineage import Lineage, Place
from pipeline.refresh.progress import RunProgress

PRODUCER = "urn:medipulse:refresh"
NAMESPACE = "medipulse"
SPEC = "https://openlineage.io/spec"
RUN_EVENT = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
SCHEMA_FACET = f"{SPEC}/facets/1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet"
COLUMN_LINEAGE_FACET = f"{SPEC}/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet"
STATISTICS_FACET = f"{SPEC}/facets/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet"
ERROR_FACET = f"{SPEC}/facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet"

KEPT_LAYERS = ("bronze", "silver", "gold")


def run_events(run: RunProgress, contracts: Mapping[str, Contract], known: Lineage, home: str) -> tuple[dict, dict]:
    """The two events of a run that is over. `home` tells the runs of one lake from those of another."""
    run_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{home}#{run.run_id}@{run.started_at.isoformat()}"))
    start = _event("START", run.started_at, run_id)
    if run.status == "failed":
        facets = {"errorMessage": _facet(ERROR_FACET, message=run.message, programmingLanguage="Python")}
        return start, _event("FAIL", run.finished_at or run.started_at, run_id, facets)
    written = {task.name: task.row_count for task in run.tasks if _is_written(task.name, task.status, contracts)}
    outputs = [_output(contracts[table], rows, known) for table, rows in written.items()]
    end = _event("COMPLETE", run.finished_at, run_id)
    return start, {**end, "inputs": _inputs(written, contracts, known), "outputs": outputs}


def _event(kind: str, at: datetime, run_id: str, run_facets: Mapping | None = None) -> dict:
    return {
        "eventType": kind,
        "eventTime": at.isoformat(),
        "producer": PRODUCER,
        "schemaURL": RUN_EVENT,
        "run": {"runId": run_id, "facets": dict(run_facets or {})},
        "job": {"namespace": NAMESPACE, "name": "refresh", "facets": {}},
        "inputs": [],
        "outputs": [],
    }


def _is_written(name: str, status: str, contracts: Mapping[str, Contract]) -> bool:
    return status == "succeeded" and name in contracts and contracts[name].layer in KEPT_LAYERS


def _inputs(written: Iterable[str], contracts: Mapping[str, Contract], known: Lineage) -> list[dict]:
    """The feeds whose files were taken in, and the tables that were read and not written."""
    columns = [(table, column.name) for table in written for column in contracts[table].columns]
    read = {source.table for table, column in columns for source in _kept_sources(known, table, column)}
    feeds = {f"landing.{contracts[table].name}" for table in written if contracts[table].feed is not None}
    names = sorted((read - set(written)) | feeds)
    return [{"namespace": NAMESPACE, "name": name, "facets": {}, "inputFacets": {}} for name in names]


def _output(contract: Contract, row_count: int | None, known: Lineage) -> dict:
    fields = [{"name": one.name, "type": one.type, "description": one.description, "fields": []} for one in contract.columns]
    facets = {"schema": _facet(SCHEMA_FACET, fields=fields)}
    made = {one.name: _field(known, contract.table, one.name) for one in contract.columns}
    told = {name: field for name, field in made.items() if field["inputFields"]}
    if told:
        facets["columnLineage"] = _facet(COLUMN_LINEAGE_FACET, fields=told, dataset=[])
    statistics = {} if row_count is None else {"outputStatistics": _facet(STATISTICS_FACET, rowCount=row_count)}
    return {"namespace": NAMESPACE, "name": contract.table, "facets": facets, "outputFacets": statistics}


def _field(known: Lineage, table: str, column: str) -> dict:
    step = known.get(Place(table, column))
    how = step.expressions if step else ()
    subtype = "TRANSFORMATION" if how else "IDENTITY"
    kind = {"type": "DIRECT", "subtype": subtype, "description": how[0] if how else "", "masking": False}
    sources = [source for source in _kept_sources(known, table, column) if source.column]
    return {
        "inputFields": [
            {"namespace": NAMESPACE, "name": one.table, "field": one.column, "transformations": [kind]} for one in sources
        ]
    }


def _kept_sources(known: Lineage, table: str, column: str) -> list[Place]:
    """What a column is made of, with intermediate tables and the reading of raw text looked through."""
    found, waiting, seen = set(), [Place(table, column)], set()
    while waiting:
        step = known.get(waiting.pop())
        for source in step.sources if step else ():
            if not _is_passing(source.table):
                found.add(source)
            elif source not in seen:
                seen.add(source)
                waiting.append(source)
    return sorted(found)


def _is_passing(table: str) -> bool:
    return table.startswith("typed.") or "._" in table


def _facet(schema: str, **facts: object) -> dict:
    return {**facts, "_producer": PRODUCER, "_schemaURL": schema}
