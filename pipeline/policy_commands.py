"""The commands about the policy: python -m pipeline policy check | explain."""

from __future__ import annotations

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
