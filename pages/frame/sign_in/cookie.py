"""Reads Streamlit's sign-in cookie as Streamlit itself does: its signature, its parts, its claims.

Streamlit offers no public way, so private functions are used here and nowhere else; its version is pinned, and the browser test
of signing in holds them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http.cookies import CookieError, SimpleCookie

from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import TOKENS_COOKIE_NAME, USER_COOKIE_NAME

from pages.frame.sign_in.sessions import SignIn, sign_in_of

Headers = Iterable[tuple[bytes, bytes]]


def sign_in_in(headers: Headers) -> SignIn | None:
    """The sign-in that a request's cookies carry; None without one or with one that nobody here signed."""
    cookies = _cookies(headers)
    signed = get_cookie_with_chunks(lambda name: _unsigned(cookies, name), USER_COOKIE_NAME)
    if not signed:
        return None
    try:
        claims = json.loads(signed)
    except ValueError:
        return None
    return sign_in_of(claims) if isinstance(claims, Mapping) and claims.get("is_logged_in") else None


def without_sign_in(headers: Headers) -> list[tuple[bytes, bytes]]:
    """The headers of a request without its sign-in, so that Streamlit takes it for a stranger's."""
    return [(name, _stripped(value) if name.lower() == b"cookie" else value) for name, value in headers]


def _cookies(headers: Headers) -> Mapping[str, str]:
    jar: SimpleCookie = SimpleCookie()
    for name, value in headers:
        if name.lower() == b"cookie":
            try:
                jar.load(value.decode("latin-1"))
            except CookieError:
                return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _unsigned(cookies: Mapping[str, str], name: str) -> bytes | None:
    value = cookies.get(name)
    return None if value is None else decode_signed_value(get_cookie_secret(), name, value.encode("latin-1"))


def _stripped(value: bytes) -> bytes:
    ours = (USER_COOKIE_NAME.encode(), TOKENS_COOKIE_NAME.encode())
    return b";".join(part for part in value.split(b";") if not part.strip().startswith(ours)).strip()
