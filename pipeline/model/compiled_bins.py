"""The SELECTs that say what the deployed model is and how stays lie in its bins: what monitoring compares. Portable Spark SQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from itertools import pairwise

from pipeline.model.compiled import POINTS, by_bin, number, text
from pipeline.model.deployed import Deployed
from pipeline.model.features import FEATURES
from pipeline.model.specification import NUMBER, POINT_DECIMALS, Specification, Term

MODEL, TERMS, BINS = "gold.scoring_model", "gold.model_terms", "gold.feature_bins"


def model_select(deployed: Deployed) -> str:
    """One row: which model scores, who promoted it and when."""
    promoted_at = deployed.promoted_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"""\
select
    cast({text(deployed.model_name)} as string) as model_name,
    cast({int(deployed.version)} as int) as model_version,
    cast({text(deployed.run_id)} as string) as run_id,
    cast('{promoted_at}' as timestamp_ntz) as promoted_at,
    cast({text(deployed.promoted_by)} as string) as promoted_by,
    cast({number(deployed.specification.intercept, POINT_DECIMALS)} as {POINTS}) as intercept,
    cast(null as string) as not_scored_because
from reference.deployed_model as d
"""


def terms_select(model: Specification) -> str:
    """One row per feature and bin: its words, its points, the training stays and readmissions in it."""
    rows = ",\n    ".join(row for term in model.terms for row in _rows(term))
    return f"""\
select
    cast(t.feature as string) as feature,
    cast(t.kind as string) as kind,
    cast(t.bin_number as int) as bin_number,
    cast(t.label as string) as label,
    cast(t.points as {POINTS}) as points,
    cast(t.row_count as bigint) as row_count,
    cast(t.event_count as bigint) as event_count
from (values
    {rows}
) as t(feature, kind, bin_number, label, points, row_count, event_count)
"""


def bins_select(model: Specification) -> str:
    """One row per month, feature and bin: the stays whose value fell into it, of those that can count for readmission."""
    return "\nunion all\n".join(_bins(term) for term in model.terms) + "\n"


def labels(term: Term) -> list[str]:
    """Each bin in words, from 0."""
    if term.kind != NUMBER:
        return ["missing", *term.levels, "any other"]
    cuts = [number(cut).removesuffix(".0") for cut in term.cuts]
    if not cuts:
        return ["missing", "any value"]
    between = [f"{low} to under {high}" for low, high in pairwise(cuts)]
    return ["missing", f"under {cuts[0]}", *between, f"{cuts[-1]} and over"]


def _rows(term: Term) -> Iterator[str]:
    for place, label in enumerate(labels(term)):
        points, counts = number(term.points[place], POINT_DECIMALS), (term.row_counts[place], term.event_counts[place])
        yield f"('{term.feature}', '{term.kind}', {place}, {text(label)}, {points}, {int(counts[0])}, {int(counts[1])})"


def _bins(term: Term) -> str:
    return f"""\
select b.stay_month, '{term.feature}' as feature, b.bin_number, count(*) as stay_count
from (
    select f.stay_month, cast(case {by_bin(term, str, f"f.{term.feature}")} end as int) as bin_number
    from {FEATURES} as f
    where f.is_eligible
) as b
group by b.stay_month, b.bin_number"""
