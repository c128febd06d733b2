"""What the secrets say about signing in: the claim that names groups, the role of each group, how long nobody may be idle.

Streamlit's own section [auth] sets up the provider; without it the product is a demonstration on its own machine. Section
[sign_in] is ours:

    [sign_in]
    role_claim = "groups"
    site_claim = "sites"
    ward_claim = "wards"
    idle_minutes = 15
    [sign_in.roles]
    "mp-clinicians" = "clinician"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from pipeline.errors import BadRequest
from pipeline.governance.policy import load_policy

DEFAULT_IDLE_MINUTES = 15
DEFAULT_WATCH_SECONDS = 5


@dataclass(frozen=True)
class SignInRules:
    """How a signed-in person becomes a viewer.

    role_claim: the claim of the ID token that holds groups, one text or a list; site_claim and ward_claim: those that hold the
    places of a person whose role sees own rows alone. roles: the role of each group. idle: after this without a click the session
    ends. watch_seconds: how often an open page looks whether its session still counts.
    """

    role_claim: str
    site_claim: str = "sites"
    ward_claim: str = "wards"
    roles: Mapping[str, str] = field(default_factory=dict)
    idle: timedelta = timedelta(minutes=DEFAULT_IDLE_MINUTES)
    watch_seconds: float = DEFAULT_WATCH_SECONDS

    def roles_of(self, claims: Mapping) -> tuple[str, ...]:
        """The roles of a person, in the order of the policy; none where no group is mapped."""
        own = {self.roles[group] for group in _texts(claims, self.role_claim) if group in self.roles}
        return tuple(role for role in load_policy().roles if role in own)

    def places_of(self, claims: Mapping) -> dict[str, tuple[str, ...]]:
        """The sites and the wards of a person; none where the claims name none."""
        return {"sites": _texts(claims, self.site_claim), "wards": _texts(claims, self.ward_claim)}


def _texts(claims: Mapping, name: str) -> tuple[str, ...]:
    """What a claim says, one text or a list of them; anything else in it says nothing."""
    said = claims.get(name) or ()
    listed = (said,) if isinstance(said, str) else said if isinstance(said, list | tuple) else ()
    return tuple(text for text in listed if isinstance(text, str))


@cache
def sign_in_rules() -> SignInRules | None:
    """The rules of this server, None where nobody signs in. Raises BadRequest for a role that the policy does not know."""
    try:
        secrets = st.secrets.to_dict()
    except StreamlitSecretNotFoundError:
        return None
    return rules_in(secrets)


def rules_in(secrets: Mapping) -> SignInRules | None:
    """The rules in a set of secrets. Raises BadRequest, naming the line that is off."""
    if "auth" not in secrets:
        return None
    said = secrets.get("sign_in", {})
    roles = dict(said.get("roles", {}))
    unknown = sorted(set(roles.values()) - set(load_policy().roles))
    if unknown:
        raise BadRequest(
            f"secrets.toml: [sign_in.roles] gives the role {unknown[0]}, which the policy does not know."
            f" Use one of {', '.join(load_policy().roles)}."
        )
    if not roles:
        raise BadRequest(
            "secrets.toml sets up [auth] without [sign_in.roles], so nobody would have a role. Add a line for each group."
        )
    minutes = said.get("idle_minutes", DEFAULT_IDLE_MINUTES)
    if not isinstance(minutes, int | float) or minutes <= 0:
        raise BadRequest("secrets.toml: [sign_in] idle_minutes must be a number of minutes above 0.")
    return SignInRules(
        role_claim=str(said.get("role_claim", "groups")),
        site_claim=str(said.get("site_claim", "sites")),
        ward_claim=str(said.get("ward_claim", "wards")),
        roles=roles,
        idle=timedelta(minutes=minutes),
        watch_seconds=float(said.get("watch_seconds", DEFAULT_WATCH_SECONDS)),
    )
