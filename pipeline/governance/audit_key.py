"""The key of the access log: what seals its records, and what makes pseudonyms of patient numbers.

It lies outside the lake, but by default in the same home folder as the log. A site should move it (MEDIPULSE_AUDIT_KEY_FILE)
to where only the program's own account reads it, best to another disk or a secret store that is mounted: who can read the
key can write a false log that proves itself, and can test whether a pseudonym stands for a patient number.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import AuditBroken

KEY_BYTES = 32
PSEUDONYM_LENGTH = 32
"""Hexadecimal digits, 128 bits: two of a million patients meet with a chance below 10⁻²⁶."""


@dataclass(frozen=True)
class AuditKey:
    """The secret, and what is made of it. Two uses get two keys, so that neither tells of the other."""

    secret: bytes

    @property
    def seal_secret(self) -> bytes:
        return self._derived("medipulse access log seal")

    @property
    def id(self) -> str:
        """Names the key without telling it."""
        return self._derived("medipulse access log key id").hex()[:16]

    def pseudonyms(self, patient_ids: tuple[str, ...]) -> list[str]:
        """One per patient number, the same at every time; sorted, so that the order of rows is not told."""
        secret = self._derived("medipulse access log patient")
        return sorted(hmac.new(secret, one.encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_LENGTH] for one in patient_ids)

    def _derived(self, use: str) -> bytes:
        return hmac.new(self.secret, use.encode(), hashlib.sha256).digest()


def load_key(path: Path, *, may_begin: bool) -> AuditKey:
    """The key in a file; made, readable by its owner alone, where there is none and no log was sealed with it yet.

    Raises AuditBroken when it is gone or is no key.
    """
    if may_begin and not path.exists():
        _begin(path)
    try:
        return AuditKey(bytes.fromhex(path.read_text(encoding="ascii")))
    except FileNotFoundError as gone:
        raise AuditBroken(
            f"The key of the access log is gone ({path.name}). Put it back, or move the log and its anchor away to begin anew."
        ) from gone
    except ValueError as damaged:
        raise AuditBroken(f"{path.name} is not a key of an access log. Put the right one back.") from damaged


def is_readable_by_others(path: Path) -> bool:
    """Whether another account of this machine may read the key."""
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _begin(path: Path) -> None:
    """A new key, whole from the first moment that another process can see it; of two at once the first counts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(KEY_BYTES))
        stream.flush()
        os.fsync(stream.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
