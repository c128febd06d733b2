"""A real OpenID provider on loopback, and what MediPulse must be told to trust it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.hospital import WAIT_SECONDS, free_port

PEOPLE = {
    "cli": {"email": "cli@hospital.test", "groups": ["mp-clinicians"]},
    "aud": {"email": "aud@hospital.test", "groups": "mp-auditors"},
    "both": {"email": "both@hospital.test", "groups": ["mp-auditors", "mp-stewards", "others"]},
    "nobody": {"email": "nobody@hospital.test", "groups": []},
}
"""Who has an account, and in which groups: a list, one text, groups that nothing maps, none."""

SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "a secret of the tests, long enough to sign with"
client_id = "medipulse"
client_secret = "known to both"
server_metadata_url = "{provider}/.well-known/openid-configuration"
client_kwargs = {{ prompt = "login" }}

[sign_in]
role_claim = "groups"
idle_minutes = {idle_minutes}
watch_seconds = 1.0
[sign_in.roles]
"mp-clinicians" = "clinician"
"mp-auditors" = "auditor"
"mp-stewards" = "data_steward"
"""


@contextmanager
def provided(token_seconds: int = 3600) -> Iterator[str]:
    """The provider with its people, whose tokens last so long. Gives its address."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port), "-e", str(token_seconds)]
    for subject, claims in PEOPLE.items():
        command += ["--user-claims", json.dumps({"sub": subject, **claims})]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        _await(f"http://127.0.0.1:{port}/.well-known/openid-configuration")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def secrets_file(folder: Path, provider: str, port: int, idle_minutes: float) -> Path:
    """The secrets of a server at a port that trusts the provider."""
    path = folder / "secrets.toml"
    path.write_text(SECRETS.format(port=port, provider=provider, idle_minutes=idle_minutes), encoding="utf-8")
    return path


def _await(address: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            assert time.monotonic() < deadline, "The provider did not come up."
            time.sleep(0.05)
