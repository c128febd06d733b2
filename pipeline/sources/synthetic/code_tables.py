"""The code lists of the invented hospital, read once from the CSV files in codes/ and looked up by position from then on.

Codes and names are those of ICD-10-CM, ICD-10-PCS and ICD-9-CM, names shortened and without commas. Which conditions
people have, and what they come for, are the other two lists; their numbers are explained in conditions.py and coding.py.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "codes"
NO_CODE = -1


@dataclass(frozen=True)
class CodeList:
    """Codes by position: as ICD-10 and as ICD-9-CM write them, with their dots, and in words."""

    icd10: tuple[str, ...]
    icd9: tuple[str, ...]
    names: tuple[str, ...]

    def position(self, icd10: str) -> int:
        """Where this code stands; NO_CODE for the empty text. Raises ValueError for a code that is not in the list."""
        return self.icd10.index(icd10) if icd10 else NO_CODE


@dataclass(frozen=True)
class Conditions:
    """Chronic conditions by position; `by_age` has shape (conditions, 7), one column per band of AGES."""

    names: tuple[str, ...]
    points: np.ndarray
    sex: np.ndarray
    by_age: np.ndarray
    frailty: np.ndarray
    vessels: np.ndarray
    haemoglobin: np.ndarray
    sodium: np.ndarray
    coded_share: np.ndarray
    codes: tuple[tuple[int, ...], ...]

    def positions(self, *names: str) -> list[int]:
        """Where these conditions stand."""
        return [self.names.index(name) for name in names]


@dataclass(frozen=True)
class Reasons:
    """What people come for, by position: the principal diagnosis with who can have it and what is done about it.

    `weight` and `weight_with` say how often, without and with the condition; sex is 0 for women, 1 for men, -1 for both.
    """

    group: tuple[str, ...]
    diagnosis: np.ndarray
    weight: np.ndarray
    weight_with: np.ndarray
    condition: np.ndarray
    sex: np.ndarray
    from_years: np.ndarray
    below_years: np.ndarray
    procedure: np.ndarray
    procedure_share: np.ndarray
    seen_as: np.ndarray
    """The complaint that the emergency department may write down instead."""


@cache
def diagnosis_codes() -> CodeList:
    """Diagnoses."""
    return _code_list("diagnosis_codes")


@cache
def procedure_codes() -> CodeList:
    """Procedures."""
    return _code_list("procedure_codes")


@cache
def chronic_conditions() -> Conditions:
    """Chronic conditions, the ones that coders put first in front."""
    rows, at = _rows("chronic_conditions"), diagnosis_codes().position
    ages = [name for name in rows[0] if name.startswith("at_")]
    return Conditions(
        names=tuple(row["condition"] for row in rows),
        points=_numbers(rows, "points").astype(np.int64),
        sex=_sexes(rows),
        by_age=np.column_stack([_numbers(rows, name) for name in ages]),
        frailty=_numbers(rows, "frailty"),
        vessels=_numbers(rows, "vessels"),
        haemoglobin=_numbers(rows, "haemoglobin"),
        sodium=_numbers(rows, "sodium"),
        coded_share=_numbers(rows, "coded_share"),
        codes=tuple(tuple(at(code) for code in row["codes"].split()) for row in rows),
    )


@cache
def reasons_for_care() -> Reasons:
    """Every reason of every group."""
    rows, at = _rows("reasons_for_care"), diagnosis_codes().position
    known = chronic_conditions().names
    return Reasons(
        group=tuple(row["group"] for row in rows),
        diagnosis=np.array([at(row["diagnosis"]) for row in rows]),
        weight=_numbers(rows, "weight"),
        weight_with=_numbers(rows, "weight_with"),
        condition=np.array([known.index(row["condition"]) if row["condition"] else -1 for row in rows]),
        sex=_sexes(rows),
        from_years=_numbers(rows, "from_years"),
        below_years=_numbers(rows, "below_years"),
        procedure=np.array([procedure_codes().position(row["procedure"]) for row in rows]),
        procedure_share=_numbers(rows, "procedure_share"),
        seen_as=np.array([at(row["seen_as"]) for row in rows]),
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _code_list(name: str) -> CodeList:
    rows = _rows(name)
    return CodeList(*(tuple(row[column] for row in rows) for column in ("icd10", "icd9", "name")))


def _numbers(rows: list[dict[str, str]], column: str) -> np.ndarray:
    return np.array([float(row[column]) for row in rows])


def _sexes(rows: list[dict[str, str]]) -> np.ndarray:
    return np.array([{"F": 0, "M": 1, "": -1}[row["sex"]] for row in rows])
