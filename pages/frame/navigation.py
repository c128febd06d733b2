"""Which pages there are, and which of them a role may open. The keys are those of the policy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pipeline.governance.policy import Viewer, load_policy

PAGES = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class PageCard:
    """How one page appears: its title, its section in the menu and its icon."""

    title: str
    section: str
    icon: str


PAGE_CARDS = {
    "clinical/command_center": PageCard("Command center", "Clinical", ":material/monitor_heart:"),
    "clinical/patient": PageCard("Patient", "Clinical", ":material/person:"),
    "clinical/readmissions": PageCard("Readmissions", "Clinical", ":material/repeat:"),
    "clinical/alert_budget": PageCard("Alert budget", "Clinical", ":material/tune:"),
    "operations/intake": PageCard("Intake", "Operations", ":material/upload_file:"),
    "operations/pipeline_runs": PageCard("Pipeline runs", "Operations", ":material/account_tree:"),
    "trust/data_quality": PageCard("Data quality", "Trust", ":material/rule:"),
    "trust/model_card": PageCard("Model card", "Trust", ":material/fact_check:"),
    "trust/catalogue": PageCard("Data catalogue", "Trust", ":material/menu_book:"),
    "trust/lineage": PageCard("Lineage", "Trust", ":material/schema:"),
    "trust/table_history": PageCard("Table history", "Trust", ":material/manage_history:"),
    "trust/access_log": PageCard("Access log", "Trust", ":material/policy:"),
    "trust/my_record": PageCard("My record", "Trust", ":material/history:"),
}


def navigation(viewer: Viewer):
    """The page this viewer asked for, among those the role may open; the first one of the role is where it starts."""
    allowed = [key for key in load_policy().pages(viewer.role) if key in PAGE_CARDS]
    sections: dict[str, list] = {}
    for key, card in PAGE_CARDS.items():
        if key in allowed:
            sections.setdefault(card.section, []).append(_page(key, card, starts=key == allowed[0]))
    return st.navigation(sections, expanded=True)


def _page(key: str, card: PageCard, *, starts: bool):
    return st.Page(PAGES / f"{key}.py", title=card.title, icon=card.icon, url_path=key.rpartition("/")[2], default=starts)
