"""The publication: the one set of table versions that people see.

Delta commits one table at a time; a run becomes visible in one step, when this file is renamed into place. It names
every table's version and files, so that a reader opens in milliseconds without replaying a log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.errors import LakeDamaged
from pipeline.lakehouse.delta import LiveFile, TableVersion
from pipeline.lakehouse.durable import flush, replace_durably


@dataclass(frozen=True)
class Publication:
    """What one run made visible.

    definitions: the fingerprint of the SQL, contracts and code lists behind it; scoring: what names the model that scored,
    empty in a publication of an older version of the program.
    """

    number: int
    run_id: str
    published_at: datetime
    newest_arrival_at: datetime | None
    is_synthetic: bool
    definitions: str
    tables: Mapping[str, TableVersion]
    scoring: str = ""

    @property
    def versions(self) -> dict[str, int]:
        """Table name to Delta version."""
        return {table: pinned.version for table, pinned in self.tables.items()}


def read_publication(path: Path) -> Publication | None:
    """The current publication, None before the first. Raises LakeDamaged when the file is there but cannot be read."""
    return _read(path, path.parent)


def earlier_publication(path: Path, number: int) -> Publication | None:
    """A publication of which people saw the data once, or still do; None when it is no longer kept."""
    return _read(_kept_file(path, number), path.parent)


def kept_publications(path: Path) -> list[Publication]:
    """Every publication that can still be read, the newest last."""
    numbers = sorted(int(kept.stem) for kept in _kept_file(path, 0).parent.glob("*.json"))
    return [found for number in numbers if (found := earlier_publication(path, number)) is not None]


def forget_publication(path: Path, number: int) -> None:
    """Lets go of an earlier publication; its files may be deleted from then on."""
    _kept_file(path, number).unlink(missing_ok=True)


def _kept_file(path: Path, number: int) -> Path:
    return path.parent / "publications" / f"{number:08d}.json"


def _read(path: Path, lake: Path) -> Publication | None:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as broken:
        raise LakeDamaged(f"{path.name} beside the lake cannot be read. Run: python -m pipeline refresh --full") from broken
    newest = said["newest_arrival_at"]
    return Publication(
        number=said["number"],
        run_id=said["run_id"],
        published_at=datetime.fromisoformat(said["published_at"]),
        newest_arrival_at=datetime.fromisoformat(newest) if newest else None,
        is_synthetic=said["is_synthetic"],
        definitions=said["definitions"],
        tables={table: _version(lake, table, pinned) for table, pinned in said["tables"].items()},
        scoring=said.get("scoring", ""),
    )


def write_publication(path: Path, publication: Publication, *, before: Publication | None = None) -> None:
    """Makes the publication current: its files that `before` did not name and a temporary file are flushed, then one rename.

    A copy under its number stays when the next one comes, so that earlier data can be read as quickly.
    """
    _flush_new_files(publication.tables, before)
    newest = publication.newest_arrival_at
    said = {
        "number": publication.number,
        "run_id": publication.run_id,
        "published_at": publication.published_at.isoformat(),
        "newest_arrival_at": newest.isoformat() if newest else None,
        "is_synthetic": publication.is_synthetic,
        "definitions": publication.definitions,
        "scoring": publication.scoring,
        "tables": {table: _words(path.parent, pinned) for table, pinned in sorted(publication.tables.items())},
    }
    kept = _kept_file(path, publication.number)
    kept.parent.mkdir(exist_ok=True)
    for target in (kept, path):
        replace_durably(target, said)


def _flush_new_files(tables: Mapping[str, TableVersion], before: Publication | None) -> None:
    """Asks the disk to keep every file that the last publication did not name, with its table's log.

    Neither DuckDB nor delta-rs does; without this, a loss of power could leave a publication that names empty files.
    """
    kept = {file.path for pinned in before.tables.values() for file in pinned.files} if before else set()
    for pinned in tables.values():
        new = [file.path for file in pinned.files if file.path not in kept]
        for path in new:
            flush(path)
        for folder in {path.parent for path in new}:
            log = folder / "_delta_log"
            for path in (*log.glob(f"{pinned.version:020d}.json"), log, folder):
                flush(path)


def _words(lake: Path, pinned: TableVersion) -> dict:
    files = [[file.path.relative_to(lake).as_posix(), file.row_count, file.byte_count] for file in pinned.files]
    return {"version": pinned.version, "rows": pinned.row_count, "removed": pinned.removed_count, "files": files}


def _version(lake: Path, table: str, said: Mapping) -> TableVersion:
    files = tuple(LiveFile(lake / path, rows, size) for path, rows, size in said["files"])
    return TableVersion(table, said["version"], files, said.get("removed", 0))
