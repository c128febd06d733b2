"""What every table and column means, who sees what of it, how fresh it is and whether its rules hold."""

from __future__ import annotations

from pages.frame.choose_table import choose_table, choose_words
from pages.frame.page import open_page, say_limits
from pages.frame.show import card, heading, show_table
from pipeline.serving.catalogue import (
    catalogue,
    catalogue_caption,
    columns_table,
    entry_caption,
    promises_table,
    tables_table,
)

page = open_page("trust/catalogue")
found = catalogue(page.viewer, choose_words("Search tables, columns and what they mean"))

with card("Tables", catalogue_caption(found)):
    empty = "No table that your role may read speaks of this. Search for fewer or other words."
    table = tables_table(found.entries, page.opened_at)
    show_table(table, key=f"catalogue|{found.tables}", empty=empty, widths={"Table": 190, "Description": 330, "One row per": 180})
if found.entries:
    entry = found.entry(choose_table(found.tables))
    with card(entry.contract.table, entry_caption(entry)):
        widths = {"Meaning": 420, "Type": 90, "Unit": 70}
        show_table(columns_table(entry), key=f"columns|{entry.contract.table}", empty="It has no column.", widths=widths)
        heading("Rules", "What must hold in every row, and how it went at the last publication")
        show_table(
            promises_table(entry),
            key=f"promises|{entry.contract.table}",
            empty="No rule of this table was tested.",
            widths={"Rule": 460},
        )

say_limits(
    page,
    "Tables that your role may not read are not listed. Changed: since the version on the screen was written. "
    "Sources: the contracts below pipeline/tables, the publication, ops.check_results.",
)
