"""The commands about foreign files: python -m pipeline feed list | check FILE | draft FILE | again NAME."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.errors import BadRequest, FileRefused
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from pipeline.refresh.intake import Expectation

commands = typer.Typer(no_args_is_help=True, help="Files of other senders, and the mappings that know them.")

FileToRead = Annotated[Path, typer.Argument(help="A file; it is only read.")]


@commands.command("list")
def list_mappings() -> None:
    """Say which files are known: canonical ones, shipped mappings, and your own."""
    from pipeline.catalog.contract import feeds, load_contracts
    from pipeline.sources.mappings import load_mappings

    settings, known = load_settings(), feeds(load_contracts())
    typer.echo(f"canonical: {', '.join(f'{feed}*.csv' for feed in known)}, also compressed (.gz)")
    mappings = load_mappings(settings.feeds, known)
    for mapping in mappings.known:
        own = " (your own)" if mapping.is_users_own else ""
        typer.echo(f"{mapping.name}{own}: {', '.join(mapping.files)}\n    {mapping.description}")
    for broken in mappings.broken:
        typer.echo(broken.sentence, err=True)
    typer.echo(f"Your own mappings belong into {settings.feeds}")


@commands.command()
def check(
    file: FileToRead,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    rows: Annotated[bool, typer.Option(help="Show refused rows as received. They are patients' data.")] = False,
) -> None:
    """Say what a refresh would accept and refuse of a file, line by line, from its first thousand lines."""
    from pipeline.refresh.intake import expect

    expected = expect(load_settings(), _existing(file))
    typer.echo(json.dumps(_as_json(expected, rows=rows), indent=1) if as_json else "\n".join(_lines(expected, rows=rows)))
    if expected.refusal is not None:
        raise typer.Exit(FileRefused.exit_code)


@commands.command()
def again(name: Annotated[str, typer.Argument(help="Name of a loaded file, as `status` shows it.")]) -> None:
    """Have the next refresh read a loaded file once more, after its mapping was mended."""
    from pipeline.refresh.intake import read_again

    read_again(load_settings(), name)
    typer.echo(f"{name} will be read again. Run: python -m pipeline refresh")


@commands.command()
def draft(
    file: FileToRead,
    name: Annotated[str | None, typer.Option(help="Name of the mapping. Default: made of the file's name.")] = None,
) -> None:
    """Write a first mapping from a file's header and values, to be finished by you."""
    from pipeline.catalog.contract import feeds, load_contracts
    from pipeline.sources.draft import draft_mapping, mapping_name

    settings, source = load_settings(), _existing(file)
    target = settings.feeds / f"{name or mapping_name(source)}.yml"
    if target.exists():
        raise BadRequest(f"{target} exists already. Choose another name with --name, or finish that one.")
    text = draft_mapping(source, feeds(load_contracts()))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    typer.echo(f"{target}\nFinish it where it says “to be filled in”, then: python -m pipeline feed check {file}")


def _existing(file: Path) -> Path:
    if not file.is_file():
        raise BadRequest(f"{file} is no file. Name one that exists.")
    return file


def _lines(expected: Expectation, *, rows: bool) -> list[str]:
    if expected.refusal is not None:
        return [f"Refused: {expected.refusal}"]
    sample = "the whole file" if expected.is_whole else "its first thousand lines"
    lines = [f"{expected.file_name} is read by the mapping {expected.mapping}. Of {sample}:"]
    lines += [
        f"  {feed.feed}: {feed.row_count:,} rows, {feed.accepted_count:,} accepted, {feed.refused_count:,} refused"
        for feed in expected.feeds
    ]
    for row in expected.refused_rows:
        lines.append(f"  line {row.line}, {row.feed}: {row.reasons}" + (f"\n      {row.text}" if rows else ""))
    return [*lines, *(f"Note: {warning}" for warning in expected.warnings)]


def _as_json(expected: Expectation, *, rows: bool) -> dict:
    refused = [vars(row) if rows else {"feed": row.feed, "line": row.line, "reasons": row.reasons} for row in expected.refused_rows]
    feeds = [vars(feed) for feed in expected.feeds]
    return {**vars(expected), "feeds": feeds, "refused_rows": refused, "warnings": list(expected.warnings)}
