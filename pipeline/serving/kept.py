"""What was worked out from answers of the governed door, kept while the door answers the same.

Every viewer's questions still go through the door and onto the record; the arithmetic behind them alone is not done again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import fields, replace
from typing import Generic, TypeVar

from cachetools import LRUCache, cached

from pipeline.governance.access import Answer
from pipeline.governance.policy import Viewer

MOST_KEPT = 64
"""Views: four periods of some sites for some roles. Each holds a megabyte or less."""

MOST_RELEASES = 16
"""Of a page: one for each role, and for each set of places that a role is held to."""

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """Views of one page. They are shared between sessions, so whoever gets one must not change it."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._made: LRUCache = LRUCache(most)
        self._changing = threading.Lock()

    def of(self, answers: object, view: Hashable, make: Callable[[], Made]) -> Made:
        """What was made of these answers for this view, or is made now.

        answers: a frozen dataclass of Answer and None; view: everything else that `make` looks at.
        """
        given = tuple(getattr(answers, field.name) for field in fields(answers))
        key = (view, *(_named(answer) for answer in given))
        with self._changing:
            known = self._made.get(key)
        if known is None:
            # The answers stay with it: only while they live do their names mean them.
            known = (make(), given)
            with self._changing:
                self._made[key] = known
        return known[0]


def kept_for_all_who_see_the_same(release: Callable[..., Made]) -> Callable[..., Made]:
    """Works a release out once for all viewers of a role and its places; the other arguments name the publication and the rest."""

    def seen(viewer: Viewer, *of: Hashable, **named: Hashable) -> Hashable:
        return replace(viewer, name=""), of, tuple(sorted(named.items()))

    return cached(LRUCache(MOST_RELEASES), key=seen, lock=threading.Lock())(release)


def _named(answer: Answer | None) -> Hashable:
    """The door gives the same object for the same answer, until something else is published."""
    return answer if answer is None else (id(answer.rows), answer.role, answer.masked)
