"""The commands about the policy: python -m pipeline policy check | explain | emit-uc | pseudonym-key."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

commands = typer.Typer(no_args_is_help=True, help="The policy: who may see and do what.")


@commands.command()
def check() -> None:
    """Say whether the policy can be read, and that each role, page, action, table and class in it exists."""
    from pipeline.governance.policy import load_policy

    policy = load_policy()
    typer.echo(f"The policy {policy.fingerprint} holds: {len(policy.roles)} roles ({', '.join(policy.roles)}). Silence means no.")


@commands.command()
def explain(
    role: Annotated[str, typer.Argument(help="A role, as `policy check` names them.")],
    table: Annotated[str | None, typer.Option(help="One table: what the role sees of each column.")] = None,
) -> None:
    """Say in words what a role may open, do and see."""
    from pipeline.governance.policy_words import explained, explained_table

    typer.echo("\n".join(explained(role) if table is None else explained_table(role, table)))


@commands.command()
def emit_uc(
    catalog: Annotated[str, typer.Option(help="How the catalog is called there.")] = "medipulse",
    out: Annotated[Path | None, typer.Option(help="The file to write; without it, the screen.")] = None,
) -> None:
    """Write the SQL that puts the same policy in force in a Databricks Unity Catalog. Its head says how to run it."""
    from pipeline.governance.policy import load_policy
    from pipeline.governance.unity_catalog import script

    said = script(load_policy(), catalog)
    if out is None:
        typer.echo(said, nl=False)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(said, encoding="utf-8")
    typer.echo(f"{out}  ({said.count(';' + chr(10)):,} statements)")


@commands.command()
def pseudonym_key(
    part: Annotated[str, typer.Argument(help="pseudonym_inner or pseudonym_outer, as the head of emit-uc says.")],
) -> None:
    """Hand one half of the key of pseudonyms to another program, as hexadecimal digits. Never to a screen."""
    from pipeline.errors import BadRequest
    from pipeline.governance.pseudonym_key import paddings
    from pipeline.settings import load_settings

    if sys.stdout.isatty():
        raise BadRequest("The key is not shown on a screen. Hand it on: python -m pipeline policy pseudonym-key PART | PROGRAM")
    parts = paddings(load_settings().pseudonym_key_file)
    if part not in parts:
        raise BadRequest(f"The key has no part {part}; its parts are {' and '.join(parts)}.")
    typer.echo(parts[part].hex(), nl=False)
