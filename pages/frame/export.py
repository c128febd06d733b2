"""The export menu of a page: files that are built only on click, each recorded before it is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pages.frame.errors import nameless_errors
from pages.frame.page import OpenPage
from pipeline.governance import access
from pipeline.governance.policy import load_policy
from pipeline.serving.export import file_name
from pipeline.serving.provenance import Source

MIME = {"pdf": "application/pdf", "json": "application/json", "csv": "text/csv"}


@dataclass(frozen=True)
class Export:
    """One file: the words on its button, its ending, and what builds its bytes."""

    label: str
    suffix: str
    build: Callable[[], bytes]


def export_menu(page: OpenPage, subject: str, source: Source, *exports: Export) -> None:
    """The files of exactly this view, `subject` being what the page is about; absent for roles that may not export."""
    if not load_policy().may(page.viewer.role, "export"):
        return
    with page.actions.popover("Export", icon=":material/download:"):
        for export in exports:
            st.download_button(
                export.label,
                lambda export=export: _recorded(page, subject, export),
                file_name(subject, source, export.suffix),
                MIME[export.suffix],
                key=f"export|{subject}|{export.suffix}",
                on_click="ignore",
                icon=":material/description:",
                type="tertiary",
            )


def _recorded(page: OpenPage, subject: str, export: Export) -> bytes:
    with nameless_errors():
        access.record_action(page.viewer, "export", f"{subject} as {export.suffix}")
        return export.build()
