"""Who looked at what, at whom and when; who was refused; who reads unusually much. Looking here is on record as well."""

from __future__ import annotations

from pages.frame.choose_log import choose_sought
from pages.frame.export import Export, export_menu
from pages.frame.page import open_page, say_limits
from pages.frame.show import card
from pages.frame.show_log import show_found, show_proof, show_volumes
from pipeline.serving.access_log import access_log, records_for_file
from pipeline.serving.access_log.words import found_caption, records_csv

page = open_page("trust/access_log")
sought = choose_sought()
found = access_log(page.viewer, sought, page.opened_at)

with card("Records", found_caption(found.found)):
    show_found(sought, found)
with card("Viewers today", "Reads since midnight UTC beside what is usual; something to ask about, not a verdict"):
    show_volumes(found)
with card("Proof", "Each record is sealed over the one before it; the seal of the newest is noted outside the log"):
    show_proof(page)

csv = Export("CSV of these records", "csv", lambda: records_csv(records_for_file(page.viewer, sought, page.opened_at)))
export_menu(page, "Access log", found.source, csv)
say_limits(
    page,
    "A record names up to 50 patients by pseudonyms; a patient number that is typed here becomes one for the search. Values, names "
    "and filters' contents are not in the log. Reads past the program (of the lake's files by their owner) are in no log of it. "
    "Source: the access log.",
)
