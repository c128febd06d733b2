"""All mappings that hold in one home: the shipped ones and the user's own, which win over shipped ones of the same name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.catalog.contract import Contract
from pipeline.errors import ContractBroken
from pipeline.sources.mapping import FeedMapping
from pipeline.sources.mapping_file import SHIPPED, read_mapping


@dataclass(frozen=True)
class BrokenMapping:
    """A mapping that cannot be used, and the sentence that says why."""

    path: Path
    sentence: str


@dataclass(frozen=True)
class Mappings:
    """What is known, and what would be known if it could be read."""

    known: tuple[FeedMapping, ...]
    broken: tuple[BrokenMapping, ...] = ()


def load_mappings(own: Path, feeds: Mapping[str, Contract]) -> Mappings:
    """Every mapping, by name. One that is broken is told and stops no other; the shipped one it replaces does not come back."""
    known: list[FeedMapping] = []
    broken: list[BrokenMapping] = []
    for path in _mapping_files(own):
        try:
            known.append(read_mapping(path, feeds, is_users_own=path.parent == own))
        except ContractBroken as wrong:
            broken.append(BrokenMapping(path, str(wrong)))
    return Mappings(tuple(known), tuple(broken))


def mappings_fingerprint(own: Path) -> str:
    """Changes whenever a mapping does. Reads the files without understanding them, so that an idle refresh stays cheap."""
    digest = hashlib.sha256()
    for path in _mapping_files(own):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _mapping_files(own: Path) -> list[Path]:
    shipped = {path.stem: path for path in SHIPPED.glob("*.yml")}
    return [path for _, path in sorted((shipped | {path.stem: path for path in own.glob("*.yml")}).items())]
