"""Where in the house a step of a run belongs: files, bronze, read, silver, gold, publish. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.refresh.progress import TaskProgress

FILES, PUBLISH = "Files", "Publish"
LAYER_TITLES = {"bronze": "Bronze", "typed": "Read", "silver": "Silver", "gold": "Gold"}
LAYERS = (FILES, *LAYER_TITLES.values(), PUBLISH)
SHORT_TITLES = {
    "generate": "Synthetic hospital",
    "landing": "New files",
    "ledger": "Row ledger",
    "publish": "Publish",
    "maintain": "Look after lake",
}


def layers_of(tasks: Iterable[TaskProgress]) -> dict[str, str]:
    """The layer of every step by its name: what comes before any table is about files, what comes after about publishing."""
    found: dict[str, str] = {}
    for task in tasks:
        layer = LAYER_TITLES.get(task.name.partition(".")[0])
        seen = any(other in LAYER_TITLES.values() for other in found.values())
        found[task.name] = layer or (PUBLISH if seen else FILES)
    return found


def short_title(task: TaskProgress) -> str:
    """The step without its layer, for places that show the layer already: Lab results."""
    layer, _, table = task.name.partition(".")
    return table.replace("_", " ").capitalize() if layer in LAYER_TITLES else SHORT_TITLES.get(task.name, task.title)
