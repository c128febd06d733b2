"""Holds every SELECT to the portable subset of Spark SQL that gives the same rows and types on every engine.

The list of what is allowed is short on purpose: a construct joins it after the parity test has shown it equal.
Transpiling is no way out: engines differ silently in rounding, in division, in dates and in the order of empty values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import sqlglot
from sqlglot import exp

from pipeline.catalog.plan import DIALECT

ALLOWED_FUNCTIONS = {
    "ABS", "ADD_MONTHS", "AND", "CASE", "CAST", "CHR", "COALESCE", "CONCAT", "CONCAT_WS", "COUNT", "DATEDIFF", "DAY", "EXP",
    "FLOOR", "FROM_UTC_TIMESTAMP", "GREATEST", "HOUR", "IF", "LAG", "LEAD", "LEAST", "LENGTH", "LOWER", "MAX", "MIN", "MINUTE",
    "MONTH", "NULLIF", "OR", "REGEXP_LIKE", "REPLACE", "ROW_NUMBER", "SUBSTRING", "SUM", "TIMESTAMP_TRUNC", "TRIM", "TRY_CAST",
    "TS_OR_DS_ADD", "TS_OR_DS_TO_DATE", "UPPER", "YEAR",
}  # fmt: skip
"""As sqlglot names them. AVG, ROUND and approximations differ between engines; quantiles need care."""

ALLOWED_TYPES = {"INT", "BIGINT", "DOUBLE", "DECIMAL", "TEXT", "BOOLEAN", "DATE", "TIMESTAMPNTZ"}

SPARK_TYPES = {"varchar": "string", "timestamp": "timestamp_ntz"}
"""Types of the contracts that are called otherwise there; a timestamp of Spark has a time zone, ours are UTC without one."""

LITERAL = re.compile(r"'[^']*'")

ALLOWED_CASE_NUMBERS = {"0", "1"}
"""Counting is no threshold. Anything else in a condition of a CASE belongs into data/reference."""


def spark_type(type_: str) -> str:
    """A contract's type as Spark and Databricks call it."""
    return SPARK_TYPES.get(type_, type_)


def violations(sql: str, *, is_generated: bool = False) -> list[str]:
    """Everything in a SELECT that is outside the subset, in words; empty when it is portable.

    is_generated is for the typing step, whose casts stand behind patterns, and for a compiled model, whose numbers are a table
    of their own.
    """
    try:
        trees = sqlglot.parse(sql, dialect=DIALECT)
    except sqlglot.errors.SqlglotError as wrong:
        return [f"cannot be parsed: {str(wrong).splitlines()[0]}"]
    if len(trees) != 1 or not isinstance(trees[0], exp.Select | exp.SetOperation):
        return ["is not one SELECT"]
    rules = RULES if is_generated else (*RULES, *RULES_FOR_HAND_WRITTEN)
    return [*_text_rules(sql), *(problem for rule in rules for problem in rule(trees[0]))]


def _text_rules(sql: str) -> Iterator[str]:
    """What the parse tree no longer shows: it fills in each engine's own default for the order of empty values."""
    if "\\" in sql:
        yield "has a backslash, which engines escape differently"
    for order in re.findall(r"order by (.*?)\)", LITERAL.sub("''", sql), flags=re.DOTALL | re.IGNORECASE):
        yield from (
            f"orders by {item.strip()} without saying where empty values go"
            for item in order.split(",")
            if "nulls" not in item.lower()
        )


def _functions(tree: exp.Expression) -> Iterator[str]:
    for call in tree.find_all(exp.Func):
        name = call.name.upper() if isinstance(call, exp.Anonymous) else call.sql_name()
        if name not in ALLOWED_FUNCTIONS:
            yield f"uses {name}"


def _types(tree: exp.Expression) -> Iterator[str]:
    casts = (cast for cast in tree.find_all(exp.Cast) if not isinstance(cast.parent, exp.AtTimeZone))  # the parser's own
    for cast in casts:
        if cast.to.this.name not in ALLOWED_TYPES:
            yield f"casts to {cast.to.sql()}; the types are {', '.join(sorted(ALLOWED_TYPES))}"


def _clauses(tree: exp.Expression) -> Iterator[str]:
    if tree.find(exp.Qualify):
        yield "uses QUALIFY"
    if any(group.args.get("all") for group in tree.find_all(exp.Group)):
        yield "uses GROUP BY ALL"
    if tree.find(exp.Limit):
        yield "uses LIMIT, which picks rows by chance"


def _divisions(tree: exp.Expression) -> Iterator[str]:
    for division in tree.find_all(exp.Div):
        has_double = any(cast.to.this.name == "DOUBLE" for cast in division.left.find_all(exp.Cast))
        if not (has_double or division.find_ancestor(exp.Floor)):
            yield f"divides what is not a double: {division.sql()}"


def _qualified_tables(tree: exp.Expression) -> Iterator[str]:
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if not table.db and table.name not in own:
            yield f"reads {table.name or table.sql()} without its schema"


def _explicit_columns(tree: exp.Expression) -> Iterator[str]:
    selects = tree.find_all(exp.Select) if isinstance(tree, exp.SetOperation) else [tree]
    if any(select.is_star for select in selects if select.find_ancestor(exp.CTE) is None):
        yield "ends in select *"


def _thresholds(tree: exp.Expression) -> Iterator[str]:
    for branch in (branch for case in tree.find_all(exp.Case) for branch in case.args["ifs"]):
        for number in branch.this.find_all(exp.Literal):
            if not number.is_string and number.this not in ALLOWED_CASE_NUMBERS:
                yield f"has the number {number.this} in a CASE; make it a row of data/reference"


def _exponentials(tree: exp.Expression) -> Iterator[str]:
    if tree.find(exp.Exp):
        yield "uses EXP, whose last digits may differ between engines; only the readmission model's probability may"


def _raw_casts(tree: exp.Expression) -> Iterator[str]:
    """A value whose type depends on another column is cast by hand, behind a pattern as the generated typing does."""
    yield from (f"casts raw text by hand: {cast.sql()}" for cast in tree.find_all(exp.TryCast) if not _has_matched_a_pattern(cast))


def _has_matched_a_pattern(cast: exp.TryCast) -> bool:
    branch = cast.find_ancestor(exp.If)
    patterns = branch.this.find_all(exp.RegexpLike) if branch else ()
    return any(cast.this in pattern.this.find_all(exp.Column) for pattern in patterns)


def _concat(tree: exp.Expression) -> Iterator[str]:
    if any(type(call) is exp.Concat for call in tree.find_all(exp.Concat)):  # concat_ws is a kind of it
        yield "uses CONCAT, which skips empty values in DuckDB and not in Spark; write a || b, or concat_ws"


Rule = Callable[[exp.Expression], Iterator[str]]

RULES: tuple[Rule, ...] = (_functions, _types, _clauses, _divisions, _qualified_tables, _explicit_columns)

RULES_FOR_HAND_WRITTEN: tuple[Rule, ...] = (_thresholds, _raw_casts, _concat, _exponentials)
"""Generated SELECTs are exempt: the casts of the typing step stand behind patterns, as does what it joins, and its bounds come
from data/reference; a model's cut-offs and points are rows of gold.model_terms."""
