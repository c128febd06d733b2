"""A full disk, a lake that cannot be written, a broken log entry: a clear sentence, and nothing that was published is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import LakeDamaged
from pipeline.lakehouse.reader import open_published
from pipeline.refresh.run import refresh
from pipeline.settings import REPOSITORY, Settings
from tests.lake import copy_of
from tests.refresh.batches import land, published_rows
from tests.refresh.test_changes import ADA_AGAIN

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("free_kilobytes", [0, 20, 60, 120, 200])
def test_on_a_full_disk_the_last_publication_stands_and_the_next_refresh_finishes(small_disk, free_kilobytes):
    settings, before = small_disk, published_rows(small_disk)
    land(settings, {"encounters": [ADA_AGAIN]}, 1)
    filler = _fill(settings.home, leave=free_kilobytes * 1024)

    said = refresh_as_a_process(settings)

    assert said.returncode != 0
    assert "Traceback" not in said.stderr
    assert "space" in said.stderr.lower() or "disk" in said.stderr.lower(), said.stderr
    assert published_rows(settings) == before
    filler.unlink()
    assert refresh(settings, requested_by="test").status == "succeeded"
    assert "E-ada-2" in {row[0] for row in published_rows(settings)["silver.encounters"]}


def test_a_home_that_cannot_be_written_is_named(small_disk):
    land(small_disk, {"encounters": [ADA_AGAIN]}, 1)
    before = published_rows(small_disk)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk.home)], check=True)
    said = refresh_as_a_process(small_disk)
    assert said.returncode != 0
    assert "Read-only file system" in said.stderr
    assert "Traceback" not in said.stderr
    assert published_rows(small_disk) == before


def test_a_log_entry_that_is_cut_off_is_named_and_mended_by_removing_it(tiny_lake):
    entry = tiny_lake.lake / "bronze" / "encounters" / "_delta_log" / "00000000000000000002.json"
    entry.write_text('{"add": {"pa', encoding="utf-8")
    land(tiny_lake, {"encounters": [ADA_AGAIN]}, 1)
    before = published_rows(tiny_lake)

    run = refresh(tiny_lake, requested_by="test")

    assert run.status == "failed"
    assert "bronze.encounters cannot be read" in run.message
    assert "remove that file" in run.message
    assert published_rows(tiny_lake) == before
    entry.unlink()
    assert refresh(tiny_lake, requested_by="test").status == "succeeded"


def test_a_published_file_that_is_gone_is_built_again(tiny_lake):
    before = published_rows(tiny_lake)
    next((tiny_lake.lake / "silver" / "encounters").glob("*.parquet")).unlink()
    with pytest.raises(LakeDamaged, match="python -m pipeline refresh --full"):
        open_published(tiny_lake)
    land(tiny_lake, {"encounters": [ADA_AGAIN]}, 1)
    assert refresh(tiny_lake, requested_by="test").status == "succeeded"
    after = published_rows(tiny_lake)
    assert len(after["silver.encounters"]) == len(before["silver.encounters"]) + 1


def refresh_as_a_process(settings: Settings) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pipeline", "refresh"]
    return subprocess.run(command, cwd=REPOSITORY, env=settings.child_environment(), capture_output=True, text=True, check=False)


@pytest.fixture
def small_disk(shared_tiny_lake, tmp_path):
    """The tiny hospital on a disk of 40 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if shutil.which("mount") is None or os.geteuid() or subprocess.run(_mounting(folder), check=False).returncode:
        pytest.skip("a small disk can only be mounted by root, where the machine allows it")
    try:
        yield copy_of(shared_tiny_lake, folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mounting(folder: Path) -> list[str]:
    return ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)]


def _fill(folder: Path, *, leave: int) -> Path:
    filler = folder / "filler"
    free = shutil.disk_usage(folder).free
    with filler.open("wb") as stream:
        stream.write(b"\0" * max(0, free - leave))
    return filler
