"""A role that is held to its own sites or wards sees the patients of these places, through every table and in every wording."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.catalog.contract import load_contracts
from pipeline.governance import access, governed
from pipeline.governance.access import read
from pipeline.governance.policy import Viewer, load_policy
from pipeline.governance.row_scope import OWN_SITES, OWN_WARDS, scope

CARDIOLOGY = Viewer("nina", "triage_nurse", sites=("North",), wards=("Cardiology",))
CLINIC = Viewer("nina", "triage_nurse", sites=("South",), wards=("Clinic",))
NOWHERE = Viewer("nina", "triage_nurse")
CLINICIAN = Viewer("cleo", "clinician")

READABLE = [
    name
    for name, contract in load_contracts().items()
    if load_policy().may_read("triage_nurse", name) and not contract.is_intermediate
]
ABOUT_PATIENTS = [name for name in READABLE if any(column.sensitivity == "identifier" for column in load_contracts()[name].columns)]


def patients(viewer, settings, table="silver.patients"):
    return sorted(read(viewer, f"select patient_id from {table}", purpose="test", settings=settings)["patient_id"].unique())


@pytest.mark.parametrize(
    ("viewer", "expected"),
    [(CARDIOLOGY, ["P-ada"]), (CLINIC, ["P-cy", "P-di"]), (NOWHERE, [])],
)
@pytest.mark.parametrize("table", ["silver.patients", "silver.encounters", "gold.encounter_risks"])
def test_a_nurse_sees_the_patients_of_her_ward(table, viewer, expected, shared_tiny_lake):
    assert patients(viewer, shared_tiny_lake, table) == expected


def test_a_ward_of_the_same_name_at_another_site_is_another_ward(shared_tiny_lake):
    assert patients(replace(CARDIOLOGY, sites=("South",)), shared_tiny_lake) == []


@pytest.mark.parametrize("table", ABOUT_PATIENTS)
def test_a_viewer_of_no_place_sees_no_row_about_a_patient(table, shared_tiny_lake):
    assert read(NOWHERE, f"select * from {table}", purpose="test", settings=shared_tiny_lake).empty


def test_there_are_rows_not_to_be_seen(shared_tiny_lake):
    seen = {
        table: len(read(CLINICIAN, f"select * from {table}", purpose="test", settings=shared_tiny_lake)) for table in ABOUT_PATIENTS
    }
    assert {table for table, count in seen.items() if not count} == {"silver.vital_signs"}, (
        "sent one at a time, which nobody did here"
    )


@pytest.mark.parametrize("table", ABOUT_PATIENTS)
def test_rows_without_a_ward_of_their_own_follow_their_encounter_or_stay(table, shared_tiny_lake):
    seen = read(CARDIOLOGY, f"select * from {table}", purpose="test", settings=shared_tiny_lake).to_csv()
    assert not [one for one in ("P-ben", "P-cy", "P-di", "P-eve", "E-ben", "E-cy", "E-di", "E-eve") if one in seen]


def test_sums_without_a_ward_are_those_of_the_own_site(shared_tiny_lake):
    asked = "select site_name, sum(encounter_count) as n from gold.demographics group by site_name"
    assert read(CARDIOLOGY, asked, purpose="test", settings=shared_tiny_lake)["site_name"].tolist() == ["North"]
    assert read(NOWHERE, asked, purpose="test", settings=shared_tiny_lake).empty


@pytest.mark.parametrize(
    "trick",
    [
        "with encounters as (select 'E-eve' as encounter_id) select encounter_id from silver.vital_sets",
        "with silver as (select 1 as encounters) select encounter_id from silver.vital_sets",
        "select v.encounter_id from silver.vital_sets v join silver.encounters e on true",
        "select (select max(encounter_id) from silver.vital_sets) as encounter_id from gold.demographics",
        "select encounter_id from silver.encounters where true or ward_name = 'Respiratory'",
        "select encounters.encounter_id from silver.vital_sets as encounters",
    ],
)
def test_no_wording_reaches_another_ward(trick, shared_tiny_lake):
    found = read(CARDIOLOGY, trick, purpose="test", settings=shared_tiny_lake)
    assert set(found.iloc[:, 0]) <= {"E-ada"}


def test_a_role_of_sites_sees_every_ward_of_its_sites(shared_tiny_lake, monkeypatch):
    policy = load_policy()
    nurse = replace(policy.by_role["triage_nurse"], rows=OWN_SITES)
    monkeypatch.setattr(governed, "load_policy", lambda: replace(policy, by_role={**policy.by_role, "triage_nurse": nurse}))
    governed.governed.cache_clear()
    try:
        assert patients(Viewer("nina", "triage_nurse", sites=("North",)), shared_tiny_lake) == ["P-ada", "P-ben"]
    finally:
        governed.governed.cache_clear()


@pytest.mark.parametrize("table", READABLE)
def test_every_table_of_the_nurse_can_be_placed_or_is_about_nobody(table):
    contract = load_contracts()[table]
    is_of_a_place = table in ABOUT_PATIENTS or any(column.name == "site_name" for column in contract.columns)
    assert (scope(contract, OWN_WARDS) is not None) == is_of_a_place


def test_the_places_to_choose_from_are_those_of_the_data_busiest_first(shared_tiny_lake):
    assert access.places(shared_tiny_lake) == (
        ("South", "Clinic"),
        ("North", "Cardiology"),
        ("North", "Paediatrics"),
        ("South", "Respiratory"),
    )
