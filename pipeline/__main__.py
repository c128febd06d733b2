"""The command line: python -m pipeline generate | refresh | watch | feed | maintain | status | history | report | export | audit |
serve."""

from __future__ import annotations

import json
import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline import audit_commands, feed_commands, model_commands, policy_commands
from pipeline.errors import MediPulseError, NotPublished
from pipeline.progress_bars import RunPrinter, generating
from pipeline.settings import REPOSITORY, Settings, load_settings

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)

app.add_typer(feed_commands.commands, name="feed")
model_commands.add_to(app)
app.add_typer(audit_commands.commands, name="audit")
app.add_typer(policy_commands.commands, name="policy")

DEFAULT_PORT = 8501


@app.command()
def generate(
    encounters: Annotated[int, typer.Option(help="How many encounters, up to 100 million.")] = 100_000,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same bytes.")] = None,
) -> None:
    """Write the raw files of a synthetic hospital into the landing folder."""
    from pipeline.sources import synthetic_hospital

    settings = load_settings()
    chosen = {} if seed is None else {"seed": seed}
    with generating(encounters) as on_progress:
        made = synthetic_hospital.generate(settings.landing, encounters=encounters, on_progress=on_progress, **chosen)
    typer.echo(
        f"{made.encounter_count:,} encounters of {made.patient_count:,} synthetic patients, {made.vital_set_count:,} vital sets:"
        f" {len(made.files)} files in {settings.landing}"
    )


@app.command()
def refresh(
    full: Annotated[bool, typer.Option(help="Rebuild every table from bronze, even when nothing is new.")] = False,
    demo: Annotated[bool, typer.Option(help="Generate the default synthetic hospital first when nothing has landed yet.")] = False,
    requested_by: Annotated[str, typer.Option(help="Who asks, for the history of runs.")] = "command line",
) -> None:
    """Take in new files, change what they touch, and publish."""
    _refresh(full=full, demo=demo, requested_by=requested_by)


@app.command()
def maintain() -> None:
    """Write small files together, drop removed rows, delete files that nothing needs. A refresh does it once in a while."""
    from pipeline.refresh.run import look_after

    done = look_after(load_settings())
    typer.echo(
        f"{len(done.compacted)} tables written together, {done.dropped_row_count:,} removed rows dropped,"
        f" {done.deleted_file_count:,} files deleted ({done.freed_bytes / 1e6:,.1f} MB)."
    )


@app.command()
def watch(
    every: Annotated[float, typer.Option(min=0.05, help="Seconds between two looks at the landing folder.")] = 5,
    settle: Annotated[float, typer.Option(min=0, help="Seconds for which a file must stay as it is to count as complete.")] = 20,
) -> None:
    """Refresh whenever complete new files have landed, until SIGTERM or Ctrl+C."""
    from pipeline.refresh.watch import Pace
    from pipeline.refresh.watch import watch as watch_landing

    watch_landing(load_settings(), Pace(look_seconds=every, settle_seconds=settle))


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    publication: Annotated[int | None, typer.Option(help="An earlier publication by its number.")] = None,
) -> None:
    """Say what is published: tables, versions, rows, and the row ledger."""
    from pipeline.refresh.status import published_status, status_lines

    said = published_status(load_settings(), publication)
    typer.echo(json.dumps(said, indent=1) if as_json else "\n".join(status_lines(said)))
    if said["publication"] is None:
        raise typer.Exit(NotPublished.exit_code)


@app.command()
def history(
    table: Annotated[str, typer.Argument(help="A table, such as gold.stay_scores.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    role: Annotated[str, typer.Option(help="In whose role the log is read.")] = "data_steward",
) -> None:
    """Say what became of a table: versions, rows that came and went, runs, and who asked for them."""
    from pipeline.governance.policy import Viewer
    from pipeline.serving.table_history import history_table, table_history

    changes = table_history(Viewer("command line", role), table, datetime.now(UTC)).changes
    told = [{**vars(change), "committed_at": change.committed_at.isoformat()} for change in changes]
    typer.echo(json.dumps(told, indent=1) if as_json else history_table(changes).to_string(index=False, na_rep="–"))


@app.command()
def report(
    out: Annotated[Path, typer.Option(help="The PDF to write.")],
    role: Annotated[str, typer.Option(help="In whose role the data is read.")] = "clinician",
    period: Annotated[str, typer.Option(help="1 month, 3 months, 12 months or All.")] = "All",
    site: Annotated[str, typer.Option(help="One site, or All sites.")] = "All sites",
    place: Annotated[str, typer.Option(help="SITE or SITE/WARD, of a role that sees the patients of its own places.")] = "",
) -> None:
    """Write the command center as a PDF."""
    from pipeline.serving.report import report as as_pdf

    _write(out, as_pdf(_payload(role, period, site, place)))


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="The JSON file to write.")],
    role: Annotated[str, typer.Option(help="In whose role the data is read.")] = "clinician",
    period: Annotated[str, typer.Option(help="1 month, 3 months, 12 months or All.")] = "All",
    site: Annotated[str, typer.Option(help="One site, or All sites.")] = "All sites",
    place: Annotated[str, typer.Option(help="SITE or SITE/WARD, of a role that sees the patients of its own places.")] = "",
) -> None:
    """Write the data of every panel of the command center as JSON."""
    from pipeline.serving.export import as_json

    _write(out, as_json(_payload(role, period, site, place)))


@app.command()
def extract(
    out: Annotated[Path, typer.Option(help="A new folder.")],
    safe_harbor: Annotated[bool, typer.Option("--safe-harbor", help="The rule it follows; there is no other.")] = False,
    role: Annotated[str, typer.Option(help="In whose role it is made.")] = "data_steward",
) -> None:
    """Write a de-identified extract of patients, encounters, stays, diagnoses, vital sets and results, with a report of it."""
    from pipeline.errors import BadRequest
    from pipeline.governance.policy import Viewer
    from pipeline.governance.safe_harbor import extract as write_extract

    if not safe_harbor:
        raise BadRequest("Say by which rule the extract is de-identified: python -m pipeline extract --safe-harbor --out FOLDER")
    done = write_extract(Viewer("command line", role), out, load_settings())
    for name, count in done.rows.items():
        typer.echo(f"  {name:12}{count:>12,} rows, {len(done.left_out[name])} columns left out")
    typer.echo(f"{done.folder}  (report.json says what was done to each of the eighteen identifiers)")


@app.command()
def serve(port: Annotated[int, typer.Option(help="On 127.0.0.1.")] = DEFAULT_PORT) -> None:
    """Open the command center on this machine; the first time, prepare the synthetic hospital."""
    settings = load_settings()
    if not settings.publication_file.exists():
        typer.echo("Nothing is published yet: preparing the data first.")
        _refresh(full=False, demo=True, requested_by="first start")
    _mirror_access_log(settings)
    typer.echo(f"MediPulse on http://127.0.0.1:{port}  (stop with Ctrl+C)")
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true"]
    os.chdir(REPOSITORY)
    sys.stdout.flush()
    os.execv(command[0], command)


def _mirror_access_log(settings: Settings) -> None:
    """Before the server comes up no page waits for it; a failure is said and stops nothing."""
    from pipeline.governance.mirror import mirror

    if settings.access_log.exists():
        try:
            mirror(settings)
        except (MediPulseError, OSError) as failure:
            typer.echo(f"The access log was not copied into the lake: {failure}", err=True)


def _refresh(*, full: bool, demo: bool, requested_by: str) -> None:
    from pipeline.errors import RefreshFailed
    from pipeline.refresh import hand_over
    from pipeline.refresh.run import refresh as run_refresh

    try:
        with RunPrinter() as printer:
            run = run_refresh(load_settings(), requested_by=requested_by, full=full, demo=demo, listener=printer.show)
    finally:
        hand_over.begin(load_settings())
    if run.status == "failed":
        raise RefreshFailed(run.message)
    typer.echo(run.message)


def _payload(role: str, period: str, site: str, place: str):
    from pipeline.governance.access import record_action
    from pipeline.governance.policy import Viewer
    from pipeline.serving.command_center import command_center
    from pipeline.serving.filters import Filters

    places = [(name,) if name else () for name in place.partition("/")[::2]]
    viewer = Viewer("command line", role, sites=places[0], wards=places[1])
    record_action(viewer, "export", "Command center")
    return command_center(viewer, Filters(period=period, site_name=site), datetime.now(UTC))


def _write(out: Path, content: bytes) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(content)
    typer.echo(f"{out}  ({len(content):,} bytes)")


def main() -> None:
    """Runs a command; what goes wrong is one line and an exit code, never a traceback."""
    try:
        app()
    except MediPulseError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        typer.echo(
            f"{error.strerror or error}: {error.filename or 'no file named'}. Check its rights and the space on the disk.", err=True
        )
        sys.exit(1)
    except Exception as error:
        typer.echo(f"An unexpected error stopped this command ({type(error).__name__}). {_written_down(error)}", err=True)
        sys.exit(1)


def _written_down(error: Exception) -> str:
    """Keeps a traceback where an engineer finds it and no passer-by reads it: its lines may quote data."""
    log = load_settings().runs / "errors.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as stream:
            stream.write(
                f"{datetime.now(UTC).isoformat()} {' '.join(sys.argv[1:])}\n{''.join(traceback.format_exception(error))}\n"
            )
    except OSError:
        return f"It could not be written down in {log}."
    return f"What happened is in {log}."


if __name__ == "__main__":
    main()
