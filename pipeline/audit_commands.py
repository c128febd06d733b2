"""The commands about the access log: python -m pipeline audit verify | export | mirror."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pipeline.settings import load_settings

commands = typer.Typer(no_args_is_help=True, help="The access log: prove it, hand it on, copy it into the lake.")


@commands.command()
def verify() -> None:
    """Prove that no record was edited, deleted, reordered or cut off; exit code 11 and the first wrong record otherwise."""
    from pipeline.governance.verify import take_over_former_log
    from pipeline.governance.verify import verify as prove

    settings = load_settings()
    take_over_former_log(settings)
    typer.echo(prove(settings).sentence)


@commands.command()
def export(
    out: Annotated[Path, typer.Option(help="The NDJSON file to write: one FHIR R4 Bundle of AuditEvents a line.")],
    role: Annotated[str, typer.Option(help="In whose role the log is read.")] = "auditor",
) -> None:
    """Write every record as a FHIR R4 AuditEvent. The export is itself on record."""
    from pipeline.governance.audit_door import audit_records
    from pipeline.governance.audit_event import bundles
    from pipeline.governance.policy import Viewer

    records = audit_records(Viewer("command line", role), load_settings(), purpose="AuditEvent export")
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(bundle, ensure_ascii=False) + "\n" for bundle in bundles(records))
    typer.echo(f"{out}  ({len(records):,} records)")


@commands.command()
def mirror() -> None:
    """Add new records to the table governance.access_log of the lake. `serve` does it when it starts."""
    from pipeline.governance.mirror import mirror as copy_new_records

    typer.echo(f"{copy_new_records(load_settings()):,} new records are in governance.access_log.")
