"""Who is looking. Without sign-in the product runs as a demonstration: a role is chosen, and only this machine may look."""

from __future__ import annotations

import streamlit as st

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
    return Viewer(DEMO_NAME, role if role in policy.roles else policy.roles[0])


def current_viewer() -> Viewer:
    """The viewer that the frame chose for this run."""
    policy = load_policy()
    role = st.session_state.get(ROLE_KEY, policy.roles[0])
    return Viewer(DEMO_NAME, role if role in policy.roles else policy.roles[0])
