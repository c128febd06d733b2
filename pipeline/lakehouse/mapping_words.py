"""Writes the SQL that reads one value as a mapping says it is written: codes, numbers, units, times, ages.

All of it works on text and gives text. No text is cast before it has matched a pattern, and a text that does not
convert goes on marked, never as it is: read as a canonical value it could mean something else (31.12.2025 is no time
here, but 03/04/2025 is one, with day and month swapped). The typed step then refuses the row, saying which column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.lakehouse.views import quoted
from pipeline.sources.time_formats import EPOCHS, ISO, pattern_of

NOT_CONVERTED = "not as its mapping says: "

MACROS = (
    "create or replace temp macro from_zone(wall, zone_name) as timezone('UTC', timezone(zone_name, wall))",
    "create or replace temp macro zone_of_utc(instant, zone_name) as timezone(zone_name, timezone('UTC', instant))",
    "create or replace temp macro is_no_time(wall, zone_name) as timezone(zone_name, timezone(zone_name, wall)) <> wall",
    "create or replace temp macro is_two_times(wall, zone_name) as"
    " timezone(zone_name, timezone(zone_name, wall) - interval 1 hour) = wall"
    " or timezone(zone_name, timezone(zone_name, wall) + interval 1 hour) = wall"
    " or timezone(zone_name, timezone(zone_name, wall) - interval 30 minute) = wall"
    " or timezone(zone_name, timezone(zone_name, wall) + interval 30 minute) = wall",
)
"""Clocks are put forward and back by an hour, on Lord Howe Island by half an hour."""

UNITS = {
    "degF": ("({x} - 32) * 5 / 9", 2),
    "tenths of degF": ("({x} / 10 - 32) * 5 / 9", 2),
    "K": ("{x} - 273.15", 2),
    "kPa": ("{x} * 7.500617", 2),
    "lb": ("{x} * 0.45359237", 3),
    "oz": ("{x} * 0.028349523", 4),
    "in": ("{x} * 2.54", 2),
    "share": ("{x} * 100", 2),
}
"""Unit to how it becomes the canonical one (degC, mmHg, kg, cm, %), and the decimals that are kept."""

MONTHS_IN = {"years": 12, "months": 1}

OLDEST = {"years": 130, "months": 1_560, "days": 47_500}
"""Ages beyond these are codes for something else (300 stands for every age above 89 in some releases)."""

ISO_TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?"
ISO_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

AGE_BANDS = (
    ("[\\[(]?([0-9]{1,3}) *(-|–|to) *[0-9]{1,3} *[\\])]?", 0),
    ("([0-9]{1,3}) *(\\+|and over|or over|or more)", 0),
    ("(?:>=|≥) *([0-9]{1,3})", 0),
    ("> *([0-9]{1,3})", 1),
)
"""How a band of ages is written, and what to add to its number for the lowest age in it. Below something is from 0."""


def cleaned(raw: str, missing: Iterable[str], *, whole: bool = False) -> str:
    """The text without blanks around it; NULL where it is empty or a code for missing. whole: 90.0 is the code 90."""
    text = f"trim({raw})"
    if whole:
        text = f"regexp_replace({text}, '^(-?[0-9]+)[.]0+$', '\\1')"
    codes = " ".join(f"when {quoted(code)} then null" for code in dict.fromkeys(["", *missing]))
    return f"case {text} {codes} else {text} end"


def recoded(text: str, values: Mapping[str, str], *, else_as_it_is: bool) -> str:
    """The canonical code of a code; an empty one is no value. Unknown codes are marked unless any text will do."""
    known = " ".join(f"when {quoted(code)} then {quoted(value) if value else 'null'}" for code, value in values.items())
    return f"case {text} {known} else {text if else_as_it_is else marked(text)} end"


def marked(text: str, why: str = NOT_CONVERTED) -> str:
    """A text that no typed reading takes for a value."""
    return f"{quoted(why)} || {text}"


def number(text: str, decimal_mark: str, unit: str | None) -> str:
    """A number with a decimal point and at most four decimals, in the canonical unit."""
    pattern = f"-?[0-9]{{1,12}}({re.escape(decimal_mark)}[0-9]*)?"
    plain = text if decimal_mark == "." else f"replace({text}, {quoted(decimal_mark)}, '.')"
    value = f"try_cast({plain} as decimal(28, 10))"
    if unit is not None:
        formula, decimals = UNITS[unit]
        value = f"round({formula.format(x=f'cast({value} as double)')}, {decimals})"
    else:
        value = f"round({value}, 4)"
    shown = f"cast(cast({value} as decimal(18, 4)) as varchar)"
    return f"case when {_matches(text, pattern)} then {shown} when {text} is not null then {marked(text)} end"


def utc_time(text: str, formats: tuple[str, ...], zone: str) -> str:
    """A time in UTC as the canonical feeds write it. A local time that does not exist or exists twice is marked."""
    cases = " ".join(case for said in formats or (ISO,) for case in _time_cases(text, said, zone))
    return f"case {cases} when {text} is not null then {marked(text)} end"


def day(text: str, formats: tuple[str, ...]) -> str:
    """A date as the canonical feeds write it; of a time its day, as it was written."""
    cases = []
    for said in formats or (ISO,):
        if said == ISO:
            matches, parsed = _matches(text, f"({ISO_DAY}|{ISO_TIME})"), f"try_cast(substr({text}, 1, 10) as date)"
        elif said in EPOCHS:
            matches, parsed = _matches(text, "-?[0-9]{1,14}"), _epoch(text, said)
        else:
            matches, parsed = _matches(text, pattern_of(said)), f"try_strptime({text}, {quoted(said)})"
        cases.append(f"when {matches} and {parsed} is not null then strftime({parsed}, '%Y-%m-%d')")
    return f"case {' '.join(cases)} when {text} is not null then {marked(text)} end"


@dataclass(frozen=True)
class Age:
    """SQL of an age: its text, the number where it is one, and the lowest age where it is a band of ages."""

    text: str
    plain: str
    lowest: str


def age_of(text: str) -> Age:
    """How the text of an age is read."""
    return Age(text, _plain_age(text), _lowest_of_band(text))


def birth_date(age: Age, at_utc: str, *, unit: str, zone: str) -> str:
    """The day that lies the age, or the lowest age of its band, before a time, by the calendar of a zone."""
    at = f"cast(zone_of_utc(try_cast({at_utc} as timestamp), {quoted(zone)}) as date)"
    years = f"coalesce({age.plain}, {age.lowest})"
    if unit == "days":
        born = f"({at} - cast(floor({years}) as integer))"
    else:
        born = f"({at} - to_months(cast(floor({years} * {MONTHS_IN[unit]}) as integer)))"
    shown = f"strftime({born}, '%Y-%m-%d')"
    return f"case when {years} <= {OLDEST[unit]} then {shown} when {age.text} is not null then {marked(age.text)} end"


def birth_date_basis(age: Age, top_coded: tuple[str, ...]) -> str:
    """Whether the birth date came from an age or from the lower bound of a band; a top code stands for a band."""
    tops = "".join(f"when {age.text} = {quoted(code)} then 'from age band' " for code in top_coded)
    return f"case {tops}when {age.plain} is not null then 'from age' when {age.lowest} is not null then 'from age band' end"


def placed_time(from_day: str, to_day: str, order: str) -> str:
    """A time between the begin of one day and the end of another, all rows with these days spread evenly in their order."""
    start = f"try_cast({from_day} as timestamp)"
    seconds = f"(epoch(try_cast({to_day} as timestamp)) + 86400 - epoch({start}))"
    over = f"partition by {from_day}, {to_day}"
    share = f"((row_number() over ({over} order by {order}) - 0.5) / count(*) over ({over}))"
    return f"strftime({start} + to_seconds(floor({seconds} * {share})), '%Y-%m-%d %H:%M:%S')"


def days_later(at_utc: str, days: str) -> str:
    """A time some whole days after another."""
    count = f"case when {_matches(days, '[0-9]{1,5}')} then try_cast({days} as integer) end"
    return f"strftime(try_cast({at_utc} as timestamp) + to_days({count}), '%Y-%m-%d %H:%M:%S')"


def _time_cases(text: str, said: str, zone: str) -> list[str]:
    if said in EPOCHS:
        instant = _epoch(text, said)
        return [f"when {_matches(text, '-?[0-9]{1,14}')} and {instant} is not null then {_shown(instant)}"]
    if said != ISO:
        return _local_cases(_matches(text, pattern_of(said)), f"try_strptime({text}, {quoted(said)})", text, zone)
    wall = f"try_cast(replace(regexp_extract({text}, '^[0-9-]{{10}}[T ][0-9:]{{5,8}}'), 'T', ' ') as timestamp)"
    offset = f"regexp_extract({text}, '(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$', 1)"
    has_offset = f"regexp_matches({text}, ':[0-9.,:]+ ?(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$')"
    away = (
        f"case when {offset} = 'Z' then interval 0 minute else to_minutes((case when {offset}[1] = '-' then -1 else 1 end)"
        f" * (60 * try_cast({offset}[2:3] as integer) + coalesce(try_cast({offset}[-2:] as integer)"
        f" * (length({offset}) > 3)::integer, 0))) end"
    )
    matches = _matches(text, ISO_TIME)
    with_offset = f"when {matches} and {has_offset} and {wall} is not null then {_shown(f'({wall} - {away})')}"
    return [with_offset, *_local_cases(f"{matches} and not {has_offset}", wall, text, zone)]


def _local_cases(matches: str, wall: str, text: str, zone: str) -> list[str]:
    known = f"{matches} and {wall} is not null"
    if zone == "UTC":
        return [f"when {known} then {_shown(wall)}"]
    zone_name = quoted(zone)
    return [
        f"when {known} and is_no_time({wall}, {zone_name}) then {marked(text, f'no time in {zone}: ')}",
        f"when {known} and is_two_times({wall}, {zone_name}) then {marked(text, f'two times in {zone}: ')}",
        f"when {known} then {_shown(f'from_zone({wall}, {zone_name})')}",
    ]


def _epoch(text: str, said: str) -> str:
    """No instant beyond the year 9999 or before 1; a number that large is something else."""
    seconds = f"(try_cast({text} as bigint) // {EPOCHS[said]})"
    return f"case when abs({seconds}) < 62135596800 then make_timestamp({seconds} * 1000000) end"


def _plain_age(age: str) -> str:
    matches = _matches(age, "[0-9]{1,3}([.][0-9]+)?( *(y|yr|yrs|year|years|Y))?")
    return f"case when {matches} then try_cast(regexp_extract({age}, '^[0-9.]+') as double) end"


def _lowest_of_band(age: str) -> str:
    cases = " ".join(
        f"when {_matches(age, pattern)} then try_cast(regexp_extract({age}, {quoted(f'^{pattern}$')}, 1) as double) + {more}"
        for pattern, more in AGE_BANDS
    )
    return f"case {cases} when {_matches(age, '(<|<=|under|below) *[0-9]{1,3}')} then 0 end"


def _matches(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {quoted(pattern)})"


def _shown(instant: str) -> str:
    return f"strftime({instant}, '%Y-%m-%d %H:%M:%S')"
