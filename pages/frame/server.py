"""What stands before every request: who may ask at all, and headers that keep the browser at home.

Without sign-in nobody but this machine is answered. With it, files that a page offers need a sign-in that still counts, and one
that does not is taken off the request. Plain ASGI; knows nothing of pages and nothing of data.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
from datetime import UTC, datetime
from pathlib import Path

import anyio
import streamlit
from streamlit import config

from pages.frame.sign_in.cookie import sign_in_in, without_sign_in
from pages.frame.sign_in.rules import SignInRules, sign_in_rules
from pages.frame.sign_in.sessions import sessions_of
from pipeline.errors import BadRequest
from pipeline.governance.access import record_sign_out
from pipeline.settings import load_settings

FORWARDED = {b"x-forwarded-for", b"forwarded", b"x-real-ip"}
STRANGER = b"Without sign-in MediPulse answers only to its own machine. Open it there, or set up sign-in."
NOT_SIGNED_IN = b"Sign in to fetch this file."
NEEDS_SIGN_IN = ("/media/", "/_stcore/upload_file")
"""What Streamlit hands out and takes in without asking who it is for."""

BRAND_SUFFIX = ".svg"
"""The logo is shown before anybody signs in; no page offers a file of this kind."""

SIGN_OUT = "/auth/logout"


def content_security_policy() -> str:
    """The policy that Streamlit's pages run under: own origin only, one inline script known by its hash, no eval."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    inline = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in inline)
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'wasm-unsafe-eval' {hashes}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "frame-ancestors 'none'",
            "base-uri 'self'",
            "object-src 'none'",
            "form-action 'self'",
        )
    )


class GuardAndHeaders:
    """Refuses strangers, then adds the headers to every answer."""

    def __init__(self, app, policy: str) -> None:
        self._app = app
        self._headers = [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"DENY"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
        ]

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        rules = sign_in_rules()
        if rules is None and not is_own_machine(scope):
            await self._refuse(scope, send, STRANGER)
            return
        if rules is not None:
            scope, counts = await _with_sign_in_that_counts(scope, rules)
            if not counts and _needs_sign_in(scope["path"]):
                await self._refuse(scope, send, NOT_SIGNED_IN)
                return

        async def send_with_headers(message) -> None:
            if message["type"] == "http.response.start":
                own = [_only_encrypted(header, scope) for header in message.get("headers", [])]
                message = {**message, "headers": [*own, *self._headers, *_storage(scope["path"])]}
            await send(message)

        await self._app(scope, receive, send_with_headers)

    async def _refuse(self, scope, send, words: bytes) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain"), *self._headers]})
        await send({"type": "http.response.body", "body": words})


async def _with_sign_in_that_counts(scope, rules: SignInRules) -> tuple[dict, bool]:
    """The request without a sign-in that has ended, and whether one that counts is left. Signing out ends it everywhere."""
    sign_in = sign_in_in(scope["headers"])
    sessions = sessions_of(load_settings().revoked_sign_ins)
    if sign_in is not None and scope["path"].endswith(SIGN_OUT):
        sessions.revoke(sign_in)
        await anyio.to_thread.run_sync(record_sign_out, sign_in.name)
        return scope, False
    if sign_in is None or sessions.why_ended(sign_in, datetime.now(UTC), rules.idle) is not None:
        return {**scope, "headers": without_sign_in(scope["headers"])}, False
    return scope, True


def _needs_sign_in(path: str) -> bool:
    """Streamlit's own scripts and fonts, which lie below /static/media/, are everybody's."""
    below = path.removeprefix("/" + (config.get_option("server.baseUrlPath") or "").strip("/")) if path else ""
    return f"/{below.lstrip('/')}".startswith(NEEDS_SIGN_IN) and not path.endswith(BRAND_SUFFIX)


def require_sign_in_beyond_this_machine() -> None:
    """Raises BadRequest when the server is to listen for others and nobody would have to sign in."""
    address = config.get_option("server.address")
    if sign_in_rules() is None and not is_loopback(address or "0.0.0.0"):
        raise BadRequest(
            f"MediPulse does not listen on {address or 'every address'} without sign-in. Set up [auth] and [sign_in] in"
            " .streamlit/secrets.toml, or leave server.address at 127.0.0.1."
        )


def is_own_machine(scope) -> bool:
    """Whether the caller is on this machine. A forwarded request is not: a forgotten proxy must fail closed."""
    client = scope.get("client")
    if client is None or any(name.lower() in FORWARDED for name, _ in scope.get("headers", ())):
        return False
    return is_loopback(client[0])


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _only_encrypted(header: tuple[bytes, bytes], scope) -> tuple[bytes, bytes]:
    """Cookies of an encrypted connection are never sent over another one; Streamlit leaves that open."""
    name, value = header
    is_encrypted = scope.get("scheme") == "https" or (b"x-forwarded-proto", b"https") in scope.get("headers", ())
    is_open_cookie = name.lower() == b"set-cookie" and b"secure" not in value.lower()
    return (name, value + b"; Secure") if is_encrypted and is_open_cookie else header


def _storage(path: str) -> list[tuple[bytes, bytes]]:
    """Downloads hold patient data: no cache keeps them."""
    return [(b"cache-control", b"no-store")] if path.startswith("/media/") else []
