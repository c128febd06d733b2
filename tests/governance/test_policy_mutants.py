"""The claims about the policy can fail: each of these faults, put into it, breaks at least one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import pytest
from sqlglot import exp

from pipeline.catalog.contract import load_contracts
from pipeline.governance import access, break_glass, governed, policy, row_scope, shown, treatments
from pipeline.governance.policy import Policy
from tests.governance.claims import broken_claims

REAL_SHOWN, REAL_POLICY, REAL_LOG = governed.shown, access.load_policy, access.log
REAL_IS_ANY, REAL_PSEUDONYM, REAL_GIVEN = row_scope._is_any, treatments.pseudonym, access._given


def with_role(role: str, **changed: object) -> Callable[[], Policy]:
    """The policy with one role changed."""
    known = REAL_POLICY()
    mutated = replace(known, by_role={**known.by_role, role: replace(known.by_role[role], **changed)})
    return lambda: mutated


def with_shows(role: str, **changed: str) -> Callable[[], Policy]:
    return with_role(role, shows={**REAL_POLICY().by_role[role].shows, **changed})


def _parsed_anything(sql: str) -> exp.Expression:
    import sqlglot

    return sqlglot.parse(sql, dialect=governed.ENGINE)[0]


def _any_own_name(table: exp.Table) -> bool:
    return not table.db and table.name in {cte.alias_or_name for cte in table.root().find_all(exp.CTE)}


def _readable_for_all(table: exp.Table, role: str):
    return load_contracts()[f"{table.db}.{table.name}"]


def _logs_only_reads(settings, viewer, action, purpose, outcome, **facts):
    if outcome == "allowed":
        REAL_LOG(settings, viewer, action, purpose, outcome, **facts)


def _logs_no_tables(settings, viewer, action, purpose, outcome, **facts):
    REAL_LOG(settings, viewer, action, purpose, outcome, **{**facts, "tables": ()})


def _mask_after_filter(contract, role, policy):
    """Everything is there to be filtered by, as if a later step masked it."""
    return REAL_SHOWN(contract, "clinician", policy)


def with_generalised(**becomes: str) -> Callable[[], Policy]:
    """The policy with something else made of some columns."""
    known = REAL_POLICY()
    mutated = replace(known, generalises={**known.generalises, **becomes})
    return lambda: mutated


MUTANTS: dict[str, tuple[str, object]] = {
    "every identifier is shown to analysts": ("load_policy", with_shows("analyst", identifier="show")),
    "clinical values are shown to auditors": ("load_policy", with_shows("auditor", clinical="show")),
    "ages are shown to auditors": ("load_policy", with_shows("auditor", quasi="show")),
    "analysts are shown nothing": ("load_policy", with_shows("analyst", clinical="hide")),
    "analysts may read silver": ("load_policy", with_role("analyst", tables=("gold.*", "silver.*"))),
    "clinicians may read everything": ("load_policy", with_role("clinician", tables=("*",))),
    "auditors may refresh": ("load_policy", with_role("auditor", may=frozenset({"refresh"}))),
    "an unknown role is an analyst": (
        "load_policy",
        lambda: replace(REAL_POLICY(), by_role={**REAL_POLICY().by_role, "visitor": REAL_POLICY().by_role["analyst"]}),
    ),
    "months of single encounters are shown": ("load_policy", with_generalised(arrival_month="as it is")),
    "the map shows every age": ("load_policy", with_generalised(age_cell_years="as it is")),
    "the map gives the sums of its cells": ("load_policy", with_generalised(age_years_sum="as it is")),
    "masks come after filters": ("shown", _mask_after_filter),
    "any statement is read": ("_parsed", _parsed_anything),
    "a name is one's own wherever it stands": ("_is_own", _any_own_name),
    "every table is readable": ("_readable", _readable_for_all),
    "refusals are not on record": ("log", _logs_only_reads),
    "records name no table": ("log", _logs_no_tables),
    "nothing is on record": ("log", lambda *_, **__: None),
    "what a page shows is not asked of the policy": ("shows", lambda *_: True),
}


def _any_ward(column: str, parameter: str) -> exp.Expression:
    return exp.true() if parameter == row_scope.WARDS else REAL_IS_ANY(column, parameter)


FAULTS_OF_PARTS: dict[str, tuple[ModuleType | type, str, object]] = {
    "no role is held to its places": (shown, "scope", lambda *_: None),
    "the ward is forgotten": (row_scope, "_is_any", _any_ward),
    "the site is forgotten": (row_scope, "SITES", row_scope.WARDS),
    "rows without a place are everybody's": (row_scope, "PLACED_BY", {}),
    "pseudonyms are made without the key": (treatments, "pseudonym", lambda kind: f"left(sha2('{kind}|' || v, 256), 16)"),
    "every kind of number has the same pseudonym": (treatments, "pseudonym", lambda kind: REAL_PSEUDONYM("encounter")),
    "high ages are not capped": (treatments, "AGE", "v"),
    "ages are capped too late": (treatments, "AGE", "case when v > 91 then 91 else v end"),
    "the birth year of the old is shown": (treatments, "BIRTH_YEAR", treatments.YEAR),
    "days of birth are shown": (treatments, "BIRTH_YEAR", "v"),
    "the year of a month is told as its January": (Policy, "tells_year", lambda *_: False),
    "the glass never closes": (break_glass, "OPENINGS", break_glass.OPENINGS.replace("recorded_at > :since and ", "")),
    "the glass opens for everybody": (break_glass, "OPENINGS", break_glass.OPENINGS.replace("viewer = :viewer and ", "")),
    "who says so is open, whatever is on record": (access, "still_open", lambda viewer, _: viewer.opened),
    "the glass opens nobody": (access, "still_open", lambda *_: ()),
    "the program's own parameters can be named": (governed, "RESERVED", frozenset()),
    "a viewer's places are what the question says": (
        access,
        "_given",
        lambda viewer, needs, settings: REAL_GIVEN(replace(viewer, sites=("North", "South"), wards=("Clinic",)), needs, settings),
    ),
}


def test_every_claim_holds_of_the_policy_as_it_is(older_lake):
    assert broken_claims(older_lake) == []


@pytest.mark.parametrize("fault", FAULTS_OF_PARTS)
def test_a_fault_in_a_part_of_the_door_breaks_a_claim(fault, older_lake, monkeypatch):
    module, name, mutant = FAULTS_OF_PARTS[fault]
    assert getattr(module, name) != mutant
    monkeypatch.setattr(module, name, mutant)
    broken = broken_claims(older_lake)
    governed.governed.cache_clear()
    assert broken != []


@pytest.mark.parametrize("fault", MUTANTS)
def test_a_fault_in_the_policy_breaks_a_claim(fault, older_lake, monkeypatch):
    name, mutant = MUTANTS[fault]
    for module in (access, governed):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, mutant)
    broken = broken_claims(older_lake)
    governed.governed.cache_clear()
    assert broken != []


def test_there_are_at_least_thirty_faults():
    assert len(MUTANTS) + len(FAULTS_OF_PARTS) >= 30
    assert policy.load_policy is REAL_POLICY
