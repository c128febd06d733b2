"""A contract and its SELECT give the same columns, in the same order, of the same types."""

from __future__ import annotations

import pytest

from pipeline.catalog.contract import load_contracts, read_contract
from pipeline.errors import ContractBroken
from tests.tables.golden import built_from

CONTRACTS = load_contracts()
BUILT = [contract.table for contract in CONTRACTS.values() if contract.sql and not contract.is_intermediate]


@pytest.fixture(scope="module")
def ordinary_visit():
    return built_from({"patients": [{}], "encounters": [{}], "vital_sets": [{}]})


@pytest.mark.parametrize("table", BUILT)
def test_a_select_gives_what_its_contract_promises(table, ordinary_visit):
    given = [(name, type_.lower()) for name, type_, *_ in ordinary_visit.rows(f"describe {table}")]
    promised = [(column.name, column.type.replace(" ", "")) for column in CONTRACTS[table].columns]
    assert given == promised


@pytest.mark.parametrize("table", CONTRACTS)
def test_every_contract_says_what_one_row_is(table):
    assert CONTRACTS[table].grain.startswith("one row per ")


@pytest.mark.parametrize("table", CONTRACTS)
def test_the_key_names_columns_of_the_table(table):
    contract = CONTRACTS[table]
    if contract.columns:
        assert set(contract.key) <= {column.name for column in contract.columns}


@pytest.mark.parametrize(
    "text",
    [
        "description: x\n",
        "description: x\ngrain: g\nkey: [a]\nwrite: sometimes\nowner: o\ncolumns: {}\n",
        "description: x\ngrain: g\nkey: [a]\nwrite: replace\nowner: o\ncolumns: {a: {type: date, sensitivity: x}}\n",
        "description: [unclosed\n",
    ],
)
def test_a_contract_that_cannot_be_read_is_named(text, tmp_path):
    path = tmp_path / "silver" / "broken.yml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContractBroken, match=r"silver/broken\.yml cannot be read"):
        read_contract(path)
