"""The policy in a Unity Catalog shows everybody what the door shows, row for row, and nothing to anybody else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import pandas as pd
import pytest
from sqlfluff.core import FluffConfig, Linter

from pipeline.catalog.contract import load_contracts
from pipeline.errors import BadRequest
from pipeline.governance import access, break_glass, governed
from pipeline.governance.policy import Policy, Viewer, load_policy
from pipeline.governance.unity_catalog import CATALOG, script, statements
from pipeline.governance.unity_functions import group, readers
from tests.governance.unity import Catalog, Person, opened, rows, same_rows, years_told

REAL_POLICY = load_policy()
TABLES = tuple(name for name, one in load_contracts().items() if not one.is_intermediate and readers(REAL_POLICY, name))
NURSE = "triage_nurse"
ONE_WARD = Viewer("nina", NURSE, sites=("North",), wards=("Cardiology",))
TWO_PLACES = Viewer("tom", NURSE, sites=("North", "South"), wards=("Cardiology", "Clinic"))
NOWHERE = Viewer("nobody", NURSE)
PLACES = [("nina", "North", "Cardiology"), ("tom", "North", "Cardiology"), ("tom", "South", "Clinic")]


@pytest.fixture(scope="module")
def duck(shared_older_lake):
    engine = opened(shared_older_lake, PLACES)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def shipped() -> str:
    return script(REAL_POLICY)


@pytest.fixture(scope="module")
def of_silver() -> str:
    return script(ANALYST_OF_SILVER)


def with_role(policy: Policy, role: str, **changed: object) -> Policy:
    return replace(policy, by_role={**policy.by_role, role: replace(policy.by_role[role], **changed)})


ANALYST_OF_SILVER = with_role(REAL_POLICY, "analyst", tables=("gold.*", "silver.*", "bronze.*"))
"""Shows what every generalisation makes of every column that it is for; the shipped policy shows analysts no birth date."""

OWN_SITES = with_role(ANALYST_OF_SILVER, NURSE, rows="own sites")
POLICIES = {"as shipped": REAL_POLICY, "nurses see their sites and analysts silver": OWN_SITES}


def viewers(policy: Policy) -> list[Viewer]:
    return [Viewer("eve", role) for role in policy.roles if role != NURSE] + [ONE_WARD, TWO_PLACES, NOWHERE]


def as_person(viewer: Viewer) -> Person:
    return Person(viewer.name, frozenset({group(viewer.role)}))


@pytest.fixture(scope="module")
def the_door(shared_older_lake) -> Iterator[Callable[[Viewer, str, Policy], pd.DataFrame]]:
    """What a viewer gets of a table under a policy, each asked once."""
    asked: dict = {}

    def through(viewer: Viewer, table: str, policy: Policy) -> pd.DataFrame:
        key = (viewer, viewer.wards, table, id(policy))
        if key not in asked:
            with pytest.MonkeyPatch.context() as patched:
                for module in (access, governed, break_glass):
                    patched.setattr(module, "load_policy", lambda: policy)
                governed.governed.cache_clear()
                asked[key] = access.read(viewer, f"select * from {table}", purpose="test", settings=shared_older_lake)
            governed.governed.cache_clear()
        return asked[key]

    with access.logged_together():
        yield through


def years(table: str, role: str, policy: Policy) -> list[str]:
    """The columns of which a role sees the year; the text of a time, as bronze has it, is masked."""
    columns = load_contracts()[table].columns
    return [one.name for one in columns if one.type != "varchar" and policy.treatment(role, one) in ("year", "year of birth")]


def differences(said: str, policy: Policy, duck, the_door, tables=TABLES) -> Iterator[str]:
    """Who sees something else in the catalog than through the door, and where."""
    catalog = Catalog(said)
    for viewer, table in product(viewers(policy), tables):
        who, may_read = f"{viewer.role} {viewer.wards} {table}", policy.may_read(viewer.role, table)
        if catalog.may_select(as_person(viewer), table) != may_read:
            yield f"{who}: another grant"
        elif may_read:
            seen = years_told(rows(duck, catalog, as_person(viewer), table), years(table, viewer.role, policy))
            if not same_rows(seen, the_door(viewer, table, policy)):
                yield f"{who}: other rows"


@pytest.mark.parametrize("which", POLICIES)
def test_everybody_sees_in_the_catalog_what_the_door_shows_row_for_row(which, duck, the_door):
    assert list(differences(script(POLICIES[which]), POLICIES[which], duck, the_door)) == []


def test_without_a_fault_nothing_is_found(of_silver, duck, the_door):
    assert list(differences(of_silver, ANALYST_OF_SILVER, duck, the_door, TOLD_BY)) == []


def test_the_comparison_compares_rows_that_are_there(the_door):
    seen = {
        viewer.name: len(the_door(viewer, "silver.encounters", REAL_POLICY))
        for viewer in (Viewer("eve", "clinician"), ONE_WARD, TWO_PLACES, NOWHERE)
    }
    assert seen == {"eve": 9, "nina": 1, "tom": 6, "nobody": 0}


STRANGER = Person("nina", frozenset({"users", "medipulse", "clinician"}))


def strangers_see(said: str, duck, tables=TABLES) -> list[str]:
    """Tables of which somebody in no group of the policy gets anything, even where a grant or a filter is wrong."""
    catalog, unfiltered = Catalog(said), Catalog(said)
    unfiltered.filters = {}
    return [
        table
        for table in tables
        if catalog.may_select(STRANGER, table)
        or not rows(duck, catalog, STRANGER, table).empty
        or rows(duck, unfiltered, STRANGER, table).notna().any(axis=None)
    ]


def test_who_is_in_no_group_gets_no_row_and_no_value(shipped, duck):
    assert strangers_see(shipped, duck) == []


@pytest.mark.parametrize(
    ("roles", "table", "seen_as"),
    [
        (("triage_nurse", "clinician"), "silver.encounters", "clinician"),
        (("analyst", "triage_nurse"), "gold.high_risk_seniors", "triage_nurse"),
        (("analyst", "triage_nurse"), "gold.readmission_rates", "analyst"),
        (("auditor", "analyst"), "gold.index_stays", "analyst"),
        (("administrator", "auditor"), "silver.quarantine", "auditor"),
    ],
)
def test_who_is_in_several_groups_sees_a_table_in_the_most_open_and_never_in_a_mixture(roles, table, seen_as, shipped, duck):
    catalog = Catalog(shipped)
    both, one = (Person("nina", frozenset(map(group, said))) for said in (roles, (seen_as,)))
    assert same_rows(rows(duck, catalog, both, table), rows(duck, catalog, one, table))


def swapped(said: str) -> str:
    one, other = group("analyst"), group("clinician")
    return re.sub(f"{one}|{other}", lambda found: other if found[0] == one else one, said)


def without(pattern: str) -> Callable[[str], str]:
    return lambda said: re.sub(pattern, "", said)


ONE_TABLE = "SELECT ON TABLE medipulse.silver.patients"
FAULTS: dict[str, Callable[[str], str]] = {
    "two groups change places": swapped,
    "row filters are dropped": without(r"ALTER TABLE \S+ SET ROW FILTER .*;\n"),
    "masks are dropped": without(r"ALTER TABLE \S+ ALTER COLUMN \S+ SET MASK .*;\n"),
    "one mask is dropped": without(r"ALTER TABLE \S+gold.high_risk_seniors ALTER COLUMN `patient_id` SET MASK .*;\n"),
    "ages are capped at 89": lambda said: re.sub(r"(?i)v > 90 then 90", "v > 89 then 89", said),
    "ages are not capped": lambda said: re.sub(r"(?i)v > 90 then 90", "v > 900 then 90", said),
    "the month is shown": lambda said: said.replace("cast(date_trunc('YEAR'", "cast(date_trunc('MONTH'"),
    "the birth year of the old is shown": lambda said: said.replace("- 90 then", "- 190 then"),
    "small areas are shown": lambda said: said.replace("'036', ", ""),
    "pseudonyms are not keyed": lambda said: re.sub(r"\(SELECT max\(own\.pseudonym_\w+\).*?\)", "encode('', 'utf-8')", said),
    "patients and encounters get pseudonyms of one kind": lambda said: said.replace("'encounter|'", "'patient|'"),
    "the ward is not asked": without(r" AND EXISTS\([^()]*CURRENT_USER\(\) AND own\.ward_name = [\w.]+\)"),
    "anybody's places count": lambda said: said.replace("own.user_name = CURRENT_USER()", "TRUE"),
    "a row is placed anywhere": lambda said: said.replace("WHERE (EXISTS(", "WHERE TRUE OR (EXISTS("),
    "the place is asked of another table": lambda said: said.replace("row_site_name)", "own.site_name)"),
    "a role too many reads a table": lambda said: said.replace(f"REVOKE {ONE_TABLE} FROM", f"GRANT {ONE_TABLE} TO"),
    "a table is not granted": lambda said: said.replace(f"GRANT {ONE_TABLE} TO", f"REVOKE {ONE_TABLE} FROM"),
}
TOLD_BY = ("gold.high_risk_seniors", "gold.encounter_risks", "gold.demographics", "silver.patients", "silver.encounters")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_what_is_written_is_found(fault, of_silver, duck, the_door):
    wrong = FAULTS[fault](of_silver)
    assert wrong != of_silver
    assert any(differences(wrong, ANALYST_OF_SILVER, duck, the_door, TOLD_BY))


@pytest.mark.parametrize(
    "fault", [("ELSE NULL\n", "ELSE v\n"), ("ELSE FALSE\n", "ELSE TRUE\n")], ids=("values for everybody", "rows for everybody")
)
def test_a_fault_that_opens_to_strangers_is_found(fault, shipped, duck):
    assert strangers_see(shipped.replace(*fault), duck, TOLD_BY) != []


PARSER = Linter(config=FluffConfig(overrides={"dialect": "databricks"}))


def shape(statement: str) -> str:
    """A statement with its names and texts made alike: what is parsed once stands for all of its kind."""
    if statement.startswith("CREATE OR REPLACE FUNCTION"):
        return statement
    bare = re.sub(r"`\w+`", "`a`", re.sub(r"'(?:[^'\\]|\\.)*'", "'a'", statement))
    return re.sub(r"\b(medipulse)((?:\.\w+)+)", lambda name: ".".join("a" * (name[0].count(".") + 1)), bare)


def test_every_statement_is_one_that_databricks_can_read():
    said = list(statements(REAL_POLICY, CATALOG))
    by_shape = {shape(one): one for one in said}
    wrong = {one: [found.desc() for found in PARSER.parse_string(f"{one};").violations] for one in by_shape.values()}
    assert {one: why for one, why in wrong.items() if why} == {}
    assert len(said) > 1_000 and len(by_shape) > 20


@pytest.mark.parametrize(
    "garbage",
    [
        "ALTER TABLE a.b.c SET ROW FILTRE f ON (`x`);",
        "ALTER TABLE a.b.c ALTER COLUMN `x` MASK f;",
        "GRANT LOOK ON TABLE a.b.c TO `x`;",
        "CREATE OR REPLACE FUNCTION a.b.f(v STRING) RETURNS STRING RETURN CASE WHEN x() THEN v ELSE END;",
        "COMMENT ON TABLE a.b.c IS 'it's';",
    ],
)
def test_the_parser_tells_what_databricks_could_not_read(garbage):
    assert PARSER.parse_string(garbage).violations != []


def test_every_column_that_somebody_reads_has_a_mask_and_every_table_a_filter_before_anybody_is_let_in(shipped):
    catalog = Catalog(shipped)
    columns = {(table, column.name) for table in TABLES for column in load_contracts()[table].columns}
    assert (set(catalog.masks), set(catalog.filters)) == (columns, set(TABLES))
    assert shipped.index("\nGRANT ") > max(shipped.rindex(" SET MASK "), shipped.rindex(" SET ROW FILTER "))


def test_nobody_is_granted_the_key_the_places_or_a_function(shipped):
    granted = re.findall(r"^GRANT .* ON \w+ (\S+) TO", shipped, flags=re.MULTILINE)
    assert granted and not [one for one in granted if "governance" in one]
    assert not re.search(r"^GRANT (?!SELECT ON TABLE|USE SCHEMA|USE CATALOG)", shipped, flags=re.MULTILINE)


def test_the_text_is_the_same_every_time_and_holds_no_key(shared_older_lake, shipped):
    from pipeline.governance.pseudonym_key import paddings

    assert script(load_policy()) == shipped
    assert not [half for half in paddings(shared_older_lake.pseudonym_key_file).values() if half.hex() in shipped.lower()]


def test_the_head_says_what_is_not_kept_there(shipped):
    head = shipped[: shipped.index("CREATE CATALOG")]
    assert all(words in head for words in ("Breaking the glass", "Small cells", "in several", REAL_POLICY.fingerprint))
    assert all(line.startswith("--") for line in head.splitlines())


@pytest.mark.parametrize("catalog", ["", "a.b", "a b", "a; drop catalog b", "Ä", "`a`"])
def test_what_cannot_name_a_catalog_is_refused(catalog):
    with pytest.raises(BadRequest, match="cannot be called"):
        script(REAL_POLICY, catalog)
