"""The one model that scores: a file that a refresh reads, with everything needed to score and to refuse.

Promotion writes it, the refresh reads it; a file that does not hold what it claims, or that was made for other features, is
refused in a sentence and the rules carry on without it. Knows no registry and no library that trains models.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from pipeline.catalog.contract import Column, Contract
from pipeline.errors import ModelRefused
from pipeline.lakehouse.durable import replace_durably
from pipeline.model.features import feature_columns, features_fingerprint
from pipeline.model.specification import CATEGORY, NUMBER, Specification, Term, from_json
from pipeline.settings import Settings

PROMOTE_AGAIN = "Promote a model again: python -m pipeline models"
TRAIN_AGAIN = "Train and promote again: python -m pipeline train"

MOST_POINTS = 100.0
"""Log-odds beyond this are no probability that a computer can tell from 0 or 1, and no honest training gives them."""


@dataclass(frozen=True)
class Deployed:
    """A promoted model. `run_id` is the training run it came from."""

    model_name: str
    version: int
    run_id: str
    promoted_at: datetime
    promoted_by: str
    specification: Specification

    @property
    def fingerprint(self) -> str:
        """Of all of it."""
        return _fingerprint(_words(self))


@dataclass(frozen=True)
class Refusal:
    """Why a promoted model does not score: what is wrong, then what to do. `fingerprint` names the file that was refused."""

    reason: str
    fingerprint: str


def deploy(settings: Settings, deployed: Deployed) -> None:
    """Makes the model the one that scores from the next refresh on, in one rename."""
    said = _words(deployed)
    settings.champion_file.parent.mkdir(parents=True, exist_ok=True)
    replace_durably(settings.champion_file, {**said, "fingerprint": _fingerprint(said)})


def withdraw(settings: Settings) -> bool:
    """Lets no model score from the next refresh on. Returns whether one did."""
    was_there = settings.champion_file.exists()
    settings.champion_file.unlink(missing_ok=True)
    return was_there


def deployed_model(settings: Settings, contracts: Mapping[str, Contract]) -> Deployed | Refusal | None:
    """The model that scores, why it may not, or None where none was promoted."""
    try:
        content = settings.champion_file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        return Refusal(f"its file cannot be read. {PROMOTE_AGAIN}", "unreadable")
    mark = hashlib.sha256(content).hexdigest()[:16]
    try:
        return _accepted(content, contracts)
    except ModelRefused as refused:
        return Refusal(str(refused), mark)


def _accepted(content: bytes, contracts: Mapping[str, Contract]) -> Deployed:
    deployed = _read(content)
    model = deployed.specification
    if model.features_fingerprint != features_fingerprint(contracts):
        raise ModelRefused(f"it was trained on features as they were defined before. {TRAIN_AGAIN}")
    known = {column.name: column for column in feature_columns(contracts)}
    for term in model.terms:
        _require_feature(term, known.get(term.feature))
        _require_bins(term)
    if len(set(model.features)) != len(model.terms):
        raise ModelRefused(f"it names a feature twice. {TRAIN_AGAIN}")
    if not _are_points([model.intercept]):
        raise ModelRefused(f"its intercept is no number of log-odds. {TRAIN_AGAIN}")
    return deployed


def _read(content: bytes) -> Deployed:
    try:
        said = json.loads(content)
        fingerprint = said.pop("fingerprint")
        if _fingerprint(said) != fingerprint:
            raise ModelRefused(f"its file was changed after it was promoted. {PROMOTE_AGAIN}")
        promoted_at = datetime.fromisoformat(said.pop("promoted_at"))
        return Deployed(specification=from_json(json.dumps(said.pop("specification"))), promoted_at=promoted_at, **said)
    except (ValueError, KeyError, TypeError, AttributeError) as broken:
        raise ModelRefused(f"its file is damaged. {PROMOTE_AGAIN}") from broken


def _require_feature(term: Term, column: Column | None) -> None:
    if column is None:
        raise ModelRefused(f"it uses {term.feature}, which is no feature. {TRAIN_AGAIN}")
    if term.kind != (CATEGORY if column.type == "varchar" else NUMBER):
        raise ModelRefused(f"it takes {term.feature} for a {term.kind}, which it is not. {TRAIN_AGAIN}")


def _require_bins(term: Term) -> None:
    """As many points and counts as bins, cut-offs that rise, points that are numbers."""
    inner = term.cuts if term.kind == NUMBER else term.levels
    counts = {len(term.points), len(term.row_counts), len(term.event_counts)}
    rises = all(low < high for low, high in pairwise(term.cuts)) and all(map(math.isfinite, term.cuts))
    if counts != {len(inner) + 2} or not rises or not _are_points(term.points) or len(set(term.levels)) != len(term.levels):
        raise ModelRefused(f"the bins of {term.feature} do not fit together. {TRAIN_AGAIN}")


def _are_points(values: list[float] | tuple[float, ...]) -> bool:
    return all(math.isfinite(value) and abs(value) <= MOST_POINTS for value in values)


def _words(deployed: Deployed) -> dict:
    return {
        "model_name": deployed.model_name,
        "version": deployed.version,
        "run_id": deployed.run_id,
        "promoted_at": deployed.promoted_at.astimezone(UTC).isoformat(),
        "promoted_by": deployed.promoted_by,
        "specification": json.loads(deployed.specification.to_json()),
    }


def _fingerprint(said: Mapping) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]
