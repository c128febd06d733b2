"""Odd lines are found by counting delimiters, wherever a chunk of the file ends."""

from __future__ import annotations

import itertools

from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.sources.line_shapes import LineShapes

FIELDS = st.lists(st.text(alphabet="ab1", max_size=3), min_size=1, max_size=5)


@example(lines=[["a", "b", "1", ""]], cuts=[13])
@given(lines=st.lists(FIELDS, max_size=30), cuts=st.lists(st.integers(0, 400), max_size=6))
def test_every_line_with_other_than_the_headers_fields_is_found(lines, cuts):
    text = "\n".join(",".join(fields) for fields in [["h", "h", "h"], *lines]) + "\n"
    shapes = LineShapes()
    ends = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    for start, end in itertools.pairwise(ends):
        shapes.add(text.encode()[start:end])
    assert shapes.odd_lines == [number for number, fields in enumerate(lines, start=2) if _is_odd(fields)]


def _is_odd(fields: list[str]) -> bool:
    return len(fields) != 3 and not (len(fields) == 4 and fields[-1] == "")


@given(lines=st.lists(st.sampled_from(["", "\r", "a", "a,b", "a\r"]), max_size=30), cuts=st.lists(st.integers(0, 90), max_size=6))
def test_every_line_with_nothing_in_it_is_found(lines, cuts):
    text = "".join(f"{line}\n" for line in lines)
    shapes = LineShapes()
    ends = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    for start, end in itertools.pairwise(ends):
        shapes.add(text.encode()[start:end])
    assert shapes.blank_lines == [number for number, line in enumerate(lines, start=1) if line in ("", "\r")]
