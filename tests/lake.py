"""How tests fill a lake and look into it: past the door, at the newest version of a table, through a second reader."""

from __future__ import annotations

import pandas as pd
from deltalake import DeltaTable

from pipeline.refresh.progress import RunProgress
from pipeline.refresh.run import refresh
from pipeline.settings import Settings


def publish_landed(settings: Settings, *, requested_by: str = "test") -> RunProgress:
    """A refresh on the way to what a test is about: where it does not go through, the test ends in the words of the run."""
    run = refresh(settings, requested_by=requested_by)
    assert run.status == "succeeded", run.message
    return run


def rows_of(settings: Settings, table: str, *, sort_by: list[str] | None = None) -> pd.DataFrame:
    """A table as delta-rs reads it, so that DuckDB never grades itself."""
    frame = DeltaTable(settings.lake.joinpath(*table.split("."))).to_pandas()
    return frame.sort_values(sort_by or list(frame.columns[:2])).reset_index(drop=True)


def versions_of(settings: Settings) -> dict[str, int]:
    """Every Delta table of the lake and its version."""
    folders = sorted(path.parent for path in settings.lake.glob("*/*/_delta_log"))
    return {f"{folder.parent.name}.{folder.name}": DeltaTable(folder).version() for folder in folders}
