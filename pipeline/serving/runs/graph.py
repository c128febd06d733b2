"""The steps of a run as a graph from top to bottom: rows by layer and by what waits for what, lines without a detour. Pure.

Knows nothing of colours or figures. A line that follows from two others is left out, so that the eye finds the way; what a
step reads in full stays in `TaskProgress.needs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.refresh.progress import TaskProgress
from pipeline.serving.runs.layers import LAYERS, layers_of
from pipeline.serving.runs.placing import Item, placed

MOST_IN_A_ROW = 7
"""More steps than this in one row would be too narrow for their names at 1,440 pixels."""


@dataclass(frozen=True)
class Node:
    """One step at its place; x counts widths of a box from the left, y rows from the top, both at the middle of the box."""

    task: TaskProgress
    x: float
    y: int


@dataclass(frozen=True)
class Line:
    """From a step to one that waits for it, through the gaps of the rows between."""

    source: str
    target: str
    points: tuple[tuple[float, int], ...]


@dataclass(frozen=True)
class Band:
    """The rows of one layer."""

    title: str
    first_row: int
    last_row: int


@dataclass(frozen=True)
class Graph:
    """All of it; `width` is in widths of a box."""

    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    bands: tuple[Band, ...]
    width: float
    row_count: int


def graph(tasks: Sequence[TaskProgress]) -> Graph:
    """The graph of a run's steps."""
    rows = _rows(tasks)
    row_of = {name: number for number, row in enumerate(rows) for name in row}
    edges = [(source, target) for target, sources in _without_detours(tasks).items() for source in sources]
    chains = {edge: _chain(edge, row_of) for edge in edges}
    x, width = placed(_with_gaps(rows, chains), [pair for chain in chains.values() for pair in pairwise(chain)])
    lines = tuple(Line(*edge, tuple((x[item], item.row) for item in chain)) for edge, chain in chains.items())
    nodes = tuple(Node(task, x[Item(task.name, row_of[task.name])], row_of[task.name]) for task in tasks)
    return Graph(nodes, lines, _bands(tasks, row_of), width, len(rows))


def _rows(tasks: Sequence[TaskProgress]) -> list[list[str]]:
    """Layer by layer; within one, a step stands below those of the same layer that it waits for."""
    layer, rows = layers_of(tasks), []
    for title in LAYERS:
        members = [task for task in tasks if layer[task.name] == title]
        depth: dict[str, int] = {}
        for task in members:
            depth[task.name] = 1 + max((depth[name] for name in task.needs if name in depth), default=-1)
        for level in sorted(set(depth.values())):
            rows.extend(_shared_out([name for name, own in depth.items() if own == level]))
    return rows


def _shared_out(names: list[str]) -> list[list[str]]:
    """One row, or as few equal ones as hold them."""
    count = -(-len(names) // MOST_IN_A_ROW)
    size = -(-len(names) // count)
    return [names[start : start + size] for start in range(0, len(names), size)]


def _without_detours(tasks: Sequence[TaskProgress]) -> dict[str, list[str]]:
    """What each step waits for, but not what another of these waits for already."""
    known = {task.name: [name for name in task.needs if any(other.name == name for other in tasks)] for task in tasks}
    before: dict[str, set[str]] = {}
    for name, needs in known.items():
        before[name] = set(needs).union(*(before.get(need, set()) for need in needs))
    return {
        name: [need for need in needs if not any(need in before.get(other, set()) for other in needs)]
        for name, needs in known.items()
    }


def _chain(edge: tuple[str, str], row_of: dict[str, int]) -> list[Item]:
    """The ends of a line and the gaps it goes through in the rows between."""
    source, target = edge
    between = [Item(f"{source} → {target}", row, is_gap=True) for row in range(row_of[source] + 1, row_of[target])]
    return [Item(source, row_of[source]), *between, Item(target, row_of[target])]


def _with_gaps(rows: list[list[str]], chains: dict[tuple[str, str], list[Item]]) -> list[list[Item]]:
    items = [[Item(name, number) for name in row] for number, row in enumerate(rows)]
    for chain in chains.values():
        for item in chain[1:-1]:
            items[item.row].append(item)
    return items


def _bands(tasks: Sequence[TaskProgress], row_of: dict[str, int]) -> tuple[Band, ...]:
    layer = layers_of(tasks)
    rows = {title: [row_of[task.name] for task in tasks if layer[task.name] == title] for title in LAYERS}
    return tuple(Band(title, min(found), max(found)) for title, found in rows.items() if found)
