"""The commands about the readmission model: train, models, shadow, promote, recalibrate, retire.

Each is one decision with a name and a reason, which the access log keeps as well.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.errors import BadRequest
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from pipeline.model.evaluation import Evaluation, Interval
    from pipeline.model.life import Decision
    from pipeline.model.promotion import Condition
    from pipeline.model.registry import ModelVersion

YARDSTICK = "uci_diabetes130"
"""The feed with real readmissions: training on it tests the method, and gives no model that scores this hospital's stays."""

STEWARD = "data_steward"
"""In whose role the command line decides about models."""

Version = Annotated[int, typer.Argument(help="A version, as `python -m pipeline models` lists them.")]
Why = Annotated[str, typer.Option(help="The reason, kept with the model.")]
By = Annotated[str | None, typer.Option(help="Who decides; the user of this machine unless named.")]


def add_to(app: typer.Typer) -> None:
    """Gives the command line these commands."""
    for command in (train, models, shadow, promote, recalibrate, retire):
        app.command()(command)


def train(
    feed: Annotated[str | None, typer.Option(help=f"{YARDSTICK}: the real yardstick, judged and kept, never deployed.")] = None,
    file: Annotated[Path | None, typer.Option(help="Its file; the one in the landing folder unless named.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed and data give the same model.")] = 20_260_101,
    why: Why = "a training from the command line",
    by: By = None,
) -> None:
    """Train the readmission model on the published stays, judge it, and register it as the challenger."""
    from pipeline.model.life import keep_training, keep_version, present_champion
    from pipeline.model.train import train as train_on

    settings, decision = load_settings(), _decision("train", why, by)
    if feed not in (None, YARDSTICK):
        raise BadRequest(f"There is no yardstick called {feed}. Leave --feed out, or write --feed {YARDSTICK}.")
    if feed is not None:
        from pipeline.model.uci_cohort import uci_cohort

        trained = train_on(uci_cohort(settings, file), seed=seed)
        run_id = keep_training(settings, trained, decision, experiment=YARDSTICK)
        _print_evaluation(trained.evaluation)
        typer.echo(f"Kept as MLflow run {run_id}. It scores nobody: its stays are those of other hospitals.")
        return
    from pipeline.model.hospital_cohort import hospital_cohort
    from pipeline.model.registry import Registry

    registry = Registry(settings)
    champion = registry.champion()
    trained = train_on(hospital_cohort(settings), seed=seed, champion=present_champion(registry))
    version = keep_version(settings, trained, decision, champion)
    _print_evaluation(trained.evaluation)
    further = f"python -m pipeline shadow {version.number}, then: " if champion else ""
    typer.echo(f"Version {version.number} is the challenger. Next: {further}python -m pipeline promote {version.number} --why ...")


def models(
    version: Annotated[int | None, typer.Option(help="Show the whole model card of one version.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the versions of the model, what each is now, and how it did."""
    from pipeline.model.card import card_as_markdown
    from pipeline.model.registry import Registry

    registry = Registry(load_settings())
    if version is not None:
        one = registry.version(version)
        typer.echo(card_as_markdown(registry.evaluation(one), registry.specification(one), one.tags))
        return
    known = registry.versions()
    if as_json:
        typer.echo(json.dumps([_as_json(one, registry.evaluation(one)) for one in known], indent=1))
        return
    if not known:
        typer.echo("No model has been trained. Run: python -m pipeline train")
    for one in known:
        typer.echo(_line(one, registry.evaluation(one)))
    typer.echo(f"All runs: mlflow ui --backend-store-uri {registry.address}")


def shadow(version: Version) -> None:
    """Score the published stays with a version and with the champion, side by side; nothing is changed."""
    from pipeline.model.life import shadow as compare

    typer.echo(compare(load_settings(), version).sentence)


def promote(
    version: Version,
    why: Why,
    by: By = None,
    roll_back: Annotated[bool, typer.Option("--roll-back", help="To an earlier champion, without judging it anew.")] = False,
) -> None:
    """Let a version score the stays, if it passes every condition of the gate."""
    from pipeline.model import life

    settings, decision = load_settings(), _decision("promote", why, by)
    if roll_back:
        life.roll_back(settings, version, decision)
    else:
        _print_conditions(life.promote(settings, version, decision))
    typer.echo(f"Version {version} is the champion. It scores from the next refresh on: python -m pipeline refresh")


def recalibrate(why: Why, by: By = None) -> None:
    """Make a version of the champion whose mean fits the readmissions since its training."""
    from pipeline.model.life import recalibrate as renew

    made = renew(load_settings(), _decision("recalibrate", why, by))
    typer.echo(
        f"Version {made.number} is the challenger: the champion with another intercept."
        f" Next: python -m pipeline shadow {made.number}"
    )


def retire(version: Version, why: Why, by: By = None) -> None:
    """End a version. Where it is the champion, the rules carry on without a model."""
    from pipeline.model.life import retire as end

    end(load_settings(), version, _decision("retire", why, by))
    typer.echo(f"Version {version} is retired. What it scored is withdrawn by the next refresh: python -m pipeline refresh")


def _decision(action: str, why: str, by: str | None) -> Decision:
    from pipeline.governance.access import record_action
    from pipeline.governance.policy import Viewer
    from pipeline.model.life import Decision

    decision = Decision(by or getpass.getuser(), why)
    record_action(Viewer(decision.by, STEWARD), action, why)
    return decision


def _print_evaluation(evaluation: Evaluation) -> None:
    cohort = evaluation.cohort
    typer.echo(
        f"{cohort.name}: {cohort.stays:,} stays of {cohort.patients:,} patients, {cohort.events / cohort.stays:.2%} readmitted"
    )
    typer.echo(f"{'':38}{'AUROC':>22}{'slope':>8}{'ECE':>8}{'AUROC, later stays':>24}")
    for model in evaluation.models:
        grouped, later = model.grouped, model.temporal
        calibration = f"{_short(grouped.slope):>8}{_short(grouped.ece):>8}"
        typer.echo(f"  {model.title[:36]:36}{_figure(grouped.auroc):>22}{calibration}{_figure(later.auroc):>24}")
    for leak in evaluation.leaks:
        typer.echo(f"  {leak.severity}: {leak.says}")
    for published in evaluation.published:
        known = f"  ({published.leaks})" if published.leaks else ""
        typer.echo(f"  published: {published.auroc:.3f} {published.method}, {published.source}{known}")


def _print_conditions(conditions: Iterable[Condition]) -> None:
    for condition in conditions:
        typer.echo(f"  {'met' if condition.is_met else 'not met'}: {condition.says}: {condition.found}")


def _line(version: ModelVersion, evaluation: Evaluation) -> str:
    model = evaluation.model("additive")
    trained = f"trained {version.trained_at:%Y-%m-%d %H:%M} UTC on {evaluation.cohort.stays:,} stays"
    figures = f"AUROC {_figure(model.grouped.auroc)}  slope {_short(model.grouped.slope)}  ECE {_short(model.grouped.ece)}"
    return f"version {version.number}  {version.state or '–':10}  {trained}  {figures}"


def _as_json(version: ModelVersion, evaluation: Evaluation) -> dict:
    facts = {"version": version.number, "state": version.state, "trained_at": version.trained_at.isoformat()}
    return facts | {"run_id": version.run_id, "tags": dict(version.tags), "evaluation": json.loads(evaluation.to_json())}


def _figure(measured: Interval | None) -> str:
    return "–" if measured is None else measured.text


def _short(measured: Interval | None) -> str:
    return "–" if measured is None else f"{measured.value:.3f}"
