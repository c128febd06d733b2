"""The one place where a page's failure becomes plain words: a sentence the reader can act on, or a reference number."""

from __future__ import annotations

import logging
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from pages.frame.plain import plain
from pages.frame.refresh import first_start
from pipeline.errors import MediPulseError, NotPublished

log = logging.getLogger("medipulse.pages")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Shows what went wrong inside, never a traceback and never a value from a row."""
    try:
        yield
    except NotPublished as nothing_yet:
        # Starting the first run can fail as well, so it stands under the same roof.
        with plain_errors():
            first_start(str(nothing_yet))
    except MediPulseError as known:
        st.warning(plain(str(known)), icon=":material/info:")
        st.button("Try again", icon=":material/refresh:", key="page_try_again")
    except Exception as unknown:
        _show_reference(unknown)


@contextmanager
def nameless_errors() -> Iterator[None]:
    """For a file built on a click: Streamlit logs such a failure in full, so an unknown one goes on as its reference number."""
    try:
        yield
    except MediPulseError:
        raise
    except Exception as unknown:
        raise MediPulseError(f"The file could not be built. Reference {_recorded(unknown)}.") from None


def _show_reference(unknown: Exception) -> None:
    reference = _recorded(unknown)
    st.error(
        f"This page could not be shown. The data itself is unchanged. Reference {reference}, recorded in the server's log.",
        icon=":material/error:",
    )
    st.button("Try again", icon=":material/refresh:", key="page_try_again")


def _recorded(unknown: Exception) -> str:
    """The message of an unknown error can quote a row, so only its kind and its places are logged, under the number returned."""
    reference = f"MP-{uuid.uuid4().hex[:8].upper()}"
    places = "; ".join(f"{place.filename}:{place.lineno} {place.name}" for place in traceback.extract_tb(unknown.__traceback__))
    log.error("%s %s at %s", reference, type(unknown).__name__, places)
    return reference
