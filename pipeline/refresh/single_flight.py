"""The lock of a home folder: whoever changes the lake holds it, and nobody waits long for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from pipeline.errors import RefreshFailed
from pipeline.settings import Settings

LOCK_WAIT_SECONDS = 2
"""Longer than anyone who only looks whether a refresh is running holds the lock."""


@contextmanager
def single_flight(settings: Settings) -> Iterator[None]:
    """The right to change the lake of a home. Raises RefreshFailed when somebody else has it."""
    settings.home.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(settings.lock_file, timeout=LOCK_WAIT_SECONDS):
            yield
    except Timeout as busy:
        raise RefreshFailed("Another refresh is running in this home folder. Wait for it, or follow it on the screen.") from busy
