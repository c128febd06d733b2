"""The policy is checked when it is read, and told in the words of the door."""

from __future__ import annotations

import pytest
import yaml

from pipeline.catalog.contract import load_contracts
from pipeline.errors import AccessDenied, BadRequest, ContractBroken
from pipeline.governance.policy import POLICY_FILE, load_policy
from pipeline.governance.policy_words import explained, explained_table
from pipeline.serving.page_reads import questions_of_pages

SHOWN = dict.fromkeys(("identifier", "quasi", "clinical", "operational"), "show")


def changed(tmp_path, *, whole=None, **parts):
    """The shipped policy with parts of the analyst, or of the whole, changed; None leaves one out."""
    said = yaml.safe_load(POLICY_FILE.read_text(encoding="utf-8")) | (whole or {})
    said["roles"]["analyst"] = {k: v for k, v in (said["roles"]["analyst"] | parts).items() if v is not None}
    path = tmp_path / "policy.yml"
    path.write_text(yaml.safe_dump(said), encoding="utf-8")
    return load_policy(path)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"tables": ["gold.*", "silver.patient"]}, r"silver\.patient, which is no table"),
        ({"pages": ["clinical/comand_center"]}, "comand_center, which is no page"),
        ({"may": ["export", "delete"]}, "may delete, which nobody can do"),
        ({"shows": {"identifier": "mask"}}, "must say for each of"),
        (
            {"shows": SHOWN | {"identifier": "blur"}},
            "one of show, generalise, mask, hide",
        ),
        ({"shows": {"names": "mask", "quasi": "show", "clinical": "show", "operational": "show"}}, "must say for each of"),
        ({"may": None}, "must say"),
        ({"maybe": ["export"]}, "nothing else"),
        ({"rows": "own beds"}, "one of all, own sites, own wards"),
        ({"small_cells": "round"}, "show or suppress small_cells"),
        ({"small_cells": "show"}, "small_cells of patients whom it may not see"),
        ({"may": ["break_glass"]}, "sees all rows already"),
        (
            {"shows": SHOWN | {"clinical": "generalise"}},
            "generalises clinical",
        ),
        ({"rows": "own wards", "tables": ["bronze.unreadable_lines"]}, "rows tell no place"),
    ],
)
def test_what_does_not_exist_is_refused_when_the_policy_is_read(parts, says, tmp_path):
    with pytest.raises(ContractBroken, match=says):
        changed(tmp_path, **parts)


@pytest.mark.parametrize(
    ("whole", "says"),
    [
        ({"small_cells": {"fewest": 1}}, "above 1"),
        ({"break_glass": {"minutes": 0}}, "above 0"),
        ({"generalise": {"decade": ["birth_date"]}}, "names decade"),
        ({"generalise": {"year": ["heart_rate_bpm"]}}, "heart_rate_bpm, which is no column that identifies"),
        ({"generalise": {"year": ["birth_date"], "year of birth": ["birth_date"]}}, "a column twice"),
        ({"exceptions": {}}, "nothing else"),
    ],
)
def test_what_the_whole_says_is_checked_when_it_is_read(whole, says, tmp_path):
    with pytest.raises(ContractBroken, match=says):
        changed(tmp_path, whole=whole)


def test_an_identifier_that_no_generalisation_names_is_masked(tmp_path):
    policy = changed(tmp_path, whole={"generalise": {"year": ["birth_date"]}})
    columns = {column.name: column for column in load_contracts()["silver.patients"].columns}
    assert [policy.treatment("analyst", columns[name]) for name in ("birth_date", "patient_id", "sex")] == ["year", "mask", "mask"]


@pytest.mark.parametrize(("role", "page"), [(role, page) for role in load_policy().roles for page in load_policy().pages(role)])
def test_a_role_reads_every_table_that_its_pages_ask(role, page):
    asked = {table for question in questions_of_pages()[page] for table in question.tables}
    assert [table for table in sorted(asked) if not load_policy().may_read(role, table)] == []


@pytest.mark.parametrize(("identifier", "quasi"), [("mask", "generalise"), ("generalise", "mask"), ("generalise", "generalise")])
def test_a_role_that_generalises_one_class_alone_is_told_years_as_years(identifier, quasi, tmp_path):
    shows = SHOWN | {"identifier": identifier, "quasi": quasi}
    assert changed(tmp_path, shows=shows).tells_year("analyst", "stay_month")


def test_an_unchanged_policy_is_read(tmp_path):
    assert changed(tmp_path).by_role == load_policy().by_role


def test_a_role_is_explained_in_words():
    said = "\n".join(explained("analyst"))
    assert "may      export" in said
    assert "identifier   columns are generalised" in said
    assert "patients of every site and ward" in said
    assert "counts   of 1 to 10 are not shown" in said
    assert "gold.index_stays" in said
    assert "silver.patients" not in said


def test_a_table_is_explained_column_by_column():
    lines = explained_table("analyst", "gold.index_stays")
    assert next(line for line in lines if "patient_id" in line).endswith("a pseudonym")
    assert explained_table("analyst", "silver.patients") == ["Analyst may not read silver.patients."]


def test_an_unknown_role_or_table_is_a_sentence():
    with pytest.raises(AccessDenied):
        explained("visitor")
    with pytest.raises(BadRequest, match="no table"):
        explained_table("analyst", "gold._stay_history")
