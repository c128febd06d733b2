"""Who is looking: the person who signed in, or, without sign-in, a role chosen for a demonstration on this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.frame.demo_place import demo_places, offer_demo_place
from pages.frame.front_door import offer_sign_in, offer_sign_out, turn_away
from pages.frame.sign_in.rules import SignInRules, sign_in_rules
from pages.frame.sign_in.sessions import SignIn, sessions_of, sign_in_of
from pipeline.errors import AccessDenied
from pipeline.governance.access import record_sign_in
from pipeline.governance.policy import Viewer, load_policy
from pipeline.settings import load_settings

ROLE_KEY = "frame_role"
OPENED_KEY = "frame_opened_patients"
"""Patients for whom this session broke the glass; what counts is that the access log holds it."""

DEMO_NAME = "demo"
NO_ROLE = "Your account has no role here. Ask a data steward to map one of your groups to a role."


def choose_viewer() -> Viewer:
    """The viewer of this run; where nobody counts as signed in, the page ends here with the way in."""
    rules = sign_in_rules()
    return _demo_viewer() if rules is None else _signed_in_viewer(rules)


def current_viewer() -> Viewer:
    """The viewer that the frame chose for this run. Raises AccessDenied where there is none any more."""
    rules = sign_in_rules()
    if rules is None:
        return _viewer(DEMO_NAME, load_policy().roles, **demo_places(_chosen_among(load_policy().roles)))
    sign_in = _sign_in()
    if sign_in is None or _why_ended(sign_in, rules) is not None:
        raise AccessDenied("You are not signed in any more. Open the page again and sign in.")
    return _viewer(sign_in.name, _roles_of(sign_in, rules), **rules.places_of(sign_in.claims))


def _demo_viewer() -> Viewer:
    policy = load_policy()
    with st.sidebar:
        _offer_roles(policy.roles)
        offer_demo_place(_chosen_among(policy.roles))
        st.caption(":material/no_accounts: Demo, not signed in: only this machine is answered")
    return current_viewer()


def _signed_in_viewer(rules: SignInRules) -> Viewer:
    # Also where nobody is signed in: a late answer of the watch must find its place, or the browser shows an error.
    watch_place = st.container(key="frame_sign_in_watch")
    sign_in = _sign_in()
    if sign_in is None:
        offer_sign_in("Sign in with your hospital account.")
    why = _why_ended(sign_in, rules)
    if why is not None:
        offer_sign_in(why)
    sessions = sessions_of(load_settings().revoked_sign_ins)
    if sessions.begin(sign_in, datetime.now(UTC)):
        record_sign_in(sign_in.name)
    roles = rules.roles_of(sign_in.claims)
    if not roles:
        turn_away(f"{sign_in.name}: {NO_ROLE}")
    with st.sidebar:
        if len(roles) > 1:
            _offer_roles(roles)
        st.text(f"{sign_in.name}\n{load_policy().title(_chosen_among(roles))}")
        offer_sign_out()
    with watch_place:
        _watch(sign_in, rules)
    return _viewer(sign_in.name, roles, **rules.places_of(sign_in.claims))


def _viewer(name: str, roles: tuple[str, ...], *, sites: tuple[str, ...], wards: tuple[str, ...]) -> Viewer:
    """With where from, for the access log: the address that the server sees, and a name of the session that tells nothing of it."""
    context, address = get_script_run_ctx(), st.context.ip_address
    session = hashlib.sha256(context.session_id.encode()).hexdigest()[:16] if context else ""
    # Streamlit gives None on the own machine, and outside a server something that is no text.
    return Viewer(
        name,
        _chosen_among(roles),
        address=address if isinstance(address, str) else "",
        session=session,
        sites=sites,
        wards=wards,
        opened=tuple(st.session_state.get(OPENED_KEY, ())),
    )


def _watch(sign_in: SignIn, rules: SignInRules) -> None:
    """Looks now and then whether the sign-in still counts, so that a page that nobody touches closes by itself."""

    @st.fragment(run_every=rules.watch_seconds)
    def watched() -> None:
        if _why_ended(sign_in, rules) is not None:
            st.rerun()

    watched()


def _sign_in() -> SignIn | None:
    claims: Mapping = st.user.to_dict()
    return sign_in_of(claims) if claims.get("is_logged_in") else None


def _why_ended(sign_in: SignIn, rules: SignInRules) -> str | None:
    return sessions_of(load_settings().revoked_sign_ins).why_ended(sign_in, datetime.now(UTC), rules.idle)


def _roles_of(sign_in: SignIn, rules: SignInRules) -> tuple[str, ...]:
    roles = rules.roles_of(sign_in.claims)
    if not roles:
        raise AccessDenied(NO_ROLE)
    return roles


def _offer_roles(roles: tuple[str, ...]) -> None:
    policy = load_policy()
    st.selectbox("Role", roles, format_func=policy.title, key=ROLE_KEY, help="What this role may see and do is set in the policy.")


def _chosen_among(roles: tuple[str, ...]) -> str:
    """The role that was chosen, if it is one of these; the first of them otherwise."""
    chosen = st.session_state.get(ROLE_KEY)
    return chosen if chosen in roles else roles[0]
