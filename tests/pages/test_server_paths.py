"""No address of the real server gives out a file of the lake, a key, the log, a setting or the program."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from pipeline.governance.policy import Viewer
from tests.browser.hospital import served

pytestmark = pytest.mark.slow

MARKS = (b"P-ada", b"Ash", b"SQLite format", b"PAR1", b"small_cells", b"root:x:", b"import streamlit", b"[server]", b'"versions"')
"""Of patients, the log, a table's file, the policy, the machine, the program, its settings and the publication."""

UP = ("..", "%2e%2e", "%2E.", "..%2f..", "%252e%252e", "..%5c..", "....", "..;")
"""A step up, as servers have been talked into one."""

FOLDERS = ("/app/static", "/static", "/media", "/fonts", "/_stcore", "/component/x", "/_stcore/upload_file", "/~/+", "")
WANTED = ("pipeline/governance/policy.yml", "app.py", ".streamlit/config.toml")
IN_HOME = ("lake/publication.json", "governance/access_log.sqlite", "governance/pseudonym.key", "landing/patients.csv")


@pytest.fixture(scope="module")
def server(shared_tiny_lake) -> Iterator[tuple[str, str]]:
    """The address of the server, and the home folder that it serves."""
    from pipeline.governance.access import read

    read(Viewer("eve", "clinician"), "select * from silver.patients", purpose="test", settings=shared_tiny_lake)
    with served(shared_tiny_lake) as address:
        yield urlsplit(address).netloc, str(shared_tiny_lake.home)


def body(netloc: str, path: str) -> bytes:
    """What comes back for exactly this path: no client in between makes it a tidy one."""
    connection = http.client.HTTPConnection(netloc, timeout=10)
    connection.putrequest("GET", path, skip_accept_encoding=True)
    connection.endheaders()
    try:
        return connection.getresponse().read()
    finally:
        connection.close()


def paths(home: str) -> Iterator[str]:
    for folder in FOLDERS:
        for up in UP:
            steps = "/".join([up] * 6)
            yield from (f"{folder}/{up}/{file}" for file in WANTED)
            yield from (f"{folder}/{steps}{home}/{file}" for file in IN_HOME)
            yield f"{folder}/{steps}/etc/passwd"
        yield from (f"{folder}/{file}" for file in (*WANTED, *IN_HOME, "etc/passwd"))
        yield from (f"{folder}/{home}/{file}" for file in IN_HOME)
        yield from (f"{folder}/%2f{home.strip('/')}/{file}".replace("/lake", "%2flake") for file in IN_HOME)


def test_no_path_leads_to_a_file(server):
    netloc, home = server
    given = {path: body(netloc, path) for path in paths(home)}
    assert len(given) > 400
    assert {path: mark for path, text in given.items() for mark in MARKS if mark in text} == {}


@pytest.mark.parametrize(
    "path", ["/media/0123456789abcdef.csv", "/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/host-config"]
)
def test_what_streamlit_offers_by_itself_tells_nothing_of_patients(path, server):
    assert not [mark for mark in MARKS if mark in body(server[0], path)]


def test_the_server_answers_what_it_is_for(server):
    assert body(server[0], "/healthz") == b'{"status":"ok"}'
    assert b"<script" in body(server[0], "/")
