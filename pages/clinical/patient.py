"""One patient: what happened, what was measured, what the scores rest on."""

from __future__ import annotations

from pages.frame.export import Export, export_menu
from pages.frame.page import open_page, say_limits
from pages.frame.show import card
from pages.frame.show_patient import (
    choose_number,
    choose_vital_set,
    record_or_stop,
    show_encounters,
    show_lists,
    show_person,
    show_stays,
    show_vital_signs,
)
from pipeline.serving.export import as_json
from pipeline.serving.patient import find_patient
from pipeline.serving.patient.words import LIMITS, LISTS, STAYS, TIMELINE

page = open_page("clinical/patient")
record = record_or_stop(find_patient(page.viewer, choose_number(), page.opened_at), page)

export_menu(page, "Patient", record.provenance, Export("JSON data", "json", lambda: as_json(record)))
show_person(record)
with card("Timeline", TIMELINE):
    chosen = choose_vital_set(record)
    show_encounters(record, chosen)
show_vital_signs(record, chosen)
with card("Stays", STAYS):
    show_stays(record)
with card("Codes, results and encounters", LISTS):
    show_lists(record)

say_limits(page, LIMITS)
