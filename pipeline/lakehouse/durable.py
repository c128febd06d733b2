"""Files that are there whole or not at all, through a crash and a loss of power."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path


def replace_durably(path: Path, said: Mapping) -> None:
    """Puts a JSON object in the place of a file: written beside it, on the disk, then renamed in one step."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8") as stream:
        json.dump(said, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    flush(path.parent)


def flush(path: Path) -> None:
    """Asks the disk to keep a file's bytes, or the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
