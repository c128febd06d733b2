"""The publication file: what is written is what is read, and damage is told."""

from __future__ import annotations

import pytest

from pipeline.errors import LakeDamaged
from pipeline.lakehouse.publication import read_publication, write_publication
from pipeline.lakehouse.reader import open_published
from pipeline.refresh.run import refresh


def test_what_is_written_is_read_back(tiny_lake):
    publication = read_publication(tiny_lake.publication_file)
    write_publication(tiny_lake.publication_file, publication)
    assert read_publication(tiny_lake.publication_file) == publication


def test_before_the_first_one_there_is_none(settings):
    assert read_publication(settings.publication_file) is None


def test_a_damaged_file_names_the_command_that_mends_it(tiny_lake):
    tiny_lake.publication_file.write_text("{", encoding="utf-8")
    with pytest.raises(LakeDamaged, match="refresh --full"):
        read_publication(tiny_lake.publication_file)


def test_the_command_that_the_damage_names_does_mend_it(tiny_lake):
    tiny_lake.publication_file.write_text("{", encoding="utf-8")
    assert refresh(tiny_lake, requested_by="test").status == "failed"
    assert refresh(tiny_lake, requested_by="test", full=True).status == "succeeded"
    assert read_publication(tiny_lake.publication_file).number == 2


def test_a_lake_that_lost_a_file_is_not_read_half(tiny_lake):
    lost = read_publication(tiny_lake.publication_file).tables["gold.demographics"].files[0]
    lost.path.unlink()
    with pytest.raises(LakeDamaged, match=r"1 of 1 files of gold\.demographics are gone"):
        open_published(tiny_lake)
