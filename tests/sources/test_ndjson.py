"""One line of newline-delimited JSON as texts by name."""

from __future__ import annotations

import json

import pytest

from pipeline.sources.ndjson import DEEPEST, MOST_MEMBERS, BadLine, members_of


def test_nested_members_have_names_with_dots_and_numbers_keep_their_digits():
    line = '{"Id": 1, "name": {"Family": "Ash", "given": ["Ada", null]}, "value": 1.50, "big": 12345678901234567890, "ok": true}'
    assert members_of(line) == {
        "id": "1", "name.family": "Ash", "name.given.0": "Ada", "name.given.1": None, "value": "1.50",
        "big": "12345678901234567890", "ok": "true",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1]", "it is no object"),
        ("7", "it is no object"),
        ("", "it is no JSON"),
        ('{"a": 1', "it is no JSON"),
        ('{"a": NaN}', "it is no JSON"),
        ('{"a": 1, "a": 2}', "names a member twice"),
        ('{"a": 1, "A": 2}', "names a member twice"),
        ('{"a": ' * (DEEPEST + 1) + "1" + "}" * (DEEPEST + 1), "nested more than"),
        ("[" * 100_000, "nested more than"),
        (json.dumps({f"m{number}": number for number in range(MOST_MEMBERS + 1)}), "too many members"),
    ],
)
def test_a_line_that_is_no_row_says_why(line, reason):
    found = members_of(line)
    assert isinstance(found, BadLine)
    assert reason in found.reason


def test_signs_that_are_json_and_no_text_are_replaced():
    assert members_of('{"a": "x\\u0000y\\ud800"}') == {"a": "x\ufffdy?"}
