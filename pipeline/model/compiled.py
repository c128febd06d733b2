"""Turns an additive model into the SELECT that scores stays: a CASE per feature, points as decimals, one exponential.

The text is portable Spark SQL and exact: points and their sum are decimals on every engine. Levels come from data, so no
character of theirs that an engine may read as anything else stands in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from pipeline.catalog.contract import Contract
from pipeline.model.features import FEATURES, feature_columns
from pipeline.model.specification import NUMBER, POINT_DECIMALS, Specification, Term

SCORES = "gold.risk_scores"
POINTS = f"decimal(12, {POINT_DECIMALS})"
"""Of every contribution and sum: whole numbers of 64 bits to an engine."""

SUMMED_AT_ONCE = 6
"""So many numbers of 12 digits add up to one of at most 18 before it is cut back; more would make engines round."""

PLAIN = re.compile(r"[A-Za-z0-9 .,/()_-]+|[^\x00-\x7f]+")
"""What every engine reads as it stands between quotes: quotes, backslashes, line ends and $ are not among it."""

CARRIED = ("stay_id", "patient_id", "discharged_at", "stay_month")


def scores_select(model: Specification, version: int, contracts: Mapping[str, Contract], *, source: str = FEATURES) -> str:
    """The SELECT of `gold.risk_scores` with this model, over `source`, which has the columns of the features' table.

    A stay that the model does not apply to has its status and no numbers; a feature that the model does not use, no points.
    """
    used = set(model.features)
    known = ",\n".join(f"        f.{name}" for name in (*CARRIED, "not_applicable"))
    pointed = "".join(f",\n        {_points(term)} as {term.feature}_points" for term in model.terms)
    shown = ",\n".join(_shown(column.name, column.name in used) for column in feature_columns(contracts))
    carried = ",\n".join(f"    s.{name}" for name in CARRIED)
    return f"""\
with pointed as (
    select
{known}{pointed}
    from {source} as f
),
summed as (
    select
        p.*,
        {_log_odds(model)} as log_odds
    from pointed as p
)
select
{carried},
    case when s.not_applicable is null then cast({int(version)} as int) end as model_version,
    coalesce(s.not_applicable, 'scored') as score_status,
    s.log_odds,
    cast(1 as double) / (1 + exp(-cast(s.log_odds as double))) as readmission_probability,
{shown}
from summed as s
"""


def by_bin(term: Term, result: Callable[[int], str], column: str) -> str:
    """The branches of a CASE that gives each value of a column the result of its bin."""
    if term.kind == NUMBER:
        tests = [f"{column} < {number(cut)}" for cut in term.cuts]
    else:
        tests = [f"{column} = {text(level)}" for level in term.levels]
    branches = " ".join(f"when {test} then {result(place)}" for place, test in enumerate(tests, start=1))
    return f"when {column} is null then {result(0)} {branches} else {result(len(tests) + 1)}"


def number(value: float, decimals: int | None = None) -> str:
    """A number as a decimal literal: as it is written in the model, or with so many digits after the point."""
    exact = Decimal(repr(float(value)))
    return format(exact if decimals is None else exact.quantize(Decimal(1).scaleb(-decimals)), "f")


def text(value: str) -> str:
    """A text as a literal of SQL, whatever is in it."""
    parts, at = [], 0
    while at < len(value):
        plain = PLAIN.match(value, at)
        parts.append(f"'{plain.group()}'" if plain else f"chr({ord(value[at])})")
        at = plain.end() if plain else at + 1
    return f"({' || '.join(parts)})" if len(parts) > 1 else (parts or ["''"])[0]


def _points(term: Term) -> str:
    def result(place: int) -> str:
        return number(term.points[place], POINT_DECIMALS)

    return f"cast(case when f.not_applicable is null then case {by_bin(term, result, f'f.{term.feature}')} end end as {POINTS})"


def _log_odds(model: Specification) -> str:
    """The exact sum; empty where a stay has no points. A model without a term has its intercept for every stay."""
    intercept = f"case when p.not_applicable is null then {number(model.intercept, POINT_DECIMALS)} end"
    return _sum([f"cast({intercept} as {POINTS})", *(f"p.{term.feature}_points" for term in model.terms)])


def _sum(parts: Sequence[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    groups = [parts[at : at + SUMMED_AT_ONCE] for at in range(0, len(parts), SUMMED_AT_ONCE)]
    return _sum([f"cast({' + '.join(group)} as {POINTS})" for group in groups])


def _shown(feature: str, is_used: bool) -> str:
    return f"    s.{feature}_points" if is_used else f"    cast(null as {POINTS}) as {feature}_points"
