"""Where every row of every file went, and which rules the data keeps."""

from __future__ import annotations

import streamlit as st

from pages.frame.page import open_page, say_limits
from pages.frame.show import card, show_table
from pipeline.serving.data_quality import checks_table, data_quality, ledger_table, not_loaded_table, quarantine_table
from pipeline.serving.wording import count_text, plural, share_text

page = open_page("trust/data_quality")
found = data_quality(page.viewer)

with st.grid(4, min_column_width=150, gap="small"):
    st.metric(
        "Rows passing quality",
        share_text(found.quality.accepted_share, 2),
        border=True,
        help="Accepted out of accepted and quarantined, all files",
    )
    st.metric("Rows accepted", count_text(found.quality.accepted_count), border=True)
    st.metric("Rows quarantined", count_text(found.quality.quarantined_count), border=True)
    st.metric("Files loaded", count_text(found.loaded_file_count), border=True)
with card("Row ledger", found.ledger_caption):
    show_table(ledger_table(found.ledger), key=f"ledger|{page.publication_number}", empty="No file has been taken in yet.")
left, right = st.columns(2, gap="small")
with left, card("Quarantine by reason", "Rows kept aside, never shown here; a row with two reasons counts in both"):
    show_table(quarantine_table(found.quarantine), key=f"quarantine|{page.publication_number}", empty="No row was refused.")
with right, card("Files not loaded", plural(len(found.not_loaded), "file refused or repeated", "files refused or repeated")):
    show_table(not_loaded_table(found.not_loaded), key=f"not_loaded|{page.publication_number}", empty="Every file was loaded.")
with card("Checks", found.checks_caption):
    show_table(
        checks_table(found.checks),
        key=f"checks|{page.publication_number}",
        empty="No check has run yet.",
        widths={"Table": 190, "Rule": 420},
    )

say_limits(
    page,
    "Counts cover all files of the publication, whatever period or site another page shows. "
    "Sources: ops.row_ledger, ops.files, ops.check_results, silver.quarantine.",
)
