"""The way in and the way out, for whoever is not or no longer signed in: one card, and nothing of the data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from pipeline.serving.wording import NOT_A_DEVICE

NOTICE = f"{NOT_A_DEVICE}. What you read is kept on record under your name."


def offer_sign_in(why: str) -> None:
    """The way in, and nothing else; the page ends here."""
    with _card(why):
        st.button("Sign in", type="primary", icon=":material/login:", key="frame_sign_in", on_click=st.login, width="stretch")
        st.caption(NOTICE)
    st.stop()


def turn_away(why: str) -> None:
    """For somebody with an account who may see nothing: why, and the way out; the page ends here."""
    with _card(why):
        offer_sign_out()
    st.stop()


def offer_sign_out() -> None:
    """The way out, here and in every tab."""
    st.button("Sign out", icon=":material/logout:", key="frame_sign_out", on_click=st.logout, type="tertiary")


@contextmanager
def _card(why: str) -> Iterator[None]:
    # How far it stands from the top is in the style sheet.
    with st.container(horizontal_alignment="center"), st.container(key="front_door", border=True, width=420):
        st.title("MediPulse", anchor=False)
        st.text(why)
        yield
