"""The key of pseudonyms: what a patient's or an encounter's number becomes for a role that works without knowing whose it is.

It lies outside the lake. A site should move it (MEDIPULSE_PSEUDONYM_KEY_FILE) to where only the program's account reads it: who
holds it can test whether a pseudonym stands for a number. Without it the pseudonyms made so far cannot be made again.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from pathlib import Path

from pipeline.errors import AccessDenied
from pipeline.governance.secret_file import begin_secret, read_secret
from pipeline.governance.treatments import INNER_KEY, OUTER_KEY

BLOCK_BYTES = 64
"""Of SHA-256, to which HMAC fills a key up (RFC 2104)."""

INNER_BYTE, OUTER_BYTE = 0x36, 0x5C


def paddings(path: Path) -> dict[str, bytes]:
    """The two paddings of the key in a file, by the names of their parameters; the key is made where there is none.

    Raises AccessDenied when the file holds no key.
    """
    if not path.exists():
        begin_secret(path)
    return _paddings(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _paddings(path: Path, _changed_at: int) -> dict[str, bytes]:
    try:
        secret = hmac.new(read_secret(path), b"medipulse pseudonym", hashlib.sha256).digest().ljust(BLOCK_BYTES, b"\0")
    except ValueError as damaged:
        raise AccessDenied(
            f"{path.name} is not a key of pseudonyms, so that nobody's number can be replaced. Put the right one back."
        ) from damaged
    return {name: bytes(byte ^ pad for byte in secret) for name, pad in ((INNER_KEY, INNER_BYTE), (OUTER_KEY, OUTER_BYTE))}
