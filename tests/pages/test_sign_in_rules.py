"""What the secrets say about signing in becomes roles and places; what is off is refused with its line."""

from __future__ import annotations

import pytest

from pages.frame.sign_in.rules import rules_in
from pipeline.errors import BadRequest

SIGN_IN = {"role_claim": "groups", "roles": {"mp-nurses": "triage_nurse", "mp-doctors": "clinician"}}


def rules(**changed):
    return rules_in({"auth": {}, "sign_in": SIGN_IN | changed})


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"groups": ["mp-nurses", "mp-doctors", "others"]}, ("clinician", "triage_nurse")),
        ({"groups": "mp-nurses"}, ("triage_nurse",)),
        ({"groups": [{"mp-nurses": 1}, 7, None]}, ()),
        ({"groups": 7}, ()),
        ({}, ()),
    ],
)
def test_groups_become_roles(claims, expected):
    assert rules().roles_of(claims) == expected


def test_claims_name_the_places_of_a_person_and_silence_names_none():
    claims = {"sites": "North", "wards": ["Emergency", "Cardiology", 7]}
    assert rules().places_of(claims) == {"sites": ("North",), "wards": ("Emergency", "Cardiology")}
    assert rules().places_of({}) == {"sites": (), "wards": ()}
    assert rules(site_claim="mp_sites").places_of({"mp_sites": ["South"], "sites": "North"})["sites"] == ("South",)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"roles": {"mp-nurses": "nurse"}}, "role nurse, which the policy does not know"),
        ({"roles": {}}, "nobody would have a role"),
        ({"idle_minutes": 0}, "idle_minutes must be"),
    ],
)
def test_a_line_that_is_off_is_named(changed, says):
    with pytest.raises(BadRequest, match=says):
        rules(**changed)


def test_without_a_provider_nobody_signs_in():
    assert rules_in({}) is None
