"""The key of the access log: what seals its records, and what makes pseudonyms of patient numbers.

It lies outside the lake, but by default in the same home folder as the log. A site should move it (MEDIPULSE_AUDIT_KEY_FILE)
to where only the program's own account reads it, best to another disk or a secret store that is mounted: who can read the
key can write a false log that proves itself, and can test whether a pseudonym stands for a patient number.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import AuditBroken
from pipeline.governance.secret_file import begin_secret, read_secret

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
        begin_secret(path)
    try:
        return AuditKey(read_secret(path))
    except FileNotFoundError as gone:
        raise AuditBroken(
            f"The key of the access log is gone ({path.name}). Put it back, or move the log and its anchor away to begin anew."
        ) from gone
    except ValueError as damaged:
        raise AuditBroken(f"{path.name} is not a key of an access log. Put the right one back.") from damaged
