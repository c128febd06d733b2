"""How a run scores: by the deployed model, compiled, or not at all and why. And which tables another model changes.

A model that is refused stops no run: stays keep their rules, and the sentence of the refusal stands where the score would.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.catalog.contract import Contract
from pipeline.catalog.plan import tables_read
from pipeline.lakehouse.duck import Duck
from pipeline.model.deployed import Deployed, Refusal
from pipeline.model.golden_rows import refused_by_engine
from pipeline.model.in_force import COMPILED, compiled_selects

NO_MODEL = "no model"
HERE = " refused here"
"""Ends the mark of a model that its file allows and the engine refused."""

REFUSED = "the promoted model was refused: "


@dataclass(frozen=True)
class Scoring:
    """How this run scores.

    mark: what a publication records of it; another one makes a refresh due. selects: the SELECT of each compiled table, none
    where no model scores; not_scored_because: why none does, None where none was promoted or one scores.
    """

    mark: str
    selects: Mapping[str, str] = field(default_factory=dict)
    not_scored_because: str | None = None

    def steps(self, steps: Sequence[Contract]) -> tuple[Contract, ...]:
        """The steps of a run, with the model's SELECTs in their places."""
        return tuple(replace(step, sql=self.selects.get(step.table, step.sql)) for step in steps)


def scoring_mark(model: Deployed | Refusal | None, contracts: Mapping[str, Contract]) -> str:
    """Names the model and how it is compiled, or its refusal, before an engine was asked."""
    match model:
        case Deployed():
            return hashlib.sha256(
                "\n".join([model.fingerprint, *compiled_selects(model, contracts).values()]).encode()
            ).hexdigest()[:16]
        case Refusal():
            return hashlib.sha256(f"{model.fingerprint} {model.reason}".encode()).hexdigest()[:16]
    return NO_MODEL


def asked_for(mark: str) -> str:
    """The mark before an engine was asked, of a mark that a publication records."""
    return mark.removesuffix(HERE)


def chosen_scoring(duck: Duck, model: Deployed | Refusal | None, contracts: Mapping[str, Contract]) -> Scoring:
    """How to score with this model on this engine, which first has to give the model's golden rows."""
    mark = scoring_mark(model, contracts)
    if model is None:
        return Scoring(mark)
    if isinstance(model, Refusal):
        return Scoring(mark, not_scored_because=REFUSED + model.reason)
    reason = refused_by_engine(duck, model, contracts)
    if reason is not None:
        return Scoring(mark + HERE, not_scored_because=REFUSED + reason)
    return Scoring(mark, compiled_selects(model, contracts))


def scored_steps(steps: Sequence[Contract]) -> tuple[Contract, ...]:
    """The steps that another model changes: the compiled tables and whatever reads them, in order."""
    names, found = set(COMPILED), []
    for step in steps:
        if step.table in names or names & set(tables_read(step.sql)):
            names.add(step.table)
            found.append(step)
    return tuple(found)
