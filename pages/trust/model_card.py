"""Which readmission model scores the stays, what was found of it when it was trained, and how far to trust it."""

from __future__ import annotations

import streamlit as st

from pages.frame.export import Export, export_menu
from pages.frame.page import open_page, say_limits
from pages.frame.show import card
from pages.frame.show_model import show_card_sections, show_headline, show_model_figure, show_nothing, show_watch
from pipeline.serving.export import as_json
from pipeline.serving.model_card import NO_MODEL, calibration_caption, model_card, net_benefit_caption, promotion_sentence
from pipeline.serving.model_watch_released import watched

page = open_page("trust/model_card")
found = model_card(page.viewer, page.opened_at)
if found.evidence is None:
    show_nothing(page, NO_MODEL)

export_menu(page, "Model card", found.source, Export("JSON data", "json", lambda: as_json(found)))
show_headline(found, promotion_sentence(found))
left, right = st.columns(2, gap="small")
with left, card("Calibration", calibration_caption(found)):
    show_model_figure(found, "calibration", "Predicted probability against the share that came back, in tenths of the stays")
with right, card("Net benefit", net_benefit_caption(found)):
    show_model_figure(found, "net_benefit", "Net benefit of the model and of reviewing everybody, by threshold probability")
show_watch(watched(page.viewer, page.opened_at))
show_card_sections(found)

say_limits(
    page,
    found.source.suppression,
    "Every figure at the top and in the card is of the training run, none is written by hand; what came true is counted by each "
    "refresh. The model informs a professional and decides nothing; it is not validated for clinical use. Sources: the champion's "
    "evidence, kept with its run in MLflow; gold.score_calibration, gold.feature_bins.",
)
