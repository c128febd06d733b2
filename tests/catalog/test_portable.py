"""Every SELECT of the project is in the portable subset, and the linter can say no."""

from __future__ import annotations

import pytest

from pipeline.catalog.contract import feeds, load_contracts
from pipeline.catalog.portable import violations
from pipeline.lakehouse.store import plausible_ranges
from pipeline.lakehouse.typed_text import typed_select

CONTRACTS = load_contracts()
SELECTS = [contract.table for contract in CONTRACTS.values() if contract.sql]


@pytest.mark.parametrize("table", SELECTS)
def test_every_select_is_portable(table):
    assert violations(CONTRACTS[table].sql) == []


@pytest.mark.parametrize("feed", feeds(CONTRACTS))
def test_the_generated_typing_is_portable(feed):
    select = typed_select(feeds(CONTRACTS)[feed], plausible_ranges())
    assert violations(select, is_generated=True) == []


@pytest.mark.parametrize(
    "sql, problem",
    [
        ("select avg(a) as a from gold.x", "uses AVG"),
        (
            "select concat(a, b) as c from gold.x",
            "uses CONCAT, which skips empty values in DuckDB and not in Spark; write a || b, or concat_ws",
        ),
        (
            "select exp(a) as a from gold.x",
            "uses EXP, whose last digits may differ between engines; only the readmission model's probability may",
        ),
        ("select round(a, 1) as a from gold.x", "uses ROUND"),
        ("select approx_count_distinct(a) as a from gold.x", "uses APPROX_DISTINCT"),
        ("select try_cast(a as integer) as a from gold.x", "casts raw text by hand: TRY_CAST(a AS INT)"),
        (
            "select case when regexp_like(b || '|', '^[0-9]{1,4}[|]$') then try_cast(a as integer) end as a from gold.x",
            "casts raw text by hand: TRY_CAST(a AS INT)",
        ),
        ("select a / b as c from gold.x", "divides what is not a double: a / b"),
        ("select * from gold.x", "ends in select *"),
        ("select a from x", "reads x without its schema"),
        ("select a from gold.x limit 3", "uses LIMIT, which picks rows by chance"),
        ("select a, row_number() over (order by b desc) as r from gold.x", "orders by b desc without saying where empty values go"),
        (
            "select case when age >= 65 then 1 else 0 end as a from gold.x",
            "has the number 65 in a CASE; make it a row of data/reference",
        ),
        ("select a from gold.x qualify row_number() over (order by a nulls last) = 1", "uses QUALIFY"),
        ("select median(a) as a from gold.x", "uses MEDIAN"),
        ("delete from gold.x", "is not one SELECT"),
        ("select a from gold.x; select b from gold.y", "is not one SELECT"),
        ("select a from gold.x where regexp_like(a, '\\d')", "has a backslash, which engines escape differently"),
    ],
)
def test_the_linter_refuses(sql, problem):
    assert problem in violations(sql)
