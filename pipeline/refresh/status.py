"""What is published, for the command line: tables, versions, rows and the row ledger. Counts only, never a row."""

from __future__ import annotations

from pipeline.catalog.contract import load_contracts
from pipeline.errors import BadRequest
from pipeline.lakehouse.duck import Duck
from pipeline.lakehouse.publication import Publication, earlier_publication, kept_publications, read_publication
from pipeline.refresh.progress import latest_run
from pipeline.settings import Settings

LEDGER_COLUMNS = (
    "layer",
    "table_name",
    "file_name",
    "received_count",
    "accepted_count",
    "quarantined_count",
    "duplicate_count",
    "superseded_count",
)


def published_status(settings: Settings, number: int | None = None) -> dict:
    """publication (number or None), run, times, tables {name: {version, rows}}, ledger lines, and the latest run.

    number asks for an earlier publication; BadRequest when it is not kept any more.
    """
    publication = read_publication(settings.publication_file) if number is None else _earlier(settings, number)
    run = latest_run(settings)
    latest = None if run is None else {"run_id": run.run_id, "status": run.status, "message": run.message}
    if publication is None:
        return {"publication": None, "tables": {}, "ledger": [], "latest_run": latest}
    tables = {name: {"version": pinned.version, "rows": pinned.row_count} for name, pinned in publication.tables.items()}
    newest = publication.newest_arrival_at
    return {
        "publication": publication.number,
        "run_id": publication.run_id,
        "published_at": publication.published_at.isoformat(),
        "newest_arrival_at": newest.isoformat() if newest else None,
        "is_synthetic": publication.is_synthetic,
        "tables": tables,
        "ledger": _ledger(settings, publication),
        "latest_run": latest,
    }


def status_lines(said: dict) -> list[str]:
    """The same for a person."""
    if said["publication"] is None:
        return ["Nothing is published yet. Run: python -m pipeline refresh"]
    synthetic = " (synthetic data)" if said["is_synthetic"] else ""
    lines = [f"Publication {said['publication']} of {said['published_at'][:16]} UTC, {said['run_id']}{synthetic}", ""]
    lines += [f"  {name:32} version {table['version']:>4} {table['rows']:>14,} rows" for name, table in said["tables"].items()]
    lines += ["", "  received = accepted + quarantined + duplicate + superseded"]
    for line in said["ledger"]:
        numbers = " ".join(f"{line[name]:>11,}" for name in LEDGER_COLUMNS[3:])
        lines.append(f"  {line['table_name']:28} {line['file_name']:28} {numbers}")
    return lines


def _earlier(settings: Settings, number: int) -> Publication:
    found = earlier_publication(settings.publication_file, number)
    if found is None:
        kept = ", ".join(str(publication.number) for publication in kept_publications(settings.publication_file))
        raise BadRequest(f"Publication {number} is not kept. Ask for one of: {kept or 'none yet'}.")
    return found


def _ledger(settings: Settings, publication: Publication) -> list[dict]:
    pinned = publication.tables["ops.row_ledger"]
    duck = Duck.for_people(settings.lake, 1)
    duck.lay_over("ops.row_ledger", load_contracts()["ops.row_ledger"], [file.path for file in pinned.files])
    found = duck.rows(f"select {', '.join(LEDGER_COLUMNS)} from ops.row_ledger order by layer, table_name, file_name")
    duck.close()
    return [dict(zip(LEDGER_COLUMNS, line, strict=True)) for line in found]
