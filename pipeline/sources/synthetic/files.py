"""The hospital's files while they grow: written under temporary names, all renamed at the end or none.

Knows lines and names only. A reader of the landing folder never sees a half-written hospital.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from pipeline.errors import BadRequest

MANIFEST = "synthetic_hospital.json"
UNFINISHED = ".part"


@dataclass
class GrowingFile:
    """A file that is being written, with the number of its lines and the hash of its content so far."""

    stream: BinaryIO
    line_count: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def append(self, text: bytes | memoryview, line_count: int) -> None:
        self.stream.write(text)
        self.digest.update(text)
        self.line_count += line_count


class LandingFiles:
    """The set of files of one hospital; use it in a `with` block: leaving it by an error removes what was begun."""

    def __init__(self, landing: Path, headers: dict[str, str]) -> None:
        self.landing, self.headers = landing, headers
        self.growing: dict[str, GrowingFile] = {}

    def __enter__(self) -> LandingFiles:
        self.landing.mkdir(parents=True, exist_ok=True)
        _require_own(self.landing, {f"{name}.csv" for name in self.headers})
        return self

    def __exit__(self, error_type: type | None, *_: object) -> None:
        for file in self.growing.values():
            file.stream.close()
        if error_type is not None:
            for name in self.growing:
                self._unfinished(name).unlink(missing_ok=True)

    def append(self, name: str, lines: pa.Array) -> None:
        """Appends lines, each of which ends with a line break. A file is begun with its first line."""
        if len(lines) == 0:
            return
        if name not in self.growing:
            self.growing[name] = GrowingFile(self._unfinished(name).open("wb"))
            self.growing[name].append(self.headers[name].encode() + b"\n", 0)
        self.growing[name].append(_text_of(lines), len(lines))

    def publish(self, about: dict[str, object]) -> dict[str, int]:
        """Gives every file its name, the manifest last; returns the number of lines by file name, headers not counted."""
        written = {name: self.growing[name] for name in self.headers if name in self.growing}
        for file in written.values():
            file.stream.close()
        described = {f"{name}.csv": {"sha256": file.digest.hexdigest(), "lines": file.line_count} for name, file in written.items()}
        manifest = self.landing / (MANIFEST + UNFINISHED)
        manifest.write_text(json.dumps({**about, "files": described}, indent=1) + "\n", encoding="utf-8")
        for name in self.headers:
            final = self.landing / f"{name}.csv"
            if name in written:
                self._unfinished(name).replace(final)
            else:
                final.unlink(missing_ok=True)
        manifest.replace(self.landing / MANIFEST)
        return {name: file["lines"] for name, file in described.items()}

    def _unfinished(self, name: str) -> Path:
        return self.landing / f"{name}.csv{UNFINISHED}"


def _text_of(lines: pa.Array) -> memoryview:
    """The bytes of the lines one after another: an Arrow string array already holds them so."""
    _, offsets, data = lines.buffers()
    positions = np.frombuffer(offsets, dtype=np.int32)
    return memoryview(data)[positions[lines.offset] : positions[lines.offset + len(lines)]]


def _require_own(landing: Path, names: set[str]) -> None:
    """Raises BadRequest when a file of one of these names was not written by an earlier synthetic hospital."""
    own = _own_hashes(landing / MANIFEST) | _own_hashes(landing / (MANIFEST + UNFINISHED))
    for path in sorted(landing / name for name in names):
        if path.exists() and _sha256(path) not in own:
            raise BadRequest(
                f"{path.name} in {landing} was not written by the synthetic hospital and is not overwritten."
                " Move it away, or choose another landing folder."
            )


def _own_hashes(manifest: Path) -> set[str]:
    try:
        return {file["sha256"] for file in json.loads(manifest.read_text(encoding="utf-8"))["files"].values()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
