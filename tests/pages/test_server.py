"""The server answers only to its own machine and keeps the browser at home."""

from __future__ import annotations

import asyncio

import pytest

import app
from pages.frame.server import GuardAndHeaders, _needs_sign_in, content_security_policy, is_own_machine


def scope(client: str | None, *headers: tuple[bytes, bytes], kind: str = "http", path: str = "/") -> dict:
    return {"type": kind, "client": (client, 1) if client else None, "headers": list(headers), "path": path}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (scope("127.0.0.1"), True),
        (scope("::1"), True),
        (scope("10.0.0.7"), False),
        (scope(None), False),
        (scope("not an address"), False),
        (scope("127.0.0.1", (b"X-Forwarded-For", b"10.0.0.7")), False),
        (scope("127.0.0.1", (b"forwarded", b"for=10.0.0.7")), False),
    ],
)
def test_only_this_machine_is_answered_and_a_forgotten_proxy_is_not(asked, expected):
    assert is_own_machine(asked) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/media/report.pdf", True),
        ("/_stcore/upload_file/a/b", True),
        ("/static/media/MaterialSymbols.woff2", False),
        ("/media/logo.svg", False),
        ("/", False),
    ],
)
def test_files_of_pages_need_a_sign_in_and_what_draws_the_way_in_does_not(path, expected):
    assert _needs_sign_in(path) is expected


def answer(asked: dict) -> list[dict]:
    """What the guarded server sends for one request."""

    async def inner(_, __, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"page"})

    sent: list[dict] = []

    async def keep(message):
        sent.append(message)

    asyncio.run(GuardAndHeaders(inner, content_security_policy())(asked, None, keep))
    return sent


def test_a_stranger_is_refused_and_a_strange_socket_is_closed():
    assert answer(scope("10.0.0.7"))[0]["status"] == 403
    assert answer(scope("10.0.0.7", kind="websocket")) == [{"type": "websocket.close", "code": 1008}]


def test_every_answer_carries_the_policy_and_downloads_are_not_kept():
    headers = dict(answer(scope("127.0.0.1", path="/media/report.pdf"))[0]["headers"])
    assert b"frame-ancestors 'none'" in headers[b"content-security-policy"]
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"cache-control"] == b"no-store"


def test_the_policy_allows_no_eval_and_no_inline_script_but_the_one_it_names():
    scripts = next(part for part in content_security_policy().split("; ") if part.startswith("script-src"))
    assert "'unsafe-eval'" not in scripts
    assert "'unsafe-inline'" not in scripts
    assert scripts.count("'sha256-") == 1


def test_the_server_runs_the_inner_script_and_answers_for_health_and_font():
    routes = {route.path: route.endpoint for route in app.app._user_routes}
    assert app.INNER_SCRIPT.exists()
    assert app.FONT.exists()
    assert set(routes) == {"/healthz", "/fonts/inter-latin.woff2"}
    assert asyncio.run(routes["/healthz"](None)).body == b'{"status":"ok"}'
