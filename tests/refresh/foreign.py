"""A clinic abroad, as its files come: German words, semicolons, decimal commas, local times, one wide line a visit."""

from __future__ import annotations

from pathlib import Path

from pipeline.settings import Settings, load_settings

CLINIC_MAPPING = """\
description: Visits of a clinic, one wide line each.
files: ["klinik*"]
format: [delimited, parquet, ndjson]
text: {delimiter: ";", encoding: cp1252, decimal_mark: ","}
time_zone: Europe/Berlin
missing: ["k.A."]
recognised_by: [fall, person, geschlecht, alter, beginn]
values:
  visit: {text: "K-{fall}"}
  came: {column: beginn, format: ["%d.%m.%Y %H:%M", iso]}
rows:
  - feed: patients
    first_of: person
    columns:
      patient_id: person
      birth_date: {age: alter, at: came}
      sex: {column: geschlecht, values: {1: F, 2: M}}
      updated_at: came
  - feed: encounters
    columns:
      encounter_id: visit
      patient_id: person
      site_name: {constant: Klinik}
      ward_name: station
      encounter_class: {constant: IMP}
      arrived_at: came
      updated_at: came
  - feed: vital_sets
    needs: [puls]
    columns:
      encounter_id: visit
      measured_at: came
      heart_rate: {column: puls, missing: ["0"]}
      systolic_bp: {column: druck, unit: kPa}
      temperature: temperatur
      temperature_unit: {constant: C}
      updated_at: came
  - feed: diagnoses
    needs: [icd1]
    columns: {encounter_id: visit, diagnosis_rank: {constant: "1"}, code_system: {constant: ICD-10}, code: icd1, updated_at: came}
  - feed: diagnoses
    needs: [icd2]
    columns: {encounter_id: visit, diagnosis_rank: {constant: "2"}, code_system: {constant: ICD-10}, code: icd2, updated_at: came}
"""

HEADER = "fall;person;geschlecht;alter;beginn;station;puls;druck;temperatur;icd1;icd2;zimmer"
VISITS = (
    "1;p1;1;70;01.07.2025 12:30;Chirurgie Süd;88;16,0;37,5;I10;E11.9;12",
    "2;p1;1;70-79;02.07.2025 08:00;Innere;k.A.;;;;;12",
    "3;p2;2;[30-40);30.03.2025 02:30;Innere;90;;;I10;;7",
    "4;p3;2;40;26.10.2025 02:30;Innere;90;;;I10;;7",
    "5;p4;3;41;02.01.2025 10:00;Innere;91;;;;;7",
    "6;p5;2;41;03/04/2025 13:05;Innere;92;;;;;7",
    "7;p6;2;> 89;05.01.2025 10:00;Innere;0;;37.5;;;7",
)
"""Two ordinary visits of one person; a time that does not exist, and one that exists twice; a sex that has no meaning; a
time in another format, which read as a canonical one would swap day and month; a decimal point where there are commas."""


def abroad(folder: Path) -> Settings:
    """A home with the clinic's mapping as the user's own, and an empty landing folder."""
    settings = load_settings({"MEDIPULSE_HOME": str(folder), "MEDIPULSE_THREADS": "2"})
    settings.landing.mkdir(parents=True)
    settings.feeds.mkdir()
    (settings.feeds / "clinic.yml").write_text(CLINIC_MAPPING, encoding="utf-8")
    return settings


def clinic_text(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *(lines or VISITS)]) + "\n"
