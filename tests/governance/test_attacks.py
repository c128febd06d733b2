"""No question gets past the door: what a role does not see comes back in no wording, and nothing but tables can be asked."""

from __future__ import annotations

import pytest

from pipeline.errors import AccessDenied, BadRequest, MediPulseError
from pipeline.governance.access import read
from pipeline.governance.policy import Viewer
from pipeline.lakehouse.reader import open_published
from pipeline.settings import Settings
from tests.governance.attacks import ATTACKS, FILES_AND_FUNCTIONS, NAMES_THAT_MEAN_SOMETHING_ELSE, OTHER_TABLES, STATEMENTS

CANARIES = ("P-ada", "P-ben", "P-cy", "P-eve", "E-ada", "E-eve", "Ash", "Oak", "Elm", "12345", "34567", "1950-02-28")
"""Numbers, names, postal codes and a birth date of the tiny hospital: identifiers, which neither role sees."""

ROLES = ("analyst", "auditor")


def asked(settings: Settings, attack: str, role: str) -> str:
    """Everything that comes back, as text."""
    file = next(settings.lake.glob("silver/patients/*.parquet"))
    sql = attack.replace("{file}", str(file)).replace("{folder}", str(settings.lake))
    return read(Viewer("eve", role), sql, purpose="test", settings=settings).to_csv()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_brings_out_what_the_role_does_not_see(attack, role, shared_tiny_lake):
    try:
        said = asked(shared_tiny_lake, attack, role)
    except MediPulseError as refusal:
        said = str(refusal)
    assert not [canary for canary in CANARIES if canary in said]


@pytest.mark.parametrize("attack", OTHER_TABLES + NAMES_THAT_MEAN_SOMETHING_ELSE + FILES_AND_FUNCTIONS + STATEMENTS)
def test_what_is_no_select_over_readable_tables_is_refused_before_it_runs(attack, shared_tiny_lake):
    with pytest.raises((AccessDenied, BadRequest)):
        asked(shared_tiny_lake, attack, "analyst")


def test_there_are_enough_attacks_to_mean_something():
    assert len(ATTACKS) * len(ROLES) >= 200


@pytest.mark.parametrize("sql", ["select given_name from silver.patients", "select patient_id from gold.high_risk_seniors"])
def test_the_canaries_are_there_to_be_found(sql, shared_tiny_lake):
    found = open_published(shared_tiny_lake).query(sql).to_pandas().to_csv()
    assert [canary for canary in (*CANARIES, "Ada") if canary in found]
