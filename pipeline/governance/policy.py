"""The policy as values: which role may open, do and see what. Pure; knows neither tables' rows nor people's sessions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import yaml

from pipeline.catalog.contract import SENSITIVITIES, Column, Contract, load_contracts
from pipeline.errors import AccessDenied, ContractBroken
from pipeline.settings import REPOSITORY

POLICY_FILE = Path(__file__).with_name("policy.yml")
TREATMENTS = ("show", "mask", "hide")
ACTIONS = frozenset(
    ("refresh", "export", "extract", "land", "reprocess", "audit", "train", "promote", "recalibrate", "retire", "set_budget")
)
"""What a role can be let do beside looking."""

PARTS = frozenset(("title", "pages", "may", "tables", "shows"))
"""Of a role; each must be said."""


@dataclass(frozen=True)
class Viewer:
    """Who is looking, in which role, and from where, as far as the screen knows: an address, and a name of the session."""

    name: str
    role: str
    address: str = field(default="", compare=False)
    session: str = field(default="", compare=False)


@dataclass(frozen=True)
class Role:
    """What one role may open, do and see."""

    title: str
    pages: tuple[str, ...]
    may: frozenset[str]
    tables: tuple[str, ...]
    shows: Mapping[str, str]


@dataclass(frozen=True)
class Policy:
    """Every role by its name. A question about an unknown role is refused, never answered with a default.

    fingerprint: of the file it was read from, so that the access log can tell when it changed.
    """

    by_role: Mapping[str, Role]
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

    def treatment(self, role: str, column: Column) -> str:
        """show, mask or hide."""
        return self._role(role).shows[column.sensitivity]

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
    roles = {name: _role(name, words) for name, words in said["roles"].items()}
    return Policy(roles, hashlib.sha256(written).hexdigest()[:16])


def _role(name: str, said: Mapping) -> Role:
    _require(set(said) == PARTS, f"the role {name} must say {', '.join(sorted(PARTS))}, and nothing else")
    shows = said["shows"]
    treated = set(shows) == set(SENSITIVITIES) and set(shows.values()) <= set(TREATMENTS)
    _require(treated, f"the role {name} must say for each of {', '.join(SENSITIVITIES)} one of {', '.join(TREATMENTS)}")
    unknown = sorted(set(said["may"]) - ACTIONS)
    _require(not unknown, f"the role {name} may {', '.join(unknown)}, which nobody can do")
    tables = load_contracts()
    lost = [pattern for pattern in said["tables"] if not any(fnmatchcase(table, pattern) for table in tables)]
    _require(not lost, f"the role {name} may read {', '.join(lost)}, which is no table")
    gone = [page for page in said["pages"] if not (REPOSITORY / "pages" / f"{page}.py").exists()]
    _require(not gone, f"the role {name} may open {', '.join(gone)}, which is no page")
    return Role(said["title"], tuple(said["pages"]), frozenset(said["may"]), tuple(said["tables"]), shows)


def _require(holds: bool, says: str) -> None:
    if not holds:
        raise ContractBroken(f"policy.yml: {says}.")
