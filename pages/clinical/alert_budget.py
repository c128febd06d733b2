"""How many stays a day the team can review, what that finds, and whom it names."""

from __future__ import annotations

import streamlit as st

from pages.frame.choose_budget import choose_capacity
from pages.frame.export import Export, export_menu
from pages.frame.page import open_page, say_limits
from pages.frame.show import card
from pages.frame.show_model import (
    show_budget_curve,
    show_budget_tiles,
    show_choices,
    show_comparison,
    show_named,
    show_nothing,
    warn_when_stale,
)
from pipeline.serving.alert_budget import alert_budget, offered
from pipeline.serving.alert_budget.words import NO_MODEL, curve_caption, curve_csv, named_caption
from pipeline.serving.model_watch_released import watched

page = open_page("clinical/alert_budget")
choice = offered(page.viewer)
if choice is None:
    show_nothing(page, NO_MODEL)

found = alert_budget(page.viewer, choice, choose_capacity(choice), generated_at=page.opened_at)
export_menu(page, "Alert budget", found.source, Export("CSV of the curve", "csv", lambda: curve_csv(found)))
warn_when_stale(watched(page.viewer, page.opened_at))
show_budget_tiles(found)
left, right = st.columns([1.25, 1], gap="small")
with left, card("What a budget finds", curve_caption(found)):
    show_budget_curve(found)
with right, card("The same work, chosen otherwise", "Readmissions found when as many stays are reviewed"):
    show_comparison(found)
with card("Whom it names", named_caption(found.named)):
    show_named(found)
with card("The team's budget", "Kept with who and why"):
    show_choices(page, found)

say_limits(
    page,
    found.source.suppression,
    "The figures are those of the training run, on stays of patients the model had not seen; in use they can be worse. A stay that "
    "is not named is not safe. Sources: the champion's evidence, gold.risk_scores, gold.index_stays.",
)
