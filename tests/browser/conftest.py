"""One hospital of 3,000 encounters, one server and one Chromium for the files of this folder; tests that write get a copy.

The fixtures end with this folder, not with the session: an open Chromium keeps an event loop that other tests would meet.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from pipeline.governance.policy import Viewer
from pipeline.serving.command_center import CommandCenter, command_center
from pipeline.serving.filters import Filters
from pipeline.settings import Settings
from tests.browser.browser import CHROMIUM_FLAGS, WAIT_MILLISECONDS, Visit
from tests.browser.hospital import served
from tests.browser.hostile import VALUES, land_hostile_values
from tests.lake import built_once, copy_of, publish_landed, synthetic_hospital

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP = {"width": 1400, "height": 1000}


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The installed Chromium. Without one the tests are skipped, unless MEDIPULSE_REQUIRE_BROWSER=1 says that it must be there."""
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None:
        missing = pytest.fail if os.environ.get("MEDIPULSE_REQUIRE_BROWSER") == "1" else pytest.skip
        missing("No Chromium is installed. On Debian: apt-get install chromium")
    expect.set_options(timeout=WAIT_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Opens an address in a browser of its own: visit(address, color_scheme="dark"). All are closed after the test."""
    contexts = []

    def opened(address: str, **look: object) -> Visit:
        contexts.append(chromium.new_context(**{"viewport": DESKTOP, "accept_downloads": True, **look}))
        return Visit.listening(contexts[-1].new_page()).open(address)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="package")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """3,000 synthetic encounters, published. Only read."""
    return synthetic_hospital(tmp_path_factory, encounters=3_000, seed=7)


@pytest.fixture(scope="package")
def address(hospital: Settings) -> Iterator[str]:
    """Where the hospital is shown."""
    with served(hospital) as started:
        yield started


@pytest.fixture(scope="package")
def hostile_hospital(hospital: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The hospital after somebody sent it the values of hostile.py. Only read."""

    def build(home: Settings) -> None:
        land_hostile_values(copy_of(hospital, home.home).landing)
        publish_landed(home, requested_by=VALUES["everything"])

    return built_once(tmp_path_factory, "hostile", build)


@pytest.fixture(scope="package")
def hostile_address(hostile_hospital: Settings) -> Iterator[str]:
    """Where that hospital is shown."""
    with served(hostile_hospital) as started:
        yield started


@pytest.fixture
def own_hospital(hospital: Settings, tmp_path: Path) -> Settings:
    """A copy of the hospital that a test may change, its access log still empty."""
    return copy_of(hospital, tmp_path / "home")


@pytest.fixture
def own_address(own_hospital: Settings) -> Iterator[str]:
    """Where that copy is shown, by a server of its own."""
    with served(own_hospital) as started:
        yield started


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[..., CommandCenter]:
    """What serving says of a home folder, without any screen: ask(settings, period="3 months")."""

    def asked(settings: Settings, **filters: str) -> CommandCenter:
        monkeypatch.setenv("MEDIPULSE_HOME", str(settings.home))
        return command_center(Viewer("test", "clinician"), Filters(**filters))

    return asked


@pytest.fixture
def patient_id(hospital: Settings, ask: Callable[..., CommandCenter]) -> str:
    """Somebody whom the hospital knows."""
    return ask(hospital).worklist.rows[0].patient_id
