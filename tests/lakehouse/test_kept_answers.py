"""What one viewer asked of a publication is not computed again for the next, and nothing else is mistaken for it."""

from __future__ import annotations

import pytest

from pipeline.catalog.contract import load_contracts
from pipeline.lakehouse import reader
from pipeline.lakehouse.publication import read_publication
from pipeline.lakehouse.reader import PublishedTables

BY_SITE = "select count(*) as n from silver.encounters where site_name = $site"


@pytest.fixture
def tables(shared_tiny_lake) -> PublishedTables:
    return PublishedTables(read_publication(shared_tiny_lake.publication_file), shared_tiny_lake.lake, load_contracts(), 1)


def test_the_same_question_with_the_same_values_has_the_same_answer(tables):
    assert tables.query(BY_SITE, {"site": "South"}) is tables.query(BY_SITE, {"site": "South"})


def test_another_value_is_another_question(tables):
    assert tables.query(BY_SITE, {"site": "North"}).to_pylist() == [{"n": 2}]
    assert tables.query(BY_SITE, {"site": "Nowhere"}).to_pylist() == [{"n": 0}]


@pytest.mark.parametrize("value", ["1", 1, None, [1], ["1"]])
def test_values_that_read_alike_are_not_confused(tables, value):
    asked = "select cast($value as varchar) as said, typeof($value) as kind"
    for other in ("1", 1, None, [1], ["1"]):
        tables.query(asked, {"value": other})
    assert tables.query(asked, {"value": value}).equals(tables._computed(asked, {"value": value}))


def test_what_changes_by_itself_is_asked_again(tables):
    asked = "select Current_Date() as today"
    assert tables.query(asked) is not tables.query(asked)


def test_a_large_answer_is_not_kept(tables, monkeypatch):
    monkeypatch.setattr(reader, "LARGEST_KEPT_BYTES", 7)
    assert tables.query(BY_SITE, {"site": "North"}) is not tables.query(BY_SITE, {"site": "North"})


def test_the_answer_that_was_asked_for_longest_ago_makes_room(tables, monkeypatch):
    monkeypatch.setattr(reader, "MOST_KEPT", 2)
    first, second = (tables.query(BY_SITE, {"site": site}) for site in ("North", "South"))
    assert tables.query(BY_SITE, {"site": "North"}) is first
    tables.query(BY_SITE, {"site": "Nowhere"})
    assert tables.query(BY_SITE, {"site": "North"}) is first
    assert tables.query(BY_SITE, {"site": "South"}) is not second
