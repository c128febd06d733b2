"""One value as a mapping says it is written: what converts, what is marked, and that nothing is guessed."""

from __future__ import annotations

import pytest

from pipeline.lakehouse import mapping_words as words
from pipeline.lakehouse.duck import Duck
from pipeline.settings import load_settings

MARK = words.NOT_CONVERTED


@pytest.fixture(scope="module")
def converted():
    """Gives what an expression over the column `x` makes of a text."""
    duck = Duck.for_builds(load_settings())
    for macro in words.MACROS:
        duck.rows(macro)

    def value(expression: str, text: str | None) -> str | None:
        return duck.rows(f"select {expression} from (select cast($x as varchar) as x)", {"x": text})[0][0]

    yield value
    duck.close()


@pytest.mark.parametrize(
    ("zone", "text", "utc"),
    [
        ("Europe/Berlin", "2025-03-30 01:59:59", "2025-03-30 00:59:59"),
        ("Europe/Berlin", "2025-03-30 03:00:00", "2025-03-30 01:00:00"),
        ("Europe/Berlin", "2025-03-30 02:30:00", "no time in Europe/Berlin: 2025-03-30 02:30:00"),
        ("Europe/Berlin", "2025-10-26 02:30:00", "two times in Europe/Berlin: 2025-10-26 02:30:00"),
        ("Europe/Berlin", "2025-10-26 03:00:00", "2025-10-26 02:00:00"),
        ("America/New_York", "2025-11-02 01:30", "two times in America/New_York: 2025-11-02 01:30"),
        ("Australia/Lord_Howe", "2025-04-06 01:45:00", "two times in Australia/Lord_Howe: 2025-04-06 01:45:00"),
        ("Europe/Berlin", "2025-10-26T02:30:00+02:00", "2025-10-26 00:30:00"),
        ("Europe/Berlin", "2025-10-26T02:30:00.5Z", "2025-10-26 02:30:00"),
        ("UTC", "2025-06-01T23:30:00-0530", "2025-06-02 05:00:00"),
        ("UTC", "2025-06-01 12:00:00+05", "2025-06-01 07:00:00"),
        ("UTC", "2025-06-01 12:00:00", "2025-06-01 12:00:00"),
        ("UTC", "2025-13-01 12:00:00", f"{MARK}2025-13-01 12:00:00"),
        ("UTC", "2025-06-01", f"{MARK}2025-06-01"),
        ("UTC", "06/01/2025 12:00", f"{MARK}06/01/2025 12:00"),
        ("UTC", None, None),
    ],
)
def test_iso_times(converted, zone, text, utc):
    assert converted(words.utc_time("x", (), zone), text) == utc


@pytest.mark.parametrize(
    ("formats", "text", "utc"),
    [
        (("%d/%m/%Y %H:%M",), "03/04/2025 13:05", "2025-04-03 13:05:00"),
        (("%d/%m/%Y %H:%M",), "31/12/2025 13:05", "2025-12-31 13:05:00"),
        (("%d/%m/%Y %H:%M",), "12/31/2025 13:05", f"{MARK}12/31/2025 13:05"),
        (("%m/%d/%Y %I:%M %p",), "12/31/2025 1:05 PM", "2025-12-31 13:05:00"),
        (("%Y%m%d%H%M", "iso"), "202512311305", "2025-12-31 13:05:00"),
        (("epoch_s",), "0", "1970-01-01 00:00:00"),
        (("epoch_ms",), "1735689600000", "2025-01-01 00:00:00"),
        (("epoch_s",), "99999999999999", f"{MARK}99999999999999"),
        (("%d/%m/%Y",), "03/04/2025 extra", f"{MARK}03/04/2025 extra"),
    ],
)
def test_times_in_other_formats(converted, formats, text, utc):
    assert converted(words.utc_time("x", formats, "UTC"), text) == utc


@pytest.mark.parametrize(
    ("formats", "text", "day"),
    [
        ((), "2025-02-28", "2025-02-28"),
        ((), "2025-02-28 23:59:59", "2025-02-28"),
        ((), "2025-02-30", f"{MARK}2025-02-30"),
        (("%d.%m.%y",), "28.02.25", "2025-02-28"),
        (("%d.%m.%Y",), "2025-02-28", f"{MARK}2025-02-28"),
    ],
)
def test_dates(converted, formats, text, day):
    assert converted(words.day("x", formats), text) == day


@pytest.mark.parametrize(
    ("mark", "unit", "text", "number"),
    [
        (".", None, "37.25", "37.2500"),
        (".", None, "1.23456789", "1.2346"),
        (".", None, "1e3", f"{MARK}1e3"),
        (".", None, "NaN", f"{MARK}NaN"),
        (".", None, "12345678901234567890", f"{MARK}12345678901234567890"),
        (",", None, "37,5", "37.5000"),
        (",", None, "37.5", f"{MARK}37.5"),
        (".", "tenths of degF", "986", "37.0000"),
        (".", "degF", "98.6", "37.0000"),
        (".", "kPa", "16", "120.0100"),
        (".", "lb", "150", "68.0390"),
        (".", "share", "0.97", "97.0000"),
        (".", None, None, None),
    ],
)
def test_numbers_and_units(converted, mark, unit, text, number):
    assert converted(words.number("x", mark, unit), text) == number


@pytest.mark.parametrize(
    ("age", "unit", "born", "basis"),
    [
        ("71", "years", "1954-03-01", "from age"),
        ("0", "years", "2025-03-01", "from age"),
        ("1.5", "years", "2023-09-01", "from age"),
        ("18 years", "years", "2007-03-01", "from age"),
        ("10", "months", "2024-05-01", "from age"),
        ("3", "days", "2025-02-26", "from age"),
        ("[70-80)", "years", "1955-03-01", "from age band"),
        ("70-79", "years", "1955-03-01", "from age band"),
        ("90+", "years", "1935-03-01", "from age band"),
        ("> 89", "years", "1935-03-01", "from age band"),
        (">=90", "years", "1935-03-01", "from age band"),
        ("<1", "years", "2025-03-01", "from age band"),
        ("93", "years", "1932-03-01", "from age band"),
        ("old", "years", f"{MARK}old", None),
        ("300", "years", f"{MARK}300", "from age"),
    ],
)
def test_birth_dates_from_ages(converted, age, unit, born, basis):
    at = "'2025-03-01 04:00:00'"
    assert converted(words.birth_date(words.age_of("x"), at, unit=unit, zone="UTC"), age) == born
    assert converted(words.birth_date_basis(words.age_of("x"), ("93",)), age) == basis


def test_an_age_is_reckoned_by_the_calendar_of_the_zone(converted):
    at = "'2025-03-01 04:00:00'"
    assert converted(words.birth_date(words.age_of("x"), at, unit="years", zone="America/New_York"), "10") == "2015-02-28"


@pytest.mark.parametrize(
    ("text", "code"), [("1", "F"), ("1.0", "F"), (" 2 ", None), ("-9", None), ("", None), ("F", f"{MARK}F"), (None, None)]
)
def test_codes(converted, text, code):
    cleaned = words.cleaned("x", ["-9"], whole=True)
    assert converted(words.recoded(cleaned, {"1": "F", "2": ""}, else_as_it_is=False), text) == code
