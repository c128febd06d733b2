"""The codes that the canonical feeds know by name, for readers of foreign formats."""

from __future__ import annotations

from functools import cache

from pipeline.catalog.contract import load_contracts
from pipeline.catalog.reference import reference_rows


@cache
def vital_sign_codes() -> frozenset[str]:
    """Names and LOINC codes of vital signs, in upper case, as the contract of their feed lists them."""
    columns = load_contracts()["bronze.vital_signs"].columns
    return frozenset(next(column for column in columns if column.name == "sign").reads_as.values)


@cache
def lab_test_codes() -> frozenset[str]:
    """Codes and names of the laboratory tests that a score uses, in upper case: results wherever they stand."""
    return frozenset(row["test_code"] for row in reference_rows("lab_tests"))
