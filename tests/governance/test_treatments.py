"""What a value becomes for a role that does not see it as it is, at the bounds of the rules that say so."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, date, datetime

import duckdb
import pytest

from pipeline.catalog.contract import Column
from pipeline.governance.pseudonym_key import paddings
from pipeline.governance.secret_file import read_secret
from pipeline.governance.shown import shown_as
from pipeline.governance.treatments import MASK, OLDEST_AGE


def becomes(value: object, type_: str, treatment: str, **given: object) -> object:
    """The value after the engine treated it."""
    column = Column("one", type_, "a value", "identifier")
    sql = f"select {shown_as(column, treatment).sql(dialect='duckdb')} from (select cast($value as {type_}) as one)"
    return duckdb.execute(sql, {"value": value, **given}).fetchone()[0]


@pytest.mark.parametrize(
    ("code", "area"), [("12345", "123"), ("12345-6789", "123"), ("03601", "000"), ("SW1A 1AA", None), ("0360", None), (None, None)]
)
def test_a_postal_code_tells_three_digits_and_of_small_areas_none(code, area):
    assert becomes(code, "varchar", "postal area") == area


@pytest.mark.parametrize(("age", "told"), [(0, 0), (89, 89), (90, 90), (91, 90), (101, 90), (None, None)])
def test_no_age_over_ninety_is_told(age, told):
    assert becomes(age, "integer", "age") == told


def test_a_year_of_birth_that_tells_an_age_over_89_is_left_out():
    year = datetime.now(UTC).year
    assert becomes(date(year - OLDEST_AGE, 12, 31), "date", "year of birth") is None
    assert becomes(date(year - OLDEST_AGE + 1, 12, 31), "date", "year of birth") == date(year - OLDEST_AGE + 1, 1, 1)


def test_of_a_moment_the_year_is_left():
    assert becomes(datetime(2025, 3, 17, 13, 47, 11), "timestamp", "year") == datetime(2025, 1, 1)
    assert becomes(None, "timestamp", "year") is None


def test_a_pseudonym_is_the_keyed_hash_of_what_it_stands_for(tmp_path):
    given = paddings(tmp_path / "pseudonym.key")
    key = hmac.new(read_secret(tmp_path / "pseudonym.key"), b"medipulse pseudonym", hashlib.sha256).digest()
    expected = hmac.new(key, b"patient|P-ada", hashlib.sha256).hexdigest()[:16]
    assert becomes("P-ada", "varchar", "patient pseudonym", **given) == expected
    assert becomes("P-ada", "varchar", "encounter pseudonym", **given) != expected


def test_another_key_gives_other_pseudonyms(tmp_path):
    one, other = (becomes("P-ada", "varchar", "patient pseudonym", **paddings(tmp_path / name)) for name in ("a.key", "b.key"))
    assert one != other


@pytest.mark.parametrize(
    ("treatment", "type_", "told"),
    [
        ("mask", "varchar", MASK),
        ("mask", "integer", None),
        ("hide", "varchar", None),
        ("year", "varchar", MASK),
        ("age", "double", None),
    ],
)
def test_what_cannot_be_generalised_so_is_masked(treatment, type_, told):
    assert becomes("7", type_, treatment) == told
