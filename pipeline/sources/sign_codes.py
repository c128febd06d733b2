"""The vital signs that the canonical feed knows, for readers of foreign formats."""

from __future__ import annotations

from functools import cache

from pipeline.catalog.contract import load_contracts


@cache
def vital_sign_codes() -> frozenset[str]:
    """Names and LOINC codes, in upper case, as the contract of the vital_signs feed lists them."""
    columns = load_contracts()["bronze.vital_signs"].columns
    return frozenset(next(column for column in columns if column.name == "sign").reads_as.values)
