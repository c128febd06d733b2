"""The reading of nothing has the columns of the reading."""

from __future__ import annotations

import pytest

from pipeline.catalog.contract import feeds, load_contracts
from pipeline.lakehouse.duck import Duck
from pipeline.lakehouse.store import load_reference, plausible_ranges
from pipeline.lakehouse.typed_text import typed_nothing, typed_select
from pipeline.settings import load_settings

CONTRACTS = load_contracts()


@pytest.fixture(scope="module")
def duck():
    duck = Duck.for_builds(load_settings())
    load_reference(duck, CONTRACTS)
    yield duck
    duck.close()


@pytest.mark.parametrize("name", feeds(CONTRACTS))
def test_nothing_reads_as_the_same_columns(duck, name):
    contract = feeds(CONTRACTS)[name]
    duck.lay_over(contract.table, contract, [])
    described = [
        duck.rows(f"describe {select}") for select in (typed_select(contract, plausible_ranges()), typed_nothing(contract))
    ]
    assert [column[:2] for column in described[0]] == [column[:2] for column in described[1]]
