"""The landing folder: which files lie in it, which of them were settled before, which the synthetic hospital wrote.

Opens none of them; what a file is, is found by `recognise`.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.errors import FileRefused

SYNTHETIC_MANIFEST = "synthetic_hospital.json"
"""Written by the synthetic hospital; names the content of the files that are not about real people."""


@dataclass(frozen=True)
class Fingerprint:
    """What tells, without opening a file, that it is the one met before."""

    byte_count: int
    modified_ns: int


def landed_paths(landing: Path) -> list[Path]:
    """Every file in the landing folder but hidden ones, half-written ones (.tmp, .part) and the synthetic manifest."""
    if not landing.is_dir():
        return []
    skipped = {".tmp", ".part"}
    return sorted(
        path
        for path in landing.iterdir()
        if (path.is_file() or path.is_symlink())
        and not path.name.startswith(".")
        and path.suffix not in skipped
        and path.name != SYNTHETIC_MANIFEST
    )


def fingerprint(path: Path) -> Fingerprint:
    """Raises FileRefused when the file has gone."""
    try:
        seen = path.stat()
    except OSError as gone:
        raise FileRefused(f"{path.name} is gone or cannot be opened ({gone.strerror}). Put it back and refresh again.") from gone
    if not stat.S_ISREG(seen.st_mode):
        raise FileRefused(f"{path.name} is no file but a device or a folder. Take it out of the landing folder.")
    return Fingerprint(seen.st_size, seen.st_mtime_ns)


def synthetic_hashes(landing: Path) -> frozenset[str]:
    """The content hashes of the files that the synthetic hospital wrote."""
    manifest = landing / SYNTHETIC_MANIFEST
    if not manifest.exists():
        return frozenset()
    try:
        files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        return frozenset(file["sha256"] for file in files.values())
    except (ValueError, KeyError, TypeError, AttributeError):
        return frozenset()


@dataclass
class LandingIndex:
    """What was met before, so that a refresh with nothing new opens no file: by name the size and time of the file.

    A refused file is looked at again when the mappings have changed: one of them may know it now.
    """

    path: Path
    seen: dict[str, dict]

    @classmethod
    def load(cls, path: Path) -> LandingIndex:
        try:
            return cls(path, json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return cls(path, {})

    def knows(self, path: Path, mappings: str = "") -> bool:
        """Whether this very file, unchanged, was settled by an earlier run, be it refused under these very mappings."""
        seen = dict(self.seen.get(path.name, {}))
        return seen.pop("refused_under", mappings) == mappings and seen == asdict(fingerprint(path))

    def remember(self, settled: Mapping[str, Fingerprint], *, refused: Mapping[str, Fingerprint], mappings: str) -> None:
        """Adds files and writes the index; losing it only costs reading the files again."""
        self.seen.update({name: asdict(mark) for name, mark in settled.items()})
        self.seen.update({name: {**asdict(mark), "refused_under": mappings} for name, mark in refused.items()})
        self._write()

    def forget(self, name: str) -> None:
        """Has a file looked at once more, and writes the index."""
        self.seen.pop(name, None)
        self._write()

    def _write(self) -> None:
        temporary = self.path.with_suffix(".tmp")
        temporary.write_text(json.dumps(self.seen, indent=1), encoding="utf-8")
        temporary.replace(self.path)
