"""Signing in with a real OpenID provider: who gets in, as whom, for how long, and what a stranger can fetch."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, expect

from pipeline.governance.audit import read_log
from pipeline.settings import Settings
from tests.browser.browser import Visit
from tests.browser.conftest import DESKTOP
from tests.browser.hospital import free_port, served
from tests.browser.provider import PEOPLE, provided, secrets_file

pytestmark = pytest.mark.slow

SIGN_IN = "Sign in with your hospital account."


@contextmanager
def guarded(hospital: Settings, folder: Path, *, token_seconds: int = 3600, idle_minutes: float = 15) -> Iterator[tuple[str, str]]:
    """A provider and a server that trusts it: the addresses of both."""
    port = free_port()
    with provided(token_seconds) as provider:
        secrets = secrets_file(folder, provider, port, idle_minutes)
        with served(hospital, port=port, STREAMLIT_SECRETS_FILES=str(secrets)) as address:
            yield address, provider


@pytest.fixture(scope="module")
def servers(hospital: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    with guarded(hospital, tmp_path_factory.mktemp("secrets")) as started:
        yield started


@pytest.fixture
def address(servers: tuple[str, str]) -> str:
    return servers[0]


@pytest.fixture
def signed_in(visit: Callable[..., Visit], address: str) -> Callable[[str], Visit]:
    """Signs somebody in, in a browser of its own."""
    return lambda subject: sign_in(visit(address), subject)


def sign_in(visit: Visit, subject: str) -> Visit:
    """From the way in through the provider and back."""
    visit.press("Sign in")
    visit.page.get_by_placeholder("sub").fill(subject)
    with visit.runs_again():
        visit.press("Authorize")
    return visit


def sign_out(visit: Visit) -> None:
    """Out of MediPulse and out of the provider, which asks whether that is meant."""
    visit.press("Sign out")
    visit.press("End session")
    until_it_says(visit, SIGN_IN)


def until_it_says(visit: Visit, words: str) -> None:
    expect(visit.page.get_by_text(words)).to_be_visible()


@pytest.mark.parametrize("path", ["", "/patient?patient=MP-0000001", "/data_quality", "/access_log"])
def test_a_stranger_sees_the_way_in_and_nothing_else(visit, address, path):
    opened = visit(address + path)
    assert SIGN_IN in opened.words
    assert opened.tiles == {}
    expect(opened.page.get_by_test_id("stSidebarNav")).to_have_count(0)
    assert opened.complaints == []


def test_a_clinician_comes_in_as_a_clinician_and_cannot_choose_another_role(signed_in):
    seen = signed_in("cli")
    assert PEOPLE["cli"]["email"] in seen.words
    assert "Command center" in seen.words
    expect(seen.page.get_by_role("combobox", name="Role")).to_have_count(0)


def test_a_claim_that_is_one_text_counts_like_a_list(signed_in):
    seen = signed_in("aud")
    expect(seen.page.get_by_role("heading", level=1)).to_have_text("Data quality")


def test_somebody_with_two_roles_chooses_between_these_two(signed_in):
    seen = signed_in("both")
    seen.page.get_by_role("combobox", name="Role").click()
    expect(seen.page.get_by_role("option")).to_have_text(["Data steward", "Auditor"])


def test_an_account_without_a_mapped_group_sees_why_and_no_data(signed_in):
    seen = signed_in("nobody")
    assert "Your account has no role here" in seen.words
    assert seen.tiles == {}


def test_a_role_that_changed_at_the_provider_counts_from_the_next_sign_in(servers, signed_in):
    person = f"{servers[1]}/users/moved"
    requests.put(person, json={"email": "moved@hospital.test", "groups": ["mp-clinicians"]}, timeout=5).raise_for_status()
    seen = signed_in("moved")
    expect(seen.page.get_by_role("heading", level=1)).to_have_text("Command center")
    requests.put(person, json={"email": "moved@hospital.test", "groups": ["mp-auditors"]}, timeout=5).raise_for_status()
    sign_out(seen)
    sign_in(seen, "moved")
    expect(seen.page.get_by_role("heading", level=1)).to_have_text("Data quality")


def test_signing_out_in_one_tab_closes_the_other_and_stands_in_the_log(signed_in, address, hospital):
    first = signed_in("cli")
    second = Visit.listening(first.page.context.new_page()).open(address)
    assert PEOPLE["cli"]["email"] in second.words
    sign_out(first)
    until_it_says(second, "You have signed out.")
    actions = [line["action"] for line in read_log(hospital.access_log) if line["viewer"] == PEOPLE["cli"]["email"]]
    assert {"sign-in", "sign-out"} <= set(actions)


def test_a_copied_cookie_is_no_way_in_after_the_sign_out(signed_in, chromium: Browser, address):
    owner = signed_in("cli")
    copied = owner.page.context.cookies()
    sign_out(owner)
    with ExitStack() as closing:
        thief = chromium.new_context(viewport=DESKTOP)
        closing.callback(thief.close)
        thief.add_cookies(copied)
        opened = Visit.listening(thief.new_page()).open(address)
        assert SIGN_IN in opened.words
        assert opened.tiles == {}


def test_a_downloaded_file_is_for_its_signed_in_owner_only(signed_in):
    owner = signed_in("cli")
    owner.press("Export")
    with owner.page.expect_download() as started:
        owner.press("JSON data")
    link = started.value.url
    assert "/media/" in link
    assert owner.page.context.request.get(link).status == 200
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(link, timeout=10)


def test_a_page_that_nobody_touches_closes_when_its_token_ends(visit, hospital, tmp_path):
    with guarded(hospital, tmp_path, token_seconds=8) as (address, _):
        seen = sign_in(visit(address), "cli")
        until_it_says(seen, "Your sign-in has expired.")
        assert seen.tiles == {}


def test_a_page_that_nobody_touches_closes_after_the_idle_time(visit, hospital, tmp_path):
    with guarded(hospital, tmp_path, idle_minutes=0.08) as (address, _):
        seen = sign_in(visit(address), "cli")
        until_it_says(seen, "You were signed out because nothing was clicked for a while.")
        assert seen.tiles == {}
