"""Which sign-ins still count: not after their token ended, not after a sign-out anywhere, not after nobody clicked for a while.

Streamlit's cookie lives for thirty days, is still good after a sign-out and outlives its token, so this is kept here. Sign-outs
are written down: a copied cookie stays refused when the server starts anew.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

SIGNED_OUT = "You have signed out."
TOKEN_ENDED = "Your sign-in has expired."
IDLE = "You were signed out because nothing was clicked for a while."


@dataclass(frozen=True)
class SignIn:
    """One sign-in of one person: the claims of its ID token, and what names it without naming the person."""

    key: str
    expires_at: datetime
    claims: Mapping

    @property
    def name(self) -> str:
        """How the access log names the person: the address, else the user name, else the provider's subject."""
        return str(self.claims.get("email") or self.claims.get("preferred_username") or self.claims["sub"])


def sign_in_of(claims: Mapping) -> SignIn | None:
    """The sign-in that the claims of an ID token tell of; None where they are not those of one."""
    try:
        named = "|".join(str(claims[name]) for name in ("iss", "sub", "iat"))
        expires_at = datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
    return SignIn(hashlib.sha256(named.encode()).hexdigest(), expires_at, claims)


class Sessions:
    """The sign-ins of one server."""

    def __init__(self, revoked_file: Path) -> None:
        self._file = revoked_file
        self._lock = threading.Lock()
        self._active: dict[str, datetime] = {}
        self._begun: set[str] = set()
        self._revoked = _read(revoked_file)

    def begin(self, sign_in: SignIn, now: datetime) -> bool:
        """Notes that the person is there. Returns whether this is the first time."""
        with self._lock:
            is_new = sign_in.key not in self._begun
            self._begun.add(sign_in.key)
            self._active[sign_in.key] = now
            return is_new

    def why_ended(self, sign_in: SignIn, now: datetime, idle: timedelta) -> str | None:
        """The sentence that says why a sign-in counts no more; None while it does. Looking is no activity."""
        with self._lock:
            if sign_in.key in self._revoked:
                return self._revoked[sign_in.key]
            if now >= sign_in.expires_at:
                return TOKEN_ENDED
            seen_at = self._active.setdefault(sign_in.key, now)
        if now - seen_at > idle:
            self.revoke(sign_in, IDLE)
            return IDLE
        return None

    def revoke(self, sign_in: SignIn, why: str = SIGNED_OUT) -> None:
        """Ends a sign-in for good, in every tab and for every copy of its cookie."""
        with self._lock:
            if sign_in.key in self._revoked:
                return
            self._revoked[sign_in.key] = why
            self._file.parent.mkdir(parents=True, exist_ok=True)
            line = {"key": sign_in.key, "why": why, "until": sign_in.expires_at.isoformat()}
            with self._file.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")


@cache
def sessions_of(revoked_file: Path) -> Sessions:
    """The one register of this process for a home."""
    return Sessions(revoked_file)


def _read(path: Path) -> dict[str, str]:
    """What was revoked and could still be tried; a token that ended needs no entry."""
    if not path.exists():
        return {}
    now = datetime.now(UTC)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return {line["key"]: line["why"] for line in lines if datetime.fromisoformat(line["until"]) > now}
