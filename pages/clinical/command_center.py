"""How many came, who they are, how they measure, and which seniors to look at first."""

from __future__ import annotations

from pages.frame.choose import choose_filters
from pages.frame.export import Export, export_menu
from pages.frame.page import open_page, say_limits
from pages.frame.show import (
    card,
    card_of_parts,
    map_and_beside,
    part,
    show_figure,
    show_risk_map,
    show_sexes,
    show_tiles,
    show_vital_table,
    show_worklist,
    view_key,
)
from pipeline.serving.center_questions import choices
from pipeline.serving.command_center import command_center
from pipeline.serving.export import as_json
from pipeline.serving.report import report

page = open_page("clinical/command_center")
filters = choose_filters(choices(page.viewer))
center = command_center(page.viewer, filters, page.opened_at)

pdf, json = Export("PDF report", "pdf", lambda: report(center)), Export("JSON data", "json", lambda: as_json(center))
export_menu(page, "Command center", center.provenance, pdf, json)
show_tiles(center.tiles, center.quality.quarantined_count)
wide, narrow = map_and_beside(center.risk_map)
with wide, card("Age, heart rate and risk level", f"{center.risk_map.caption}{center.risk_map.axis_note}"):
    show_risk_map(center)
with narrow, card_of_parts():
    with part("Demographics", "Share of encounters, count, and ◆ share at risk level High"):
        show_figure("demographics", center, "Share of encounters by age group")
        show_sexes(center.sexes)
    with part("Vital averages", ":gray[■] Adult  :blue[◆] Senior · means within the adult range that scores 0 in NEWS2"):
        show_figure("vital_strip", center, "Mean vital signs of adults and seniors within the adult reference range")
        show_vital_table(center)
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
