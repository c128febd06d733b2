"""What the access log says of the one who looks: everybody may see their own record."""

from __future__ import annotations

from pages.frame.choose_log import choose_log_period
from pages.frame.page import open_page, say_limits
from pages.frame.show import card
from pages.frame.show_log import show_records
from pipeline.serving.access_log import my_record
from pipeline.serving.access_log.words import found_caption, records_table

page = open_page("trust/my_record")
found = my_record(page.viewer, choose_log_period("my_period"), page.opened_at)

with card("My record", found_caption(found)):
    show_records(records_table(found.records), key="my_records", empty="Nothing is on record in this period. Choose a longer one.")
say_limits(
    page,
    "These are the records under your name, in whatever role. An auditor sees them too, and that they looked is on record. "
    "Source: the access log.",
)
