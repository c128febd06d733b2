"""What the lines of all feeds have in common: the ids, the columns of every feed, the order in which sites send.

It knows nothing of what a line says. Column order is that of the feeds' contracts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.sources.synthetic import hospital, mess, text
from pipeline.sources.synthetic.calendar import quarter_names

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
        "spo2_scale",
        "updated_at",
    ),
    "diagnoses": ("encounter_id", "diagnosis_rank", "code_system", "code", "name", "updated_at"),
    "procedures": ("encounter_id", "procedure_rank", "code_system", "code", "name", "performed_at", "updated_at"),
    "lab_results": ("encounter_id", "test_code", "collected_at", "value", "unit", "updated_at"),
}

BY_QUARTER = tuple(feed for feed in COLUMNS if feed != "patients")
"""Feeds that come in one file per quarter of arrival; patients come in one file."""

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
    return ("patients", *(f"{feed}_{quarter}" for feed in BY_QUARTER for quarter in quarter_names()))


def cut_by_quarter(
    feed: str, columns: list[pa.Array], quarter: np.ndarray, updated: np.ndarray, *, rng: np.random.Generator
) -> dict[str, pa.Array]:
    """Lines in the order of sending, with their duplicates and broken ones, cut at the quarters."""
    order = np.lexsort((updated, quarter))[mess.with_duplicates(updated.size, rng)]
    sent = mess.break_some(text.lines(columns).take(pa.array(order)), rng)
    names = quarter_names()
    edges = np.searchsorted(quarter[order], np.arange(len(names) + 1))
    return {f"{feed}_{name}": sent[int(edges[number]) : int(edges[number + 1])] for number, name in enumerate(names)}


def encounter_ids(numbering: Numbering, encounter: np.ndarray, unknown: np.ndarray, rng: np.random.Generator) -> pa.Array:
    """The ids of these encounters, those of the `unknown` rows replaced by ones that nobody sent."""
    known = text.ids("EN-", numbering.first_encounter + np.arange(encounter.max(initial=0) + 1), 9)
    return with_unknown(known.take(pa.array(encounter)), unknown, "EN-U", rng)


def with_unknown(ids: pa.Array, unknown: np.ndarray, prefix: str, rng: np.random.Generator) -> pa.Array:
    """Some ids replaced by ones that no other file knows."""
    mask = np.zeros(len(ids), bool)
    mask[unknown] = True
    return pc.replace_with_mask(ids, pa.array(mask), text.ids(prefix, rng.integers(1, 10**6, unknown.size), 6))
