"""The lines of the three feeds for one block: true rows, made untidy, written the way their site writes.

Column order is that of the feeds' contracts. Where a row is sent in two versions the newer one holds the true value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipeline.sources.synthetic import hospital, mess, text
from pipeline.sources.synthetic.block import Block
from pipeline.sources.synthetic.calendar import DAY, NEVER, WINDOW_END, quarter_names, quarter_of
from pipeline.sources.synthetic.names import FAMILY_NAMES, GIVEN_NAMES
from pipeline.sources.synthetic.vitals import DIASTOLIC, HEART_RATE, RESPIRATORY_RATE, SPO2, SYSTOLIC, TEMPERATURE

COLUMNS = {
    "patients": ("patient_id", "given_name", "family_name", "birth_date", "sex", "postal_code", "death_date", "updated_at"),
    "encounters": (
        "encounter_id",
        "patient_id",
        "site_name",
        "ward_name",
        "encounter_class",
        "admission_type",
        "arrived_at",
        "discharged_at",
        "disposition",
        "updated_at",
    ),
    "vital_sets": (
        "encounter_id",
        "measured_at",
        "heart_rate",
        "respiratory_rate",
        "systolic_bp",
        "diastolic_bp",
        "temperature",
        "temperature_unit",
        "spo2",
        "on_oxygen",
        "consciousness",
        "updated_at",
    ),
}

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
UNIT_TEXTS = tuple((*texts, "C") for texts in hospital.TEMPERATURE_UNITS)
STYLES = np.array(hospital.DATE_STYLES)


@dataclass(frozen=True)
class Numbering:
    """The first numbers that this block's patients and encounters get."""

    first_patient: int
    first_encounter: int


def header(feed: str) -> str:
    """The first line of a feed's files, without its line break."""
    return ",".join(COLUMNS[feed])


def file_names() -> tuple[str, ...]:
    """Every file of a hospital without its ending; the ones without rows are not written."""
    quarters = quarter_names()
    return ("patients", *(f"encounters_{quarter}" for quarter in quarters), *(f"vital_sets_{quarter}" for quarter in quarters))


def lines_by_file(made: Block, numbering: Numbering) -> dict[str, pa.Array]:
    """The block's lines for each file, in the order in which the sites would have sent them."""
    return {"patients": patient_lines(made, numbering)} | encounter_lines(made, numbering) | vital_set_lines(made, numbering)


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
    return _by_quarter("encounters", columns, quarter_of(true.arrived[row]), updated, rng=rng)


def vital_set_lines(made: Block, numbering: Numbering) -> dict[str, pa.Array]:
    """One line per vital set, plus corrected versions and duplicates, by file."""
    rng, true = made.rng, made.vital_sets
    count = true.encounter.size
    updated = np.minimum(true.measured + rng.integers(1, 120, count), WINDOW_END)
    hit = mess.faults(mess.VITAL_FAULTS, count, rng)
    site = made.encounters.site[true.encounter]
    codes = mess.charted_codes(true.values, hospital.SENDS_FAHRENHEIT[site], rng)
    codes = mess.spoil_charted(codes, hit, rng)
    units = mess.unit_codes(count, hit["Fahrenheit called Celsius"], rng)
    has_rate = (codes[:, HEART_RATE] > 30) & (codes[:, HEART_RATE] < 220)
    corrected, corrected_at = mess.corrected_rows(updated, has_rate, rng)
    row = np.concatenate((np.arange(count), corrected))
    heart_rate = codes[row, HEART_RATE]
    heart_rate[corrected] += 10
    updated, site = np.concatenate((updated, corrected_at)), site[row]
    columns = [
        _encounter_ids(made, numbering, hit["unknown encounter"]).take(pa.array(row)),
        text.times(true.measured[row], STYLES[site]),
        text.numbers(heart_rate),
        text.numbers(codes[row, RESPIRATORY_RATE]),
        text.numbers(codes[row, SYSTOLIC]),
        text.numbers(codes[row, DIASTOLIC]),
        text.tenths(codes[row, TEMPERATURE]),
        text.words_by_site(UNIT_TEXTS, site, units[row]),
        text.numbers(codes[row, SPO2]),
        text.words_by_site(hospital.OXYGEN_TEXTS, site, true.on_oxygen[row]),
        text.words(hospital.CONSCIOUSNESS, true.consciousness[row]),
        text.times(updated, STYLES[site]),
    ]
    quarter = quarter_of(made.encounters.arrived[true.encounter[row]])
    return _by_quarter("vital_sets", columns, quarter, updated, rng=rng)


def _by_quarter(
    feed: str, columns: list[pa.Array], quarter: np.ndarray, updated: np.ndarray, *, rng: np.random.Generator
) -> dict[str, pa.Array]:
    """Lines in the order of sending, with their duplicates and broken ones, cut at the quarters."""
    order = np.lexsort((updated, quarter))[mess.with_duplicates(updated.size, rng)]
    sent = mess.break_some(text.lines(columns).take(pa.array(order)), rng)
    names = quarter_names()
    edges = np.searchsorted(quarter[order], np.arange(len(names) + 1))
    return {f"{feed}_{name}": sent[int(edges[number]) : int(edges[number + 1])] for number, name in enumerate(names)}


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
    """The neighbouring specialty, of grown-ups or of children."""
    return np.where(specialty >= hospital.PAEDIATRICS, 13 - specialty, (specialty + 1) % 6)


def _patient_ids(made: Block, numbering: Numbering, unknown: np.ndarray) -> pa.Array:
    number = numbering.first_patient + np.searchsorted(made.patients, made.encounters.person)
    return _with_unknown(text.ids("MP-", number, 7), unknown, "MP-U", made.rng)


def _encounter_ids(made: Block, numbering: Numbering, unknown: np.ndarray) -> pa.Array:
    return _with_unknown(text.ids("EN-", numbering.first_encounter + made.vital_sets.encounter, 9), unknown, "EN-U", made.rng)


def _with_unknown(ids: pa.Array, unknown: np.ndarray, prefix: str, rng: np.random.Generator) -> pa.Array:
    """Some ids replaced by ones that no other file knows."""
    mask = np.zeros(len(ids), bool)
    mask[unknown] = True
    return pa.compute.replace_with_mask(ids, pa.array(mask), text.ids(prefix, rng.integers(1, 10**6, unknown.size), 6))
