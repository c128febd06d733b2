"""A compiled model scores as its specification does: contributions exactly, probabilities to a millionth."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sqlglot

from pipeline.catalog.plan import tables_read
from pipeline.catalog.portable import violations
from pipeline.lakehouse.duck import Duck
from pipeline.model.compiled import number, scores_select, text
from pipeline.model.compiled_bins import bins_select, labels, model_select, terms_select
from pipeline.model.specification import NUMBER, POINT_DECIMALS, Specification, Term
from pipeline.settings import load_settings
from tests.model.models import CONTRACTS, FEATURES, HOSTILE_LEVELS, drawn_model, drawn_stays, promoted, small_model

MODEL = drawn_model()
STAYS = 100_000
SELECTS = {
    "gold.risk_scores": scores_select(MODEL, 7, CONTRACTS),
    "gold.model_terms": terms_select(MODEL),
    "gold.feature_bins": bins_select(MODEL),
    "gold.scoring_model": model_select(promoted(MODEL)),
}


@pytest.fixture(scope="module")
def stays():
    return drawn_stays(MODEL, STAYS)


@pytest.fixture(scope="module")
def engine(stays):
    """An engine with the drawn stays as the features' table, every tenth a child."""
    duck = Duck.for_builds(load_settings())
    hold_stays(duck, stays)
    return duck


def hold_stays(duck: Duck, stays: pd.DataFrame) -> None:
    arrow = pa.Table.from_pandas(stays.assign(place=np.arange(len(stays))), preserve_index=False)
    duck.hold_arrow("_drawn", arrow)
    given = {column.name: f"cast({column.name} as {column.type})" for column in FEATURES if column.name in stays}
    own = {
        "stay_id": "cast(place as varchar)", "patient_id": "'P'", "discharged_at": "timestamp '2026-01-01'",
        "stay_month": "date '2026-01-01'", "not_applicable": "case when place % 10 = 0 then 'not applicable: under 18' end",
        "is_eligible": "place % 10 > 0",
    }  # fmt: skip
    columns = CONTRACTS["gold.risk_features"].columns
    said = (f"cast({(given | own).get(column.name, 'null')} as {column.type}) as {column.name}" for column in columns)
    duck.hold("gold.risk_features", f"select {', '.join(said)} from _drawn")


@pytest.fixture(scope="module")
def scored(engine):
    """The compiled SELECT's rows, in the order of the stays."""
    select = SELECTS["gold.risk_scores"]
    return engine.arrow(f"select * from ({select}) order by cast(stay_id as integer)")


def test_every_contribution_is_the_specifications(scored, stays):
    ours = np.column_stack([scored[f"{feature}_points"].cast(pa.float64()).to_numpy() for feature in MODEL.features])
    is_scored = np.arange(STAYS) % 10 > 0
    assert np.array_equal(_in_last_digits(ours[is_scored]), _in_last_digits(MODEL.contributions(stays)[is_scored]))


def test_every_probability_is_the_specifications_to_a_millionth(scored, stays):
    is_scored = np.arange(STAYS) % 10 > 0
    ours = scored["readmission_probability"].to_numpy()
    assert np.abs(ours - MODEL.probabilities(stays))[is_scored].max() < 1e-6


def test_the_sum_is_exact_to_the_last_digit(scored):
    parts = [scored[f"{feature}_points"].to_pylist() for feature in MODEL.features]
    sums = [sum(points, Decimal(number(MODEL.intercept))) if None not in points else None for points in zip(*parts, strict=True)]
    assert scored["log_odds"].to_pylist() == sums


def test_a_stay_that_no_model_is_for_has_its_reason_and_no_number(scored):
    child = scored.slice(0, 1).to_pylist()[0]
    assert child["score_status"] == "not applicable: under 18"
    assert {name for name, value in child.items() if value is not None} == {
        "stay_id", "patient_id", "discharged_at", "stay_month", "score_status",
    }  # fmt: skip


def test_a_feature_that_the_model_does_not_use_has_no_points(engine):
    row = engine.arrow(f"select * from ({scores_select(small_model(), 2, CONTRACTS)}) where model_version = 2 limit 1").to_pylist()[
        0
    ]
    given = {name for name, value in row.items() if name.endswith("_points") and value is not None}
    assert given == {"age_years_points", "disposition_points"}


def test_a_model_without_cut_offs_or_terms_still_scores(engine):
    flat = Specification(-1.0, (Term("age_years", NUMBER, (0.5, 0.25), (1, 9), (0, 1)),), "f00d", {})
    for model, log_odds in ((flat, {Decimal("-0.75"), Decimal("-0.5")}), (Specification(-1.0, (), "f00d", {}), {Decimal("-1")})):
        select = scores_select(model, 1, CONTRACTS)
        assert {row[0] for row in engine.rows(f"select distinct log_odds from ({select}) where model_version = 1")} == log_odds


@pytest.mark.parametrize("table", SELECTS)
def test_a_compiled_select_gives_what_the_contract_promises(table, engine):
    engine.hold("reference.deployed_model", "select 'x' as not_scored_because")
    given = [(name, type_.lower()) for name, type_, *_ in engine.rows(f"describe {SELECTS[table]}")]
    assert given == [(column.name, column.type.replace(" ", "")) for column in CONTRACTS[table].columns]


@pytest.mark.parametrize("table", SELECTS)
def test_a_compiled_select_is_portable_and_stands_in_the_same_place_of_the_build(table):
    assert violations(SELECTS[table], is_generated=True) == []
    assert set(tables_read(SELECTS[table])) <= set(tables_read(CONTRACTS[table].sql))


@pytest.mark.parametrize("level", HOSTILE_LEVELS)
def test_a_level_is_the_same_text_in_the_engine_and_parses_in_both_dialects(level):
    assert Duck.for_builds(load_settings()).rows(f"select {text(level)}") == [(level,)]
    for dialect in ("databricks", "duckdb"):
        assert len(sqlglot.parse(f"select {text(level)} as level", dialect=dialect)) == 1
    assert "\\" not in text(level) and "$" not in text(level) and text(level).count("'") % 2 == 0


def test_the_bins_hold_every_eligible_stay_once_for_each_feature(engine, stays):
    found = {(feature, bin_number): count for _, feature, bin_number, count in engine.rows(SELECTS["gold.feature_bins"])}
    is_eligible = np.arange(STAYS) % 10 > 0
    for term in MODEL.terms:
        counts = np.bincount(term.bins(stays[term.feature])[is_eligible], minlength=len(term.points))
        assert [found.get((term.feature, place), 0) for place in range(len(term.points))] == counts.tolist()


def test_the_terms_are_the_model_in_rows(engine):
    found = engine.rows(SELECTS["gold.model_terms"])
    said = {(term.feature, place): points for term in MODEL.terms for place, points in enumerate(term.points)}
    assert {(row[0], row[2]): float(row[4]) for row in found} == said
    assert {row[3] for row in found if row[0] == "disposition"} == {"missing", *HOSTILE_LEVELS, "any other"}


@pytest.mark.parametrize(
    ("cuts", "said"),
    [
        ((), ["missing", "any value"]),
        ((65.0,), ["missing", "under 65", "65 and over"]),
        ((7.5, 12.25), ["missing", "under 7.5", "7.5 to under 12.25", "12.25 and over"]),
    ],
)
def test_a_bin_is_named_by_its_cut_offs(cuts, said):
    count = len(cuts) + 2
    assert labels(Term("x", NUMBER, (0.0,) * count, (1,) * count, (0,) * count, cuts=cuts)) == said


def _in_last_digits(points: np.ndarray) -> np.ndarray:
    """Points as whole numbers of their last digit: Arrow turns a decimal into a float that may be its neighbour."""
    return np.rint(points * 10**POINT_DECIMALS).astype(int)
