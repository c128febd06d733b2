"""Who is looking. Without sign-in the product runs as a demonstration: a role is chosen, and only this machine may look."""

from __future__ import annotations

import hashlib

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pipeline.governance.policy import Viewer, load_policy

ROLE_KEY = "frame_role"
DEMO_NAME = "demo"


def choose_viewer() -> Viewer:
    """The viewer of this run, chosen in the sidebar; a role that is not in the policy becomes the first one."""
    policy = load_policy()
    with st.sidebar:
        role = st.selectbox(
            "Role", policy.roles, format_func=policy.title, key=ROLE_KEY, help="What this role may see and do is set in the policy."
        )
        st.caption(":material/no_accounts: Demo, not signed in")
    return _viewer(role)


def current_viewer() -> Viewer:
    """The viewer that the frame chose for this run."""
    return _viewer(st.session_state.get(ROLE_KEY))


def _viewer(role: str | None) -> Viewer:
    """With where from, for the access log: the address that the server sees, and a name of the session that tells nothing of it."""
    policy, context = load_policy(), get_script_run_ctx()
    session = hashlib.sha256(context.session_id.encode()).hexdigest()[:16] if context else ""
    known = role if role in policy.roles else policy.roles[0]
    address = st.context.ip_address
    # Streamlit gives None on the own machine, and outside a server something that is no text.
    return Viewer(DEMO_NAME, known, address=address if isinstance(address, str) else "", session=session)
