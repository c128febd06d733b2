"""How often patients come back within 30 days, which stays count and why, and whether a month, a site or a ward stands out."""

from __future__ import annotations

import streamlit as st

from pages.frame.choose_readmissions import choose_filters_and_population, listed_step
from pages.frame.export import Export, export_menu
from pages.frame.page import open_page, say_limits
from pages.frame.show import card
from pages.frame.show_readmissions import (
    show_control_chart,
    show_funnel,
    show_headline_tiles,
    show_rates,
    show_stays,
    show_waterfall,
)
from pipeline.serving.export import as_json
from pipeline.serving.readmissions import choices, readmissions
from pipeline.serving.readmissions.export import rates_csv
from pipeline.serving.readmissions.words import control_caption, definition, rates_caption, waterfall_caption

page = open_page("clinical/readmissions")
filters, population = choose_filters_and_population(choices(page.viewer))
found = readmissions(page.viewer, filters, population, listed=listed_step(population), generated_at=page.opened_at)

json, csv = Export("JSON data", "json", lambda: as_json(found)), Export("CSV of rates", "csv", lambda: rates_csv(found))
export_menu(page, "Readmissions", found.provenance, json, csv)
show_headline_tiles(found.tiles)
left, right = st.columns([1, 1], gap="small")
with left, card("Which stays count", waterfall_caption(found)):
    show_waterfall(found)
with right, card("Rates by group", rates_caption(found)):
    show_rates(found)
with card("Month by month", control_caption(found)):
    show_control_chart(found)
with card("Sites and wards", "Whether a group differs from the pooled rate by more than chance: a reason to look, not a judgement"):
    show_funnel(found)
with card("Stay by stay", found.stays.caption):
    show_stays(found.stays, found)

say_limits(page, definition(found.basis, population), found.provenance.suppression)
