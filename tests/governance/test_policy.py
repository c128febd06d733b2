"""The policy is checked when it is read, and told in the words of the door."""

from __future__ import annotations

import pytest
import yaml

from pipeline.errors import AccessDenied, BadRequest, ContractBroken
from pipeline.governance.policy import POLICY_FILE, load_policy
from pipeline.governance.policy_words import explained, explained_table


def changed(tmp_path, **parts):
    """The shipped policy with parts of the analyst changed; None leaves one out."""
    said = yaml.safe_load(POLICY_FILE.read_text(encoding="utf-8"))
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
        ({"shows": {"identifier": "blur", "quasi": "show", "clinical": "show", "operational": "show"}}, "one of show, mask, hide"),
        ({"shows": {"names": "mask", "quasi": "show", "clinical": "show", "operational": "show"}}, "must say for each of"),
        ({"may": None}, "must say"),
        ({"maybe": ["export"]}, "nothing else"),
    ],
)
def test_what_does_not_exist_is_refused_when_the_policy_is_read(parts, says, tmp_path):
    with pytest.raises(ContractBroken, match=says):
        changed(tmp_path, **parts)


def test_an_unchanged_policy_is_read(tmp_path):
    assert changed(tmp_path).by_role == load_policy().by_role


def test_a_role_is_explained_in_words():
    said = "\n".join(explained("analyst"))
    assert "may      export" in said
    assert "identifier   columns are masked" in said
    assert "gold.index_stays" in said
    assert "silver.patients" not in said


def test_a_table_is_explained_column_by_column():
    lines = explained_table("analyst", "gold.index_stays")
    assert next(line for line in lines if "patient_id" in line).endswith("anything else is empty)")
    assert explained_table("analyst", "silver.patients") == ["Analyst may not read silver.patients."]


def test_an_unknown_role_or_table_is_a_sentence():
    with pytest.raises(AccessDenied):
        explained("visitor")
    with pytest.raises(BadRequest, match="no table"):
        explained_table("analyst", "gold._stay_history")
