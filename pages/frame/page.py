"""How every page opens and closes: the title, the age of the data, what kind of data it is, the actions, the limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.frame.navigation import PAGE_CARDS
from pages.frame.plain import plain
from pages.frame.refresh import refresh_button, run_panel
from pages.frame.viewer import current_viewer
from pipeline.errors import AccessDenied
from pipeline.governance import access
from pipeline.governance.policy import Viewer, load_policy
from pipeline.serving.provenance import own_places_note
from pipeline.serving.wording import NOT_A_DEVICE, age_text, newest_text, time_text

STALE_AFTER = timedelta(hours=24)
"""A hospital sends files at least daily; older published data is marked with its age."""

RUNS_PAGE = "operations/pipeline_runs"
"""Follows a run by itself, so that the run bar would say the same twice."""

OPEN_PAGE_KEY = "frame_open_page"
"""Under which a session keeps the key of the page it looks at."""

NOTICE = f"{NOT_A_DEVICE}. Not for emergency decisions; verify in the source record."


@dataclass(frozen=True)
class OpenPage:
    """An opened page: who looks, at which publication, since when, and where its actions go."""

    viewer: Viewer
    publication_number: int
    opened_at: datetime
    actions: DeltaGenerator


def open_page(key: str) -> OpenPage:
    """Title, freshness, notices, refresh. Raises AccessDenied for a page the role may not open, NotPublished before any data."""
    viewer = current_viewer()
    if key not in load_policy().pages(viewer.role):
        raise AccessDenied(
            f"The role {load_policy().title(viewer.role)} may not open this page. Ask a data steward to change the policy."
        )
    st.session_state[OPEN_PAGE_KEY] = key
    publication = access.publication(viewer)
    now = datetime.now(UTC).replace(microsecond=0)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="page_header"):
        with st.container(gap=None, width="stretch"):
            st.title(PAGE_CARDS[key].title, anchor=False)
            st.caption(_freshness(publication, now))
        actions = st.container(horizontal=True, vertical_alignment="center", width="content", key="page_actions")
    with actions:
        _badges(publication, now)
        own_actions = st.container(width="content")
        refresh_button(viewer)
    if key != RUNS_PAGE:
        run_panel()
    return OpenPage(viewer, publication.number, now, own_actions)


def say_limits(page: OpenPage, *sentences: str) -> None:
    """The limits of what the page shows, of which places, which publication it is, and what the product is not."""
    own_places = plain(own_places_note(page.viewer))  # a place is named by a hospital, so that nothing in it is Markdown
    st.caption(" ".join(filter(None, (*sentences, own_places, f"Publication {page.publication_number}."))))
    st.caption(f":material/info: {NOTICE}")


def _freshness(publication: access.Publication, now: datetime) -> str:
    age = age_text(now - publication.published_at)
    newest = f" · newest arrival {newest_text(publication.newest_arrival_at)}" if publication.newest_arrival_at else ""
    return f"Gold data as of {time_text(publication.published_at)}, {age}{newest}"


def _badges(publication: access.Publication, now: datetime) -> None:
    if publication.is_synthetic:
        st.badge(
            "Synthetic data",
            icon=":material/science:",
            color="orange",
            help="Made by a generator, not from patients. Not for clinical use.",
        )
    if now - publication.published_at > STALE_AFTER:
        st.badge(f"Published {age_text(now - publication.published_at)}", icon=":material/schedule:", color="orange")
    else:
        st.badge("Data current", icon=":material/check_circle:", color="green")
