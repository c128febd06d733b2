"""The data dictionary says what the contracts say."""

from __future__ import annotations

from pipeline.catalog.contract import load_contracts
from pipeline.catalog.dictionary import DICTIONARY, dictionary


def test_the_written_dictionary_is_the_one_of_the_contracts():
    told = "Run: python -m pipeline.catalog.dictionary"
    assert DICTIONARY.read_text(encoding="utf-8") == dictionary(load_contracts()), told


def test_every_kept_column_of_every_table_is_in_it():
    text = dictionary(load_contracts())
    for contract in load_contracts().values():
        if not contract.is_intermediate:
            assert all(f"| {column.name} |" in text for column in contract.columns), contract.table
