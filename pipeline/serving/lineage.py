"""Where a column of the published tables comes from and where it goes: the steps back to the feeds, and on to tables and pages.

Definitions only, read off the SELECTs and the pages' questions; no row is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

import pandas as pd

from pipeline.governance import metadata
from pipeline.governance.metadata import Place, Step
from pipeline.governance.policy import Viewer
from pipeline.refresh.progress import TaskProgress
from pipeline.serving.page_reads import questions_of_pages
from pipeline.serving.wording import UNKNOWN, plural
from pipeline.settings import load_settings

LAYERS = ("gold", "silver", "bronze")
ORDER = ("reference", "feed", "bronze", "typed", "silver", "gold", "page")
"""In which what a column goes through stands, from the top of the graph to the bottom."""


@dataclass(frozen=True)
class ColumnLineage:
    """One column: the steps that make it (nearest first), the steps it takes part in, the pages that ask for any of those."""

    place: Place
    back: tuple[Step, ...]
    forward: tuple[Step, ...]
    pages: dict[str, tuple[Place, ...]]

    @property
    def tables(self) -> dict[str, tuple[str, ...]]:
        """Every table on the way, with its columns on the way; empty where only its rows are counted."""
        found: dict[str, dict[str, None]] = {}
        for step in (*self.back, *self.forward):
            for one in (step.target, *(source for source in step.sources if step in self.back or _on_the_way(self, source))):
                found.setdefault(one.table, {}).update({one.column: None} if one.column else {})
        found.setdefault(self.place.table, {})[self.place.column] = None
        return {table: tuple(columns) for table, columns in found.items()}


def _on_the_way(found: ColumnLineage, place: Place) -> bool:
    return place == found.place or any(step.target == place for step in found.forward)


def choices(viewer: Viewer) -> dict[str, tuple[str, ...]]:
    """The tables that the viewer may read and a SELECT or a feed fills, gold first, with their columns."""
    readable = {name: one for name, one in metadata.tables(viewer).items() if one.layer in LAYERS}
    ordered = sorted(readable, key=lambda name: (LAYERS.index(readable[name].layer), name))
    return {name: tuple(column.name for column in readable[name].columns) for name in ordered}


def column_lineage(table: str, column: str) -> ColumnLineage:
    """Read and assemble; the first time after a change of the definitions it takes about a second."""
    known, place = metadata.lineage(load_settings()), Place(table, column)
    onward = metadata.forward(known, place)
    reached = (place, *(step.target for step in onward))
    return ColumnLineage(place, metadata.back(known, place), onward, _pages(reached))


def _pages(places: Sequence[Place]) -> dict[str, tuple[Place, ...]]:
    """By page, which of these columns a question of it names."""
    asked = {
        page: tuple(one for one in places if any(one.table in q.tables and q.names(one.column) for q in questions))
        for page, questions in questions_of_pages().items()
    }
    return {page: found for page, found in asked.items() if found}


def lineage_tasks(found: ColumnLineage) -> tuple[TaskProgress, ...]:
    """The tables on the way as boxes of a graph, each after what it reads: code lists and feeds, tables, pages."""
    tables = found.tables
    needs: dict[str, dict[str, None]] = {table: {} for table in tables}
    for step in (*found.back, *found.forward):
        needs[step.target.table].update({source.table: None for source in step.sources if source.table in tables})
    for page, places in found.pages.items():
        needs[f"page.{page}"] = {place.table: None for place in places}
    for name in [table for table in tables if table.startswith("bronze.")]:
        needs[name]["feed." + name.partition(".")[2]] = None
        needs["feed." + name.partition(".")[2]] = {}
    placed = sorted(TopologicalSorter(needs).static_order(), key=lambda name: ORDER.index(name.partition(".")[0]))
    return tuple(TaskProgress(name, name, "succeeded", needs=tuple(needs[name])) for name in placed)


def steps_table(found: ColumnLineage) -> pd.DataFrame:
    """Way, Column, Made of, How: first how the column is made, nearest first, then what is made of it."""
    ways = [("Comes from", step) for step in found.back] + [("Goes to", step) for step in found.forward]
    rows = [
        (
            way,
            f"{step.target.table}.{step.target.column}",
            ", ".join(f"{one.table}.{one.column or '(rows)'}" for one in step.sources) or UNKNOWN,
            " ← ".join(step.expressions) or "as it is",
        )
        for way, step in ways
    ]
    rows += [
        ("Shown on", _title(page), ", ".join(f"{one.table}.{one.column}" for one in places), "asked by the page and its files")
        for page, places in found.pages.items()
    ]
    return pd.DataFrame(rows, columns=["Way", "Column or page", "Made of", "How"])


def lineage_caption(found: ColumnLineage) -> str:
    """How far it goes, in one sentence."""
    feeds = sum(table.startswith("bronze.") for table in found.tables)
    return (
        f"{plural(len(found.back), 'step', 'steps')} back to {plural(feeds, 'feed', 'feeds')}, "
        f"{plural(len(found.forward), 'column', 'columns')} made of it, asked for by {plural(len(found.pages), 'page', 'pages')}"
    )


def _title(page: str) -> str:
    return page.rpartition("/")[2].replace("_", " ").capitalize()
