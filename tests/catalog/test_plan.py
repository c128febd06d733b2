"""The tables a SELECT reads are read off its text; the parse tree says the same."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from pipeline.catalog.contract import load_contracts
from pipeline.catalog.plan import DIALECT, tables_read

SELECTS = {contract.table: contract.sql for contract in load_contracts().values() if contract.sql}


@pytest.mark.parametrize("table", SELECTS)
def test_the_text_and_the_parse_tree_name_the_same_tables(table):
    tree = sqlglot.parse_one(SELECTS[table], dialect=DIALECT)
    parsed = {f"{found.db}.{found.name}" for found in tree.find_all(exp.Table) if found.db}
    assert set(tables_read(SELECTS[table])) == parsed


def test_comments_texts_and_columns_are_no_tables():
    sql = "-- from gold.a\nselect 'from gold.b' as word, silver.x from silver.x as s\ninner join gold.c as c on s.id = c.id"
    assert tables_read(sql) == ("gold.c", "silver.x")
