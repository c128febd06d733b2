"""How many came, who they are, how they measure, and which seniors to look at first."""

from __future__ import annotations

import streamlit as st

from pages.frame.choose import choose_filters
from pages.frame.export import Export, export_menu
from pages.frame.page import open_page, say_limits
from pages.frame.show import (
    card,
    heading,
    show_figure,
    show_risk_map,
    show_sexes,
    show_table,
    show_tiles,
    show_worklist,
    view_key,
)
from pipeline.serving.center_questions import choices
from pipeline.serving.command_center import command_center
from pipeline.serving.export import as_json
from pipeline.serving.groups import vital_table
from pipeline.serving.report import report

page = open_page("clinical/command_center")
filters = choose_filters(choices(page.viewer))
center = command_center(page.viewer, filters, page.opened_at)

pdf, json = Export("PDF report", "pdf", lambda: report(center)), Export("JSON data", "json", lambda: as_json(center))
export_menu(page, "Command center", center.provenance, pdf, json)
show_tiles(center.tiles, center.quality.quarantined_count)
wide, narrow = st.columns([2.05, 1], gap="small")
with wide, card("Age, heart rate and risk level", f"{center.risk_map.caption} · vertical axis: heart rate, /min"):
    show_risk_map(center)
with narrow, card("Demographics", "Share of encounters, count, and ◆ share at risk level High"):
    show_figure("demographics", center, "Share of encounters by age group")
    show_sexes(center.sexes)
    heading("Vital averages", ":gray[■] Adult  :blue[◆] Senior · means within the adult range that scores 0 in NEWS2")
    show_figure("vital_strip", center, "Mean vital signs of adults and seniors within the adult reference range")
    with st.popover("Show values as table", icon=":material/table_rows:", type="tertiary"):
        show_table(vital_table(center.vital_averages), key=f"vital_table|{view_key(center)}", empty="No vital sign was measured.")
        st.caption(
            "Latest vital set of each encounter; n is how many have the reading. The adult range does not apply to children."
        )
with card("Ingestion volume", f"Encounters by {center.volume_step} of arrival and class"):
    show_figure("volume", center, "Encounters over time by class")
with card("High-risk senior worklist", center.worklist.caption):
    show_worklist(center.worklist, view_key(center))

say_limits(
    page,
    "Counts are encounters, not people. The risk level comes from a transparent rule over the latest vital set, not from a model. "
    f"The newest month may be incomplete. {center.risk_map.shading} {center.provenance.suppression} "
    "Sources: gold.age_heart_rate_cells, gold.demographics, gold.vital_averages, gold.ingestion_volume, gold.high_risk_seniors.",
)
