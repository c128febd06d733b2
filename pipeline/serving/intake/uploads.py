"""Files from a browser: what a refresh would make of one before it is put in, and putting it in. Every step is on record.

The file is looked at in a room of its own that is gone afterwards; nothing reaches the landing folder before `put_in`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from pipeline.errors import FileRefused
from pipeline.governance import access
from pipeline.governance.policy import Viewer
from pipeline.refresh.intake import Expectation, expect, land, read_again
from pipeline.settings import load_settings


def expectation(viewer: Viewer, name: str, content: BinaryIO) -> Expectation:
    """What a refresh would make of this file. Raises AccessDenied, logged, for a role that may not put files in."""
    settings = load_settings()
    access.record_action(viewer, "land", f"Preview of {name}", settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=settings.home, prefix=".intake-") as room:
        try:
            content.seek(0)
            path = land(replace(settings, home=Path(room)), name, content)
        except FileRefused as refusal:
            return Expectation(name, refusal=str(refusal))
        return expect(settings, path)


def put_in(viewer: Viewer, files: Iterable[tuple[str, BinaryIO]]) -> tuple[str, ...]:
    """Lays the files down in the landing folder and gives the names under which they lie there.

    Raises AccessDenied, logged, for a role that may not, and FileRefused for a file that cannot be taken.
    """
    settings, names = load_settings(), []
    for name, content in files:
        access.record_action(viewer, "land", f"Put in {name}", settings)
        content.seek(0)
        names.append(land(settings, name, content).name)
    return tuple(names)


def take_again(viewer: Viewer, file_name: str) -> None:
    """Has the next refresh read a loaded file once more, after its mapping was mended.

    Raises AccessDenied, logged, for a role that may not, and FileRefused when the file cannot be read again.
    """
    settings = load_settings()
    access.record_action(viewer, "reprocess", f"Read {file_name} again", settings)
    read_again(settings, file_name)
