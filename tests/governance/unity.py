"""A Unity Catalog in small: what the generated statements let a person see, from their text alone.

Group membership, the person's name and the catalog are put into the parsed bodies, never as macros of DuckDB: in those a
parameter can mean a column of an inner table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

import pandas as pd
import pyarrow as pa
import sqlglot
from sqlglot import exp

from pipeline.catalog.contract import load_contracts
from pipeline.governance.access import _floats
from pipeline.governance.pseudonym_key import paddings
from pipeline.lakehouse.duck import Duck
from pipeline.lakehouse.publication import read_publication
from pipeline.lakehouse.reader import lay_over_publication
from pipeline.settings import Settings

FUNCTION = re.compile(r"CREATE OR REPLACE FUNCTION \w+\.(\S+?)\((.*?)\)\nRETURNS (\S+)\nRETURN (.*)", re.DOTALL)
MASK = re.compile(r"ALTER TABLE \w+\.(\S+) ALTER COLUMN `(\w+)` SET MASK \w+\.(\S+)")
FILTER = re.compile(r"ALTER TABLE \w+\.(\S+) SET ROW FILTER \w+\.(\S+) ON \((.*)\)")
PARAMETER = "parameter of the function: "
SELECT = re.compile(r"(GRANT|REVOKE) SELECT ON TABLE \w+\.(\S+) (?:TO|FROM) `(\w+)`")


@dataclass(frozen=True)
class Person:
    """Somebody who asks: what current_user() says, and the account groups."""

    name: str
    groups: frozenset[str]


class Catalog:
    """What a script says, each part by what it is about."""

    def __init__(self, script: str) -> None:
        said = [statement.strip() for statement in script.split(";\n") if statement.strip()]
        self.bodies: dict[str, tuple[list[str], str]] = {}
        for name, parameters, _, body in _found(FUNCTION, said):
            names = [one.split(" ")[0] for one in re.split(r", (?=\w+ [A-Z])", parameters) if one]
            self.bodies[name] = (names, body)
        self.masks = {(table, column): function for table, column, function in _found(MASK, said)}
        self.filters = {table: (function, re.findall("`(.*?)`", on)) for table, function, on in _found(FILTER, said)}
        self.readers: dict[str, set[str]] = {}
        for verb, table, group in _found(SELECT, said):
            (self.readers.setdefault(table, set()).add if verb == "GRANT" else self.readers.setdefault(table, set()).discard)(group)

    def may_select(self, person: Person, table: str) -> bool:
        return bool(self.readers.get(table, set()) & person.groups)

    def select(self, person: Person, table: str) -> str:
        """What the person gets for `select * from table`, whatever the grants say, in words of DuckDB."""
        layer, name = table.split(".")
        columns = [(column.name, self.masks.get((table, column.name))) for column in load_contracts()[table].columns]
        shown = ", ".join(f'{self._called(mask, [column], person)} as "{column}"' for column, mask in columns)
        rows = f" where {self._called(*self.filters[table], person)}" if table in self.filters else ""
        return f'select {shown} from "{layer}"."{name}" as own_row{rows}'

    def _called(self, function: str | None, arguments: list[str], person: Person) -> str:
        values = [f'own_row."{name}"' for name in arguments]
        if function is None:
            return values[0]
        names, body = self.bodies[function]
        said = _for_person(body, person)
        for name, value in zip(names, values, strict=True):
            said = said.replace(f'"{PARAMETER}{name}"', value)
        return said


@cache
def _for_person(body: str, person: Person) -> str:
    """A body for one person in words of DuckDB, its parameters under names that nothing else has."""
    return sqlglot.parse_one(body, dialect="databricks").transform(lambda node: _put_in(node, person)).sql(dialect="duckdb")


def _put_in(node: exp.Expression, person: Person) -> exp.Expression:
    if isinstance(node, exp.Column) and not node.table:
        return exp.column(f"{PARAMETER}{node.name}", quoted=True)
    if isinstance(node, exp.Anonymous) and node.name.lower() == "is_account_group_member":
        return exp.true() if node.expressions[0].name in person.groups else exp.false()
    if isinstance(node, exp.CurrentUser):
        return exp.Literal.string(person.name)
    if isinstance(node, exp.Table):
        return exp.alias_(exp.table_(node.name, db=node.db, quoted=True), node.alias, table=True)
    return node


def _found(pattern: re.Pattern, said: Iterable[str]) -> list[tuple[str, ...]]:
    return [match.groups() for match in map(pattern.fullmatch, said) if match]


def opened(settings: Settings, places: list[tuple[str, str, str]]) -> Duck:
    """The published tables with the two tables that the functions read: where people belong, and the key."""
    duck = Duck.for_people(settings.lake, 2)
    lay_over_publication(duck, read_publication(settings.publication_file), load_contracts())
    columns = ("user_name", "site_name", "ward_name")
    named = pa.schema([(name, pa.string()) for name in columns])
    duck.hold_arrow(
        "governance.viewer_places", pa.Table.from_pylist([dict(zip(columns, one, strict=True)) for one in places], named)
    )
    duck.hold_arrow("governance.pseudonym_key", pa.Table.from_pylist([paddings(settings.pseudonym_key_file)]))
    return duck


def rows(duck: Duck, catalog: Catalog, person: Person, table: str) -> pd.DataFrame:
    """The rows as `access.read` would give them: decimals as floats."""
    return _floats(duck.arrow(catalog.select(person, table))).to_pandas()


def years_told(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """The first moment of a year as the door tells it, the year as text; another moment stays as it is, and is found."""
    return frame.assign(**{name: pd.Series(map(_year_told, frame[name]), index=frame.index, dtype=object) for name in names})


def _year_told(moment: date | None) -> object:
    if pd.isna(moment):
        return None
    is_first = pd.Timestamp(moment) == pd.Timestamp(moment.year, 1, 1)
    return str(moment.year) if is_first else moment


def same_rows(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two frames hold the same rows, each as often, in any order; types count too, and every nothing is the same."""
    types = list(zip(one.columns, one.dtypes, strict=True)) == list(zip(other.columns, other.dtypes, strict=True))
    return types and _told(one) == _told(other)


def _told(frame: pd.DataFrame) -> list[str]:
    columns = [_with_one_nothing(frame.iloc[:, number]) for number in range(frame.shape[1])]
    return sorted(map(repr, zip(*columns, strict=True)))


def _with_one_nothing(values: pd.Series) -> list[object]:
    return [None if is_nothing else value for value, is_nothing in zip(values.tolist(), values.isna().tolist(), strict=True)]
