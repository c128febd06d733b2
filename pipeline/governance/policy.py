"""The policy as values: which role may open, do and see what. Pure; knows neither tables' rows nor people's sessions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import yaml

from pipeline.catalog.contract import SENSITIVITIES, Column, Contract, load_contracts
from pipeline.errors import AccessDenied, ContractBroken
from pipeline.governance.row_scope import ALL, OWN_SITES, OWN_WARDS, scope
from pipeline.settings import REPOSITORY

POLICY_FILE = Path(__file__).with_name("policy.yml")
TREATMENTS = ("show", "generalise", "mask", "hide")
GENERALISED = ("identifier", "quasi")
"""The classes of columns that can be generalised: who it is, and what helps to tell who it is."""

GENERALISATIONS = (
    "patient pseudonym",
    "encounter pseudonym",
    "year",
    "year of birth",
    "age",
    "postal area",
    "as it is",
)
YEARS = ("year", "year of birth")
ROWS = (ALL, OWN_SITES, OWN_WARDS)
ACTIONS = frozenset(
    (
        *("refresh", "export", "extract", "land", "reprocess", "audit", "break_glass"),
        *("train", "promote", "recalibrate", "retire", "set_budget"),
    )
)
"""What a role can be let do beside looking."""

PARTS = frozenset(("title", "pages", "may", "tables", "rows", "shows", "small_cells"))
"""Of a role; each must be said."""

WHOLE = frozenset(("small_cells", "break_glass", "generalise", "roles"))
"""The parts of the file."""


@dataclass(frozen=True)
class Viewer:
    """Who is looking, in which role, and from where, as far as the screen knows: an address, and a name of the session.

    sites, wards: the places of the person's account, which a role that sees own rows alone is held to; none of them, no row.
    opened: patients that the person opened outside these places; the access log must hold that they may.
    """

    name: str
    role: str
    address: str = field(default="", compare=False)
    session: str = field(default="", compare=False)
    sites: tuple[str, ...] = ()
    wards: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()


@dataclass(frozen=True)
class Role:
    """What one role may open, do and see: of which places (rows), how each class of column, and small counts or not."""

    title: str
    pages: tuple[str, ...]
    may: frozenset[str]
    tables: tuple[str, ...]
    rows: str
    shows: Mapping[str, str]
    small_cells: str


@dataclass(frozen=True)
class Policy:
    """Every role by its name. A question about an unknown role is refused, never answered with a default.

    generalises: what generalising makes of a column, by the column's name. fewest: the smallest count that is not a small cell.
    opened_for: how long a patient stays open after breaking the glass. fingerprint: of the file it was read from, so that the
    access log can tell when it changed.
    """

    by_role: Mapping[str, Role]
    generalises: Mapping[str, str]
    fewest: int
    opened_for: timedelta
    fingerprint: str

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(self.by_role)

    def title(self, role: str) -> str:
        """The role's name for people."""
        return self._role(role).title

    def pages(self, role: str) -> tuple[str, ...]:
        """Keys of the pages the role may open, the first one being where it starts."""
        return self._role(role).pages

    def may(self, role: str, action: str) -> bool:
        """Whether the role may do something beside looking: refresh, export or land files."""
        return action in self._role(role).may

    def may_read(self, role: str, table: str) -> bool:
        """Whether the role may read a table at all."""
        return any(fnmatchcase(table, pattern) for pattern in self._role(role).tables)

    def rows(self, role: str) -> str:
        """Of which places the role sees patients: all, own sites or own wards."""
        return self._role(role).rows

    def sees_identifiers(self, role: str) -> bool:
        """Whether the role sees who a patient is and when things happened, as it is."""
        return self._role(role).shows["identifier"] == "show"

    def hides_small_cells(self, role: str) -> bool:
        """Whether the role sees no count of fewer than `fewest`, nor what such a count could be worked out from."""
        return self._role(role).small_cells == "suppress"

    def treatment(self, role: str, column: Column) -> str:
        """show, mask or hide, or one of GENERALISATIONS but the last, which is to show."""
        said = self._role(role).shows[column.sensitivity]
        if said != "generalise":
            return said
        becomes = self.generalises.get(column.name, "mask")
        return "show" if becomes == "as it is" else becomes

    def tells_year(self, role: str, column: str) -> bool:
        """Whether the role sees the year alone of the times, days and months in a column of this name that tells who it is."""
        shows = self._role(role).shows
        return any(shows[one] == "generalise" for one in GENERALISED) and self.generalises.get(column) in YEARS

    def masked_columns(self, role: str, contract: Contract) -> tuple[str, ...]:
        """The columns of a table that the role does not see as they are."""
        return tuple(column.name for column in contract.columns if self.treatment(role, column) != "show")

    def require(self, viewer: Viewer, action: str) -> None:
        """Raises AccessDenied unless the viewer's role may do this."""
        if not self.may(viewer.role, action):
            raise AccessDenied(f"The role {self.title(viewer.role)} may not {action}. Ask a data steward to change the policy.")

    def _role(self, role: str) -> Role:
        if role not in self.by_role:
            raise AccessDenied("Your account has no role in the policy. Ask a data steward to give you one.")
        return self.by_role[role]


@cache
def load_policy(path: Path = POLICY_FILE) -> Policy:
    """The policy in a file. Raises ContractBroken when any part of it is unknown or missing."""
    written = path.read_bytes()
    said = yaml.safe_load(written)
    _require(set(said) == WHOLE, f"it must say {', '.join(sorted(WHOLE))}, and nothing else")
    fewest, minutes = said["small_cells"].get("fewest"), said["break_glass"].get("minutes")
    _require(isinstance(fewest, int) and fewest > 1, "small_cells must say the fewest that are shown, a whole number above 1")
    _require(isinstance(minutes, int) and minutes > 0, "break_glass must say for how many minutes, a whole number above 0")
    return Policy(
        by_role={name: _role(name, words) for name, words in said["roles"].items()},
        generalises=_generalises(said["generalise"]),
        fewest=fewest,
        opened_for=timedelta(minutes=minutes),
        fingerprint=hashlib.sha256(written).hexdigest()[:16],
    )


def _generalises(said: Mapping) -> Mapping[str, str]:
    unknown = sorted(set(said) - set(GENERALISATIONS))
    _require(not unknown, f"generalise names {', '.join(unknown)}, which is none of {', '.join(GENERALISATIONS)}")
    named = [column for columns in said.values() for column in columns]
    _require(len(named) == len(set(named)), "generalise names a column twice")
    known = {
        column.name for contract in load_contracts().values() for column in contract.columns if column.sensitivity in GENERALISED
    }
    lost = sorted(set(named) - known)
    _require(not lost, f"generalise names {', '.join(lost)}, which is no column that identifies or helps to")
    return {column: becomes for becomes, columns in said.items() for column in columns}


def _role(name: str, said: Mapping) -> Role:
    _require(set(said) == PARTS, f"the role {name} must say {', '.join(sorted(PARTS))}, and nothing else")
    _require_known_names(name, said)
    shows, rows, cells = said["shows"], said["rows"], said["small_cells"]
    treated = set(shows) == set(SENSITIVITIES) and set(shows.values()) <= set(TREATMENTS)
    _require(treated, f"the role {name} must say for each of {', '.join(SENSITIVITIES)} one of {', '.join(TREATMENTS)}")
    general = [sensitivity for sensitivity, how in shows.items() if how == "generalise" and sensitivity not in GENERALISED]
    _require(not general, f"the role {name} generalises {', '.join(general)}, which only {' and '.join(GENERALISED)} can be")
    _require(rows in ROWS, f"the role {name} must see the rows of one of {', '.join(ROWS)}")
    _require(cells in ("show", "suppress"), f"the role {name} must show or suppress small_cells")
    counts_nobody_unseen = cells == "suppress" or shows["identifier"] == "show"
    _require(counts_nobody_unseen, f"the role {name} shows small_cells of patients whom it may not see")
    _require_places(said["tables"], rows)
    _require("break_glass" not in said["may"] or rows != ALL, f"the role {name} may break_glass, but sees all rows already")
    return Role(said["title"], tuple(said["pages"]), frozenset(said["may"]), tuple(said["tables"]), rows, shows, cells)


def _require_known_names(name: str, said: Mapping) -> None:
    unknown = sorted(set(said["may"]) - ACTIONS)
    _require(not unknown, f"the role {name} may {', '.join(unknown)}, which nobody can do")
    tables = load_contracts()
    lost = [pattern for pattern in said["tables"] if not any(fnmatchcase(table, pattern) for table in tables)]
    _require(not lost, f"the role {name} may read {', '.join(lost)}, which is no table")
    gone = [page for page in said["pages"] if not (REPOSITORY / "pages" / f"{page}.py").exists()]
    _require(not gone, f"the role {name} may open {', '.join(gone)}, which is no page")


def _require_places(patterns: list[str], rows: str) -> None:
    for table, contract in load_contracts().items():
        if not contract.is_intermediate and any(fnmatchcase(table, pattern) for pattern in patterns):
            scope(contract, rows)


def _require(holds: bool, says: str) -> None:
    if not holds:
        raise ContractBroken(f"policy.yml: {says}.")
