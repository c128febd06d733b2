"""What stands before every request: nobody but this machine in demonstration mode, and headers that keep the browser at home.

Plain ASGI; knows nothing of Streamlit's pages and nothing of data.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
from pathlib import Path

import streamlit

FORWARDED = {b"x-forwarded-for", b"forwarded", b"x-real-ip"}
REFUSAL = b"Without sign-in MediPulse answers only to its own machine. Open it there, or set up sign-in."


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
        if not is_own_machine(scope):
            await self._refuse(scope, send)
            return

        async def send_with_headers(message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *self._headers, *_storage(scope["path"])]}
            await send(message)

        await self._app(scope, receive, send_with_headers)

    async def _refuse(self, scope, send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain"), *self._headers]})
        await send({"type": "http.response.body", "body": REFUSAL})


def is_own_machine(scope) -> bool:
    """Whether the caller is on this machine. A forwarded request is not: a forgotten proxy must fail closed."""
    client = scope.get("client")
    if client is None or any(name.lower() in FORWARDED for name, _ in scope.get("headers", ())):
        return False
    try:
        return ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False


def _storage(path: str) -> list[tuple[bytes, bytes]]:
    """Downloads hold patient data: no cache keeps them."""
    return [(b"cache-control", b"no-store")] if path.startswith("/media/") else []
