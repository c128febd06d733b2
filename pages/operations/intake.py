"""Put files in, see before what a refresh would make of them, and what became of those that came: loaded, refused, and why."""

from __future__ import annotations

from pages.frame.choose_intake import choose_refused, choose_uploads
from pages.frame.export import Export, export_menu
from pages.frame.page import open_page, say_limits
from pages.frame.show import card
from pages.frame.show_intake import offer_reading_again, show_expectations, show_files, show_reasons, show_refused
from pipeline.serving.intake import MOST_IN_A_FILE, intake, refused_rows
from pipeline.serving.intake.words import refused_csv

page = open_page("operations/intake")
found = intake(page.viewer, page.opened_at)

with card("Put files in", "You see what each file would give before it is taken; larger ones go into the landing folder"):
    show_expectations(page, choose_uploads())
with card("Files", found.files_caption):
    show_files(found)
with card("Refused rows", "Kept as they were received, for the sender to mend; a row with two reasons counts in both"):
    show_reasons(found)
    chosen = choose_refused(found)
    refused = refused_rows(page.viewer, **chosen)
    show_refused(refused, found)
    offer_reading_again(page, chosen["file_name"])

csv = Export(
    "CSV of refused rows", "csv", lambda: refused_csv(refused_rows(page.viewer, **chosen, row_limit=MOST_IN_A_FILE), found)
)
export_menu(page, "Refused rows", found.source, csv)
say_limits(
    page,
    "What a file would give is judged on its first thousand lines and on its own: whether a patient is known or a row is a repeat "
    "shows only when it is taken in. Received = accepted + refused + duplicate + superseded. "
    "Sources: ops.files, ops.row_ledger, silver.quarantine.",
)
