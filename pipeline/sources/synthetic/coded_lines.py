"""The lines of what is coded, diagnoses and procedures: in the code system and the writing of the site.

Riverside sends ICD-9-CM at first. Where a row is sent in two versions the newer one holds the true code.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

from pipeline.sources.synthetic import hospital, mess, text
from pipeline.sources.synthetic.block import Block
from pipeline.sources.synthetic.calendar import DAY, NEVER, WINDOW_END, quarter_of
from pipeline.sources.synthetic.code_tables import CodeList, diagnosis_codes, procedure_codes
from pipeline.sources.synthetic.hospital import INPATIENT
from pipeline.sources.synthetic.sending import STYLES, Numbering, cut_by_quarter, encounter_ids

ICD9_STYLE = len(hospital.SITE_NAMES)
"""The fifth way of writing codes, after the sites' own ones."""

CODED_WITHIN_DAYS = 6
"""Coders work through the stays within days of discharge; visits are coded at once (assumption)."""

NAME_LEFT_OUT_SHARE = 0.02
FIRST_GUESS = "R69"
"""What a diagnosis that is corrected later was coded as before: illness, unspecified."""


def diagnosis_lines(made: Block, numbering: Numbering) -> dict[str, pa.Array]:
    """One line per diagnosis, plus corrected versions and duplicates, by file."""
    rng, true = made.rng, made.diagnoses
    count = true.encounter.size
    updated = _coded_at(made, rng)[true.encounter]
    hit = mess.faults(mess.CODE_FAULTS, count, rng)
    corrected, corrected_at = mess.corrected_rows(updated, np.ones(count, bool), rng)
    row = np.concatenate((np.arange(count), corrected))
    code = _spoil_codes(true.code, hit)[row]
    code[corrected] = diagnosis_codes().position(FIRST_GUESS)
    updated = np.concatenate((updated, corrected_at))
    encounter, style = true.encounter[row], _styles(made)[true.encounter[row]]
    columns = [
        encounter_ids(numbering, true.encounter, hit["unknown encounter"], rng).take(pa.array(row)),
        text.numbers(_spoil_ranks(true.rank, hit)[row]),
        _systems(hospital.DIAGNOSIS_SYSTEMS, style, hit, row),
        text.words(_written(diagnosis_codes(), has_dots=True), _in_style(code, style, len(diagnosis_codes().names))),
        text.words(diagnosis_codes().names, _names(code, rng)),
        text.times(updated, STYLES[made.encounters.site[encounter]]),
    ]
    return cut_by_quarter("diagnoses", columns, quarter_of(made.encounters.arrived[encounter]), updated, rng=rng)


def procedure_lines(made: Block, numbering: Numbering) -> dict[str, pa.Array]:
    """One line per procedure, plus corrected versions and duplicates, by file."""
    rng, true = made.rng, made.procedures
    count = true.encounter.size
    updated = _coded_at(made, rng)[true.encounter]
    hit = mess.faults(mess.CODE_FAULTS, count, rng)
    corrected, corrected_at = mess.corrected_rows(updated, np.ones(count, bool), rng)
    row = np.concatenate((np.arange(count), corrected))
    code, performed = _spoil_codes(true.code, hit)[row], true.performed[row]
    performed[corrected] += 60
    updated = np.concatenate((updated, corrected_at))
    encounter, style = true.encounter[row], _styles(made)[true.encounter[row]]
    date_style = STYLES[made.encounters.site[encounter]]
    columns = [
        encounter_ids(numbering, true.encounter, hit["unknown encounter"], rng).take(pa.array(row)),
        text.numbers(_spoil_ranks(true.rank, hit)[row]),
        _systems(hospital.PROCEDURE_SYSTEMS, style, hit, row),
        text.words(_written(procedure_codes(), has_dots=False), _in_style(code, style, len(procedure_codes().names))),
        text.words(procedure_codes().names, _names(code, rng)),
        text.times(performed, date_style),
        text.times(updated, date_style),
    ]
    return cut_by_quarter("procedures", columns, quarter_of(made.encounters.arrived[encounter]), updated, rng=rng)


def _coded_at(made: Block, rng: np.random.Generator) -> np.ndarray:
    """When each encounter's codes were sent; those of patients still in hospital are the ones of arrival."""
    true = made.encounters
    still_in = true.ended == NEVER
    wait = rng.integers(10, np.where((true.encounter_class == INPATIENT) & ~still_in, CODED_WITHIN_DAYS * DAY, 300))
    return np.minimum(np.where(still_in, true.arrived, true.ended) + wait, WINDOW_END)


def _styles(made: Block) -> np.ndarray:
    """How each encounter's codes are written: the site's way, or in ICD-9-CM."""
    true = made.encounters
    legacy = (true.site == hospital.ICD9_SITE) & (true.arrived < hospital.ICD9_DAYS * DAY)
    return np.where(legacy, ICD9_STYLE, true.site)


def _systems(words: tuple[str, ...], style: np.ndarray, hit: dict[str, np.ndarray], row: np.ndarray) -> pa.Array:
    named = style.copy()
    named[np.isin(row, hit["impossible system"])] = len(words)
    return text.words((*words, "ICD-?"), named)


def _in_style(code: np.ndarray, style: np.ndarray, count: int) -> np.ndarray:
    return np.where(code < 0, -1, style * count + code)


def _names(code: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random(code.size) < NAME_LEFT_OUT_SHARE, -1, code)


def _spoil_codes(code: np.ndarray, hit: dict[str, np.ndarray]) -> np.ndarray:
    spoiled = code.copy()
    spoiled[hit["no code"]] = -1
    return spoiled


def _spoil_ranks(rank: np.ndarray, hit: dict[str, np.ndarray]) -> np.ndarray:
    spoiled = rank.copy()
    spoiled[hit["rank 0"]], spoiled[hit["no rank"]] = 0, text.EMPTY
    return spoiled


@cache
def _written(codes: CodeList, *, has_dots: bool) -> tuple[str, ...]:
    """Every code in the writing of each site, one site after the other, ICD-9-CM last."""
    texts: list[str] = []
    for style, dots in enumerate(hospital.WRITES_DOTS):
        system = codes.icd9 if style == ICD9_STYLE else codes.icd10
        texts += [code if dots and (has_dots or style == ICD9_STYLE) else code.replace(".", "") for code in system]
    return tuple(texts)
