"""De-identified extracts after the Safe Harbor rule (45 CFR 164.514(b)(2)): a white list of columns, each treated as it says.

What the white list does not name is left out. Surrogates are drawn at random for each extract and kept nowhere: a code that is
derived from a patient's number, even with a key, would not be allowed. Every text that is written is looked through once more.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import yaml
from sqlglot import exp

from pipeline.catalog.contract import load_contracts
from pipeline.errors import BadRequest, CheckFailed, ContractBroken
from pipeline.governance.access import record_action
from pipeline.governance.governed import ENGINE
from pipeline.governance.policy import Viewer
from pipeline.governance.shown import shown_as
from pipeline.governance.treatments import OLDEST_AGE
from pipeline.lakehouse.reader import PublishedTables, open_published
from pipeline.settings import Settings

WHITE_LIST = Path(__file__).with_name("safe_harbor.yml")
KEEP, SURROGATE, YEAR, AGE, AREA = "keep", "surrogate", "year", "age", "area"
TREATMENTS = (KEEP, SURROGATE, YEAR, AGE, AREA)
BY_THE_ENGINE = {AGE: "age", AREA: "postal area"}
"""What the door makes of such a column for a role that sees it generalised, and an extract as well."""

STAYS_ARE_ENCOUNTERS = {"stay_id": "encounter_id"}
"""A stay has the number of its first encounter, so both get the same surrogate."""

POSTAL = "a postal code"
LOOKS_LIKE = {
    "a date": re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b"),
    "an e-mail address": re.compile(r"[^\s@]+@[^\s@]+\.\w+"),
    "a web address": re.compile(r"https?://|www\."),
    "an internet address": re.compile(r"\b\d{1,3}(\.\d{1,3}){3}\b"),
    "a social security number": re.compile(r"\b\d{3}-\d{2}-\d{4}\b"),
    "a telephone number": re.compile(r"(\+\d{1,3}[\s-])?\(?\d{3}\)?[\s-]\d{3}[\s-]\d{4}"),
    POSTAL: re.compile(r"^\d{5}(-\d{4})?$"),
}
"""What no text of an extract may look like."""


@dataclass(frozen=True)
class Part:
    """One table of the extract: where it comes from, and the treatment of each column that it holds."""

    name: str
    table: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Extract:
    """What was written. rows: by part; left_out: by part, the columns that the white list does not name."""

    folder: Path
    rows: Mapping[str, int]
    left_out: Mapping[str, tuple[str, ...]]


@cache
def white_list(path: Path = WHITE_LIST) -> tuple[Part, ...]:
    """The parts of an extract. Raises ContractBroken for an unknown table, column or treatment."""
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    parts = tuple(Part(name, words["from"], words["columns"]) for name, words in said.items() if name != "identifiers")
    for part in parts:
        contract = load_contracts().get(part.table)
        known = {column.name for column in contract.columns} if contract else set()
        unknown = sorted(set(part.columns) - known) or sorted(set(part.columns.values()) - set(TREATMENTS))
        if unknown:
            raise ContractBroken(
                f"safe_harbor.yml: {part.name} names {unknown[0]}, which {part.table} or this program does not know."
            )
    return parts


def extract(viewer: Viewer, folder: Path, settings: Settings, *, as_of: date | None = None) -> Extract:
    """Writes one CSV for each part, and report.json. Raises AccessDenied by the policy, BadRequest for a folder that is not empty,
    CheckFailed, with nothing left behind, when a text still looks like an identifier.
    """
    record_action(viewer, "extract", "Safe Harbor extract", settings)
    if folder.exists() and any(folder.iterdir()):
        raise BadRequest(f"{folder} is not empty. Name a new folder, so that no two extracts are mixed.")
    published, drawn = open_published(settings), Surrogates()
    known = _known_identifiers(published)
    made = {part.name: _treated(published, part, drawn, as_of or datetime.now(UTC).date()) for part in white_list()}
    for name, rows in made.items():
        require_nothing_identifies(name, rows, known)
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in made.items():
        pyarrow.csv.write_csv(rows, folder / f"{name}.csv")
    left_out = {part.name: _left_out(part) for part in white_list()}
    done = Extract(folder, {name: rows.num_rows for name, rows in made.items()}, left_out)
    (folder / "report.json").write_text(json.dumps(_report(done, published, viewer), indent=1), encoding="utf-8")
    return done


class Surrogates:
    """Numbers drawn at random, one for each value met, for one extract."""

    def __init__(self) -> None:
        self._drawn: dict[str, dict[str, int]] = {}
        self._random = np.random.default_rng(secrets.randbits(128))

    def of(self, column: str, values: pa.ChunkedArray) -> pa.Array:
        """The surrogate of each value; the same value of the same kind always has the same one."""
        known = self._drawn.setdefault(STAYS_ARE_ENCOUNTERS.get(column, column), {})
        new = [value for value in pc.unique(values).to_pylist() if value is not None and value not in known]
        self._random.shuffle(new)
        taken = set(known.values())
        for value in new:
            number = int(self._random.integers(1, 10**12))
            while number in taken:
                number = int(self._random.integers(1, 10**12))
            taken.add(number)
            known[value] = number
        return pa.array([None if value is None else known[value] for value in values.to_pylist()], pa.int64())


def require_nothing_identifies(name: str, rows: pa.Table, known: frozenset[str]) -> None:
    """Raises CheckFailed, naming the column and never the value, where a text is or looks like an identifier."""
    for column in (field.name for field in rows.schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)):
        values = {value for value in pc.unique(rows.column(column)).to_pylist() if value is not None}
        found = next((kind for kind in LOOKS_LIKE if _looks_like(kind, column, values)), None)
        if found is None and values & known:
            found = "a known patient's number or name"
        if found is not None:
            raise CheckFailed(
                f"No extract was written: {name}.{column} holds what looks like {found}. Leave the column out, or mend the feed."
            )


def _looks_like(kind: str, column: str, values: set[str]) -> bool:
    """A code of a diagnosis can have five digits, so that codes are not taken for postal ones."""
    is_a_code = kind == POSTAL and column.endswith("_code")
    return not is_a_code and any(LOOKS_LIKE[kind].search(value) for value in values)


def _treated(published: PublishedTables, part: Part, drawn: Surrogates, as_of: date) -> pa.Table:
    rows = published.query(_select(part))
    treatments: dict[str, Callable[[str], tuple[str, pa.Array]]] = {
        KEEP: lambda column: (column, _plain(rows.column(column))),
        SURROGATE: lambda column: (column.removesuffix("_name"), drawn.of(column, rows.column(column))),
        YEAR: lambda column: (f"{column.removesuffix('_at').removesuffix('_date')}_year", _years(column, rows, as_of)),
        AGE: lambda column: (column, rows.column(column)),
        AREA: lambda column: ("area", rows.column(column)),
    }
    made = dict(treatments[treatment](column) for column, treatment in part.columns.items())
    order = np.random.default_rng(secrets.randbits(128)).permutation(rows.num_rows)
    return pa.table(made).take(pa.array(order))


def _select(part: Part) -> str:
    contract = load_contracts()[part.table]
    known = {column.name: column for column in contract.columns}
    columns = [shown_as(known[name], BY_THE_ENGINE.get(treatment, "show")) for name, treatment in part.columns.items()]
    return exp.select(*columns).from_(exp.table_(contract.name, db=contract.layer, quoted=True)).sql(dialect=ENGINE)


def _plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return values.cast(pa.float64()) if pa.types.is_decimal(values.type) else values


def _years(column: str, rows: pa.Table, as_of: date) -> pa.Array:
    """A year of birth is left out where it tells an age over 89: of whoever would be 90 today or was at death."""
    years = pc.year(rows.column(column))
    if column != "birth_date":
        return years
    limit = as_of.year - OLDEST_AGE
    return pc.if_else(pc.greater(years, limit), years, pa.scalar(None, pa.int64()))


def _known_identifiers(published: PublishedTables) -> frozenset[str]:
    """Numbers of patients and encounters, and family names: what no text may be."""
    asked = (
        "select patient_id as one from silver.patients union select family_name from silver.patients"
        " union select encounter_id from silver.encounters"
    )
    return frozenset(value for value in published.query(asked).column("one").to_pylist() if value)


def _left_out(part: Part) -> tuple[str, ...]:
    return tuple(column.name for column in load_contracts()[part.table].columns if column.name not in part.columns)


def _report(done: Extract, published: PublishedTables, viewer: Viewer) -> dict:
    """What was done, for whoever has to answer for the extract. What the receiver knows besides stays for people to judge."""
    said = yaml.safe_load(WHITE_LIST.read_text(encoding="utf-8"))
    return {
        "rule": "45 CFR 164.514(b)(2), Safe Harbor",
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "made_by": viewer.name,
        "publication": published.publication.number,
        "is_synthetic": published.publication.is_synthetic,
        "parts": {
            part.name: {
                "from": part.table,
                "rows": done.rows[part.name],
                "columns": dict(part.columns),
                "left_out": done.left_out[part.name],
            }
            for part in white_list()
        },
        "identifiers": said["identifiers"],
        "still_to_be_judged": "that nobody who receives it knows how to tell a person from it (164.514(b)(2)(ii))",
    }
