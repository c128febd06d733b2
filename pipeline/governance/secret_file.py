"""A secret in a file of its own, readable by its owner alone: made once, never written again. Knows nothing of its use."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

SECRET_BYTES = 32


def begin_secret(path: Path) -> None:
    """A new secret, whole from the first moment that another process can see it; of two at once the first counts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(SECRET_BYTES))
        stream.flush()
        os.fsync(stream.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def read_secret(path: Path) -> bytes:
    """The secret. Raises FileNotFoundError, and ValueError for a file that holds none."""
    return bytes.fromhex(path.read_text(encoding="ascii"))


def is_readable_by_others(path: Path) -> bool:
    """Whether another account of this machine may read the file."""
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
