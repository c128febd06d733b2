"""No small count is shown, and none can be worked out from what is shown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.governance.policy import load_policy
from pipeline.governance.small_cells import Line, hidden_cells
from pipeline.governance.worked_out import worked_out
from pipeline.serving import rates

FEWEST = 11
COUNTS = st.one_of(st.integers(0, 14), st.integers(0, 400))
TABLES = st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(COUNTS, min_size=width, max_size=width), min_size=1, max_size=5))


def one_line(*parts: int) -> tuple[dict, list[Line]]:
    counts = {f"part {place}": part for place, part in enumerate(parts)}
    return counts | {"total": sum(parts)}, [Line("total", tuple(counts))]


def two_way(table: list[list[int]]) -> tuple[dict, list[Line]]:
    """A table with its sums by row and column and the sum of all, each of which is shown like a cell."""
    whole = np.array(table)
    with_sums = np.block([[whole, whole.sum(1, keepdims=True)], [whole.sum(0, keepdims=True), whole.sum(keepdims=True)]])
    counts = {(row, column): int(count) for (row, column), count in np.ndenumerate(with_sums)}
    rows, columns = whole.shape
    across = [Line((row, columns), tuple((row, column) for column in range(columns))) for row in range(rows + 1)]
    down = [Line((rows, column), tuple((row, column) for row in range(rows))) for column in range(columns + 1)]
    return counts, across + down


def hidden(counts: dict, lines: list[Line], worth: dict | None = None) -> frozenset:
    return hidden_cells(counts, lines, fewest=FEWEST, worth=worth or {})


@pytest.mark.parametrize(("count", "is_hidden"), [(0, False), (1, True), (10, True), (11, False)])
def test_counts_of_1_to_10_are_hidden_and_zero_may_be_shown(count, is_hidden):
    assert ("lone" in hidden({"lone": count}, [])) == is_hidden


def test_the_next_smallest_goes_with_the_only_small_one_of_a_line():
    assert hidden(*one_line(3, 40, 20, 0)) == {"part 0", "part 2"}


def test_two_small_ones_that_add_up_to_too_few_take_a_third_with_them():
    assert hidden(*one_line(3, 4, 20, 40)) == {"part 0", "part 1", "part 2"}
    assert hidden(*one_line(6, 7, 20, 40)) == {"part 0", "part 1"}


def test_small_ones_whose_sum_leaves_one_value_for_each_take_another_with_them():
    assert hidden(*one_line(10, 10, 30)) == {"part 0", "part 1", "part 2"}
    assert hidden(*one_line(*[1] * 11, 30)) == {f"part {place}" for place in range(12)}


def test_where_nothing_else_is_left_the_total_goes_too():
    assert hidden(*one_line(4, 0, 0)) == {"part 0", "total"}


def test_a_cell_nobody_is_shown_is_hidden_before_any_that_is_shown():
    assert hidden(*one_line(3, 40, 20), worth={"part 1": 0}) == {"part 0", "part 1"}


def test_a_small_difference_of_two_periods_hides_one_of_them():
    counts, lines = {"12 months": 57, "3 months": 50, "more": 7}, [Line("12 months", ("3 months", "more"))]
    assert hidden(counts, lines, worth={"more": 0}) == {"more", "3 months"}


def test_what_is_worth_most_is_hidden_last():
    assert hidden(*one_line(3, 20, 40), worth={"part 1": 2}) == {"part 0", "part 2"}


@given(TABLES)
def test_no_small_count_is_shown_whatever_the_table(table):
    counts, lines = two_way(table)
    shown = [counts[cell] for cell in counts.keys() - hidden(counts, lines)]
    assert not [count for count in shown if 0 < count < FEWEST]


@given(TABLES)
def test_no_hidden_count_is_the_only_unknown_of_a_line_whatever_the_table(table):
    counts, lines = two_way(table)
    unknown = hidden(counts, lines)
    assert 1 not in [len(unknown.intersection(line.cells)) for line in lines]


@given(TABLES)
def test_no_hidden_remainder_is_small_whatever_the_table(table):
    counts, lines = two_way(table)
    unknown = hidden(counts, lines)
    known = [line for line in lines if line.total not in unknown]
    remainders = [counts[line.total] - sum(counts[part] for part in line.parts if part not in unknown) for line in known]
    assert not [remainder for remainder in remainders if 0 < remainder < FEWEST]


def determined(counts: dict, lines: list[Line], unknown: frozenset) -> set:
    """The unknowns with a single solution, by the null space of the equations: another way than the product's."""
    order = sorted(unknown, key=repr)
    signs = [{line.total: -1} | dict.fromkeys(line.parts, 1) for line in lines]
    equations = np.array([[signs_of.get(cell, 0) for cell in order] for signs_of in signs], dtype=float).reshape(len(lines), -1)
    _, sizes, directions = np.linalg.svd(equations)
    free = directions[int((sizes > 1e-9).sum()) :]
    return {cell for place, cell in enumerate(order) if not np.abs(free[:, place]).max(initial=0) > 1e-9}


@given(TABLES)
def test_all_lines_together_determine_no_small_count_whatever_the_table(table):
    counts, lines = two_way(table)
    assert not [cell for cell in determined(counts, lines, hidden(counts, lines)) if counts[cell] < FEWEST]


@given(TABLES, st.randoms(use_true_random=False))
def test_what_lines_determine_is_found_exactly(table, random):
    counts, lines = two_way(table)
    unknown = frozenset(random.sample(sorted(counts), len(counts) // 2))
    wanted = {cell for cell in unknown if counts[cell] < FEWEST}
    assert worked_out(unknown, lines, unknown).keys() == determined(counts, lines, unknown)
    assert worked_out(unknown, lines, wanted).keys() == determined(counts, lines, unknown) & wanted


def test_a_count_that_only_one_line_has_is_told_by_two():
    lines = [Line("all three", ("a", "b", "c")), Line("b and c", ("b", "c"))]
    assert worked_out({"a", "b", "c"}, lines, {"a"}).keys() == {"a"}


def test_lines_that_tell_nothing_by_themselves_do_not_tell_together():
    counts = {"a": 5, "b": 20, "c": 30, "a and b": 25, "b and c": 50, "a and c": 35}
    lines = [Line("a and b", ("a", "b")), Line("b and c", ("b", "c")), Line("a and c", ("a", "c"))]
    assert worked_out({"a", "b", "c"}, lines, counts).keys() == {"a", "b", "c"}
    assert "a" not in worked_out(hidden(counts, lines), lines, counts)


def test_rates_hide_the_cells_that_the_policy_calls_small():
    assert load_policy().fewest == rates.FEWEST == FEWEST
