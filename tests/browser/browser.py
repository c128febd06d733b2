"""A real Chromium at a page of the real server: what it shows, what it received, what it asked for, what it complained of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Dialog, Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pipeline.governance.policy import load_policy

CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WAIT_MILLISECONDS = 60_000
"""How long a condition may take to come true; on a machine that is not busy each takes a second or two."""

LOOK_AGAIN_MILLISECONDS = 25
PHONE = {"width": 390, "height": 844}

PROBES = ("/_stcore/health", "/_stcore/host-config")
"""Opened at a page that is not the start page, Streamlit looks for these below that page first; the browser logs two 404."""


@dataclass(frozen=True)
class Visit:
    """One page in a browser of its own. The lists grow while it is open."""

    page: Page
    requested: list[str] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    ended_runs: list[bytes] = field(default_factory=list)

    @classmethod
    def listening(cls, page: Page) -> Visit:
        """Listens from before the first request."""
        visit = cls(page)
        page.on("request", lambda request: visit.requested.append(request.url))
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        page.on("dialog", lambda dialog: visit._close(dialog))
        page.on("console", lambda said: visit.complaints.append(said.text) if _is_complaint(said) else None)
        page.on("websocket", lambda opened: visit._listen(opened))
        return visit

    def _close(self, dialog: Dialog) -> None:
        """No page of ours opens one; left open, it would hold the browser."""
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _listen(self, opened) -> None:
        self.requested.append(opened.url)
        opened.on("framereceived", lambda frame: self._hear(frame.encode() if isinstance(frame, str) else frame))

    def _hear(self, frame: bytes) -> None:
        """Reads a frame once, as it comes: who waits for the end of a run asks forty times a second."""
        self.received.append(frame)
        if _is_end_of_a_run(frame):
            self.ended_runs.append(frame)

    @property
    def words(self) -> str:
        """The page's text as a reader sees it. Tables are drawn as a picture and not in it."""
        return self.page.locator("body").inner_text()

    @property
    def tiles(self) -> dict[str, str]:
        """The headline numbers by name, as written."""
        return {
            tile.get_by_test_id("stMetricLabel").inner_text().strip().removeprefix("◆ "): tile.get_by_test_id("stMetricValue")
            .inner_text()
            .strip()
            for tile in self.page.get_by_test_id("stMetric").all()
        }

    @property
    def hosts(self) -> set[str | None]:
        """The machines it asked for something."""
        return {urlsplit(url).hostname for url in self.requested if urlsplit(url).scheme not in ("data", "blob")}

    @property
    def width(self) -> int:
        """The pixels its content takes: more than the screen has, and it scrolls sideways."""
        return self.page.evaluate(
            "Math.max(...['html', '[data-testid=stMain]'].map(part => document.querySelector(part).scrollWidth))"
        )

    @property
    def cut_tiles(self) -> list[str]:
        """The names of the tiles of which a name, a value or a note is wider than the place it has."""
        return self.page.evaluate(
            "[...document.querySelectorAll('[data-testid=stMetric]')].filter(tile => [...tile.querySelectorAll('*')].some("
            "part => part.innerText && part.clientWidth && part.scrollWidth > part.clientWidth + 1)).map(tile => tile.innerText)"
        )

    @property
    def page_runs(self) -> int:
        """How many runs of the page the server has brought to their end."""
        return len(self.ended_runs)

    def open(self, address: str) -> Visit:
        """Goes to an address and waits until its page is complete."""
        with self.runs_again():
            self.page.goto(address)
        return self

    def choose_role(self, role: str) -> None:
        """Looks in another role."""
        self.choose("Role", load_policy().title(role))

    def choose(self, label: str, option: str) -> None:
        """Takes an option of a list, unless it is taken already."""
        box = self.page.get_by_role("combobox", name=label)
        if box.input_value() == option:
            return
        box.click()
        with self.runs_again():
            self.page.get_by_role("option", name=option, exact=True).click()

    def turn_to(self, title: str) -> None:
        """Opens a page by its entry in the menu."""
        with self.runs_again():
            self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(title)

    def press(self, name: str) -> None:
        """Presses a button."""
        self.page.get_by_role("button", name=name).click()

    def download(self, label: str) -> Path:
        """The file behind a button of the export menu, which is open."""
        with self.page.expect_download() as started:
            self.press(label)
        return Path(started.value.path())

    @contextmanager
    def runs_again(self) -> Iterator[None]:
        """What is done inside makes the server run the page; afterwards the page is complete."""
        before = self.page_runs
        yield
        self.until(lambda: self.page_runs > before)
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        expect(self.page.locator("[data-stale=true], [data-testid=stSkeleton]")).to_have_count(0)

    def until(self, condition: Callable[[], bool]) -> None:
        """Lets the browser go on until something is so."""
        for _ in range(WAIT_MILLISECONDS // LOOK_AGAIN_MILLISECONDS):
            if condition():
                return
            self.page.wait_for_timeout(LOOK_AGAIN_MILLISECONDS)
        raise AssertionError(f"It did not come true within {WAIT_MILLISECONDS / 1000:.0f} s. The page says:\n{self.words}")


def _is_end_of_a_run(frame: bytes) -> bool:
    message = ForwardMsg.FromString(frame)
    return message.WhichOneof("type") == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY


def _is_complaint(said: ConsoleMessage) -> bool:
    asked = urlsplit(said.location["url"]).path
    is_probe = said.text.endswith("404 (Not Found)") and asked.endswith(PROBES) and asked not in PROBES
    return said.type == "error" and not is_probe
