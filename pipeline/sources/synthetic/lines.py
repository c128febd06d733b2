"""The lines of every feed for one block; here those of patients and encounters: true rows, made untidy, written the
way their site writes.

Where a row is sent in two versions the newer one holds the true value.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.sources.synthetic import hospital, mess, text
from pipeline.sources.synthetic.block import Block
from pipeline.sources.synthetic.calendar import DAY, NEVER, WINDOW_END, quarter_of
from pipeline.sources.synthetic.coded_lines import diagnosis_lines, procedure_lines
from pipeline.sources.synthetic.measured_lines import lab_result_lines, vital_set_lines
from pipeline.sources.synthetic.names import FAMILY_NAMES, GIVEN_NAMES
from pipeline.sources.synthetic.sending import STYLES, Numbering, cut_by_quarter, with_unknown

SEX_TEXTS = (
    ("F", "M", "O", "U", "", "X9"),
    ("FEMALE", "MALE", "OTHER", "UNKNOWN", "", "X9"),
    ("F", "M", "O", "U", "", "X9"),
    ("F", "M", "O", "U", "", "X9"),
)
IMPOSSIBLE_SEX = 5
IMPOSSIBLE_CLASS, IMPOSSIBLE_DISPOSITION = 3, 8
CLASS_TEXTS = tuple((*texts, "ZZZ") for texts in hospital.CLASS_TEXTS)
DISPOSITION_TEXTS = (*hospital.DISPOSITIONS, "LEFT??")


def lines_by_file(made: Block, numbering: Numbering) -> dict[str, pa.Array]:
    """The block's lines for each file, in the order in which the sites would have sent them."""
    by_file = {"patients": patient_lines(made, numbering)}
    for feed_lines in (encounter_lines, vital_set_lines, diagnosis_lines, procedure_lines, lab_result_lines):
        by_file |= feed_lines(made, numbering)
    return by_file


def patient_lines(made: Block, numbering: Numbering) -> pa.Array:
    """One line per patient, plus corrected versions and duplicates."""
    rng, known, who = made.rng, made.people, made.patients
    updated = _patient_updated(made)
    hit = mess.faults(mess.PATIENT_FAULTS, who.size, rng)
    birth_day, sex = known.birth_day[who], known.sex[who]
    birth_day[hit["no birth date"]], sex[hit["impossible sex"]] = text.FIRST_DAY, IMPOSSIBLE_SEX
    corrected, corrected_at = mess.corrected_rows(updated, np.ones(who.size, bool), rng)
    postal_code = np.concatenate((known.postal_code[who], known.postal_code[who[corrected]]))
    postal_code[corrected] += 11
    row = np.concatenate((np.arange(who.size), corrected))
    updated = np.concatenate((updated, corrected_at))
    site = known.home_site[who][row]
    death = made.death_at[who][row]
    columns = [
        text.ids("MP-", numbering.first_patient + row, 7),
        text.words(GIVEN_NAMES, known.given_name[who][row]),
        text.words(FAMILY_NAMES, known.family_name[who][row]),
        text.dates(birth_day[row], STYLES[site]),
        text.words_by_site(SEX_TEXTS, site, sex[row]),
        text.ids("", postal_code, 5),
        text.dates(np.where(death == NEVER, text.FIRST_DAY, death // DAY), STYLES[site]),
        text.times(updated, STYLES[site]),
    ]
    order = np.argsort(row, kind="stable")[mess.with_duplicates(row.size, rng)]
    return mess.break_some(text.lines(columns).take(pa.array(order)), rng)


def encounter_lines(made: Block, numbering: Numbering) -> dict[str, pa.Array]:
    """One line per encounter, plus corrected versions and duplicates, by file."""
    rng, true = made.rng, made.encounters
    count = true.arrived.size
    seen = np.where(true.ended == NEVER, true.arrived, true.ended)
    updated = np.minimum(seen + rng.integers(5, 600, count), WINDOW_END)
    hit = mess.faults(mess.ENCOUNTER_FAULTS, count, rng)
    arrived, ended = _spoil_times(made, hit)
    encounter_class, disposition = true.encounter_class.copy(), true.disposition.copy()
    encounter_class[hit["impossible class"]], disposition[hit["impossible disposition"]] = IMPOSSIBLE_CLASS, IMPOSSIBLE_DISPOSITION
    corrected, corrected_at = mess.corrected_rows(updated, np.ones(count, bool), rng)
    row = np.concatenate((np.arange(count), corrected))
    ward = true.encounter_class[row] * len(hospital.SPECIALTIES) + true.specialty[row]
    ward[corrected] = true.encounter_class[corrected] * len(hospital.SPECIALTIES) + _mistaken_for(true.specialty[corrected])
    updated = np.concatenate((updated, corrected_at))
    site = true.site[row]
    columns = [
        text.ids("EN-", numbering.first_encounter + row, 9),
        _patient_ids(made, numbering, hit["unknown patient"]).take(pa.array(row)),
        text.words(hospital.SITE_NAMES, site),
        text.words(hospital.WARDS, ward),
        text.words_by_site(CLASS_TEXTS, site, encounter_class[row]),
        text.words(hospital.ADMISSION_TYPES, true.admission_type[row]),
        text.times(arrived[row], STYLES[site]),
        text.times(ended[row], STYLES[site]),
        text.words(DISPOSITION_TEXTS, disposition[row]),
        text.times(updated, STYLES[site]),
    ]
    return cut_by_quarter("encounters", columns, quarter_of(true.arrived[row]), updated, rng=rng)


def _patient_updated(made: Block) -> np.ndarray:
    """Records change when a patient leaves for the last time, or a few days after death."""
    last_seen = np.zeros(made.people.count, np.int64)
    true = made.encounters
    np.maximum.at(last_seen, true.person, np.where(true.ended == NEVER, true.arrived, true.ended))
    dead = made.death_at < NEVER
    last = np.where(dead, np.maximum(last_seen, made.death_at + 2 * DAY), last_seen)[made.patients]
    return np.minimum(last + made.rng.integers(5, 2 * DAY, made.patients.size), WINDOW_END)


def _spoil_times(made: Block, hit: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Arrival and end of each encounter with the faults that concern them; NEVER where the field is empty."""
    rng, true = made.rng, made.encounters
    arrived, ended = true.arrived.copy(), true.ended.copy()
    early, unborn = hit["ends before it begins"], hit["before birth"]
    ended[early] = arrived[early] - rng.integers(60, 3 * DAY, early.size)
    arrived[hit["no arrival"]] = NEVER
    arrived[unborn] = (made.people.birth_day[true.person[unborn]] - rng.integers(10, 300, unborn.size)) * DAY
    return arrived, ended


def _mistaken_for(specialty: np.ndarray) -> np.ndarray:
    """The neighbouring specialty: of grown-ups, of children, surgery for maternity."""
    return np.array([1, 2, 3, 4, 5, 0, 7, 6, 3])[specialty]


def _patient_ids(made: Block, numbering: Numbering, unknown: np.ndarray) -> pa.Array:
    number = numbering.first_patient + np.searchsorted(made.patients, made.encounters.person)
    return with_unknown(text.ids("MP-", number, 7), unknown, "MP-U", made.rng)
