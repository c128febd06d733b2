"""Looks at a Parquet file without reading its rows: whether it is one, whole, and which columns it has."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import FileRefused

MAGIC = b"PAR1"


def is_parquet(path: Path) -> bool:
    """By its first bytes or its name: one that was cut off is still meant to be one."""
    with path.open("rb") as stream:
        return stream.read(4) == MAGIC or path.suffix.lower() == ".parquet"


def column_names(path: Path) -> tuple[str, ...]:
    """The columns in their order. Raises FileRefused for a file that is not whole or not Parquet."""
    return tuple(_metadata(path).schema.to_arrow_schema().names)


def row_count(path: Path) -> int:
    """The rows that the file says it has. Raises FileRefused for a file that is not whole."""
    return _metadata(path).num_rows


def _metadata(path: Path):
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return parquet.read_metadata(path)
    except (pa.ArrowException, ValueError, OSError) as broken:
        raise FileRefused(
            f"{path.name} is no whole Parquet file: its end, where the columns are described, cannot be read."
            " Send it again; nothing of it was taken."
        ) from broken
