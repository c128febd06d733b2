"""What becomes of a value that a role does not see as it is: the one source of it, for the door and for a Unity Catalog.

Each treatment is one expression over the value `v`, in Databricks SQL; an engine gets it in its own words. Pure.
"""

from __future__ import annotations

from functools import cache

import sqlglot
from sqlglot import exp

from pipeline.catalog.contract import Column
from pipeline.catalog.portable import spark_type
from pipeline.catalog.reference import reference_rows

DIALECT = "databricks"
"""The words that expressions are written in."""

VALUE = "v"
MASK = "•••"
"""What a masked text looks like. Anything else that is masked is left empty."""

OLDEST_AGE = 90
"""Stands for itself and every higher age: 45 CFR 164.514(b)(2)(i)(C) allows no age over 89."""

SMALL_AREA = "000"
"""Stands for every area of three digits in which 20,000 people or fewer live: 45 CFR 164.514(b)(2)(i)(B)."""

PSEUDONYM_LENGTH = 16
"""Hexadecimal digits, 64 bits: two of a million patients meet with a chance below 10⁻⁷."""

INNER_KEY, OUTER_KEY = "pseudonym_inner", "pseudonym_outer"
"""Parameters with the two paddings of the key (RFC 2104), so that an expression holds no secret."""

YEAR = f"date_trunc('YEAR', {VALUE})"
BIRTH_YEAR = f"case when year({VALUE}) > year(current_date()) - {OLDEST_AGE} then date_trunc('YEAR', {VALUE}) end"
"""Left out where it tells an age over 89."""

AGE = f"case when {VALUE} > {OLDEST_AGE} then {OLDEST_AGE} else {VALUE} end"
"""Not the lesser of the two, which engines give as 90 for an age that is not known."""

TYPES = {
    "patient pseudonym": ("varchar",),
    "encounter pseudonym": ("varchar",),
    "year": ("date", "timestamp"),
    "year of birth": ("date",),
    "age": ("integer", "bigint"),
    "postal area": ("varchar",),
}
"""Of which types a value must be to be generalised so; one of another type is masked."""


def treated(column: Column, treatment: str) -> exp.Expression:
    """What stands for a column that is treated so, of the column's type, over the column `v`."""
    return _parsed(in_words(column.type, treatment)).copy()


def in_words(type_: str, treatment: str) -> str:
    """The same for a value of a type, in Databricks SQL."""
    if treatment == "show":
        return VALUE
    if treatment in TYPES and type_ in TYPES[treatment]:
        return f"cast({_generalised(treatment)} as {spark_type(type_)})"
    if treatment != "hide" and type_ == "varchar":
        return f"'{MASK}'"
    return f"cast(null as {spark_type(type_)})"


@cache
def _parsed(words: str) -> exp.Expression:
    return sqlglot.parse_one(words, dialect=DIALECT)


def _generalised(treatment: str) -> str:
    match treatment:
        case "patient pseudonym":
            return pseudonym("patient")
        case "encounter pseudonym":
            return pseudonym("encounter")
        case "year":
            return YEAR
        case "year of birth":
            return BIRTH_YEAR
        case "age":
            return AGE
        case _:
            return area()


def pseudonym(kind: str) -> str:
    """HMAC-SHA256 (RFC 2104) of a number and what it is the number of: the same everywhere, and nothing without the key."""
    inner = f"unhex(sha2(:{INNER_KEY} || encode('{kind}|' || {VALUE}, 'utf-8'), 256))"
    return f"left(sha2(:{OUTER_KEY} || {inner}, 256), {PSEUDONYM_LENGTH})"


def area() -> str:
    """The first three digits of a postal code of the United States; what is none tells no area."""
    small = ", ".join(f"'{row['area']}'" for row in reference_rows("restricted_areas"))
    digits = f"left({VALUE}, 3)"
    return (
        f"case when {VALUE} rlike '^[0-9]{{5}}(-[0-9]{{4}})?$'"
        f" then case when {digits} in ({small}) then '{SMALL_AREA}' else {digits} end end"
    )
