"""The lines of what is measured, vital sets and laboratory results: true values, made untidy, written the site's way.

Where a row is sent in two versions the newer one holds the true value.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.sources.synthetic import hospital, mess, text
from pipeline.sources.synthetic.block import Block
from pipeline.sources.synthetic.calendar import WINDOW_END, quarter_of
from pipeline.sources.synthetic.laboratory import HAEMOGLOBIN
from pipeline.sources.synthetic.sending import STYLES, Numbering, cut_by_quarter, encounter_ids
from pipeline.sources.synthetic.vitals import DIASTOLIC, HEART_RATE, RESPIRATORY_RATE, SPO2, SYSTOLIC, TEMPERATURE

UNIT_TEXTS = tuple((*texts, "C") for texts in hospital.TEMPERATURE_UNITS)
PRELIMINARY_DIFFERENCE = 4
"""How far a result that is corrected later was off: 0.4 g/dL, 4 g/L or 4 mmol/L."""


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
        encounter_ids(numbering, true.encounter, hit["unknown encounter"], rng).take(pa.array(row)),
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
        text.words_by_site(hospital.SPO2_SCALES, site, true.spo2_scale[row]),
        text.times(updated, STYLES[site]),
    ]
    quarter = quarter_of(made.encounters.arrived[true.encounter[row]])
    return cut_by_quarter("vital_sets", columns, quarter, updated, rng=rng)


def lab_result_lines(made: Block, numbering: Numbering) -> dict[str, pa.Array]:
    """One line per result, plus corrected versions and duplicates, by file."""
    rng, true = made.rng, made.lab_results
    count, site = true.encounter.size, made.encounters.site[true.encounter]
    updated = np.minimum(true.collected + rng.integers(20, 240, count), WINDOW_END)
    hit = mess.faults(mess.LAB_FAULTS, count, rng)
    in_grams_per_litre = hospital.SENDS_GRAMS_PER_LITRE[site] & (true.test == HAEMOGLOBIN)
    tenths = (true.test == HAEMOGLOBIN) & ~in_grams_per_litre
    codes = np.rint(np.where(true.test == HAEMOGLOBIN, 10, 1) * true.value).astype(np.int64)
    codes, tenths = mess.spoil_results(codes, tenths, hit, rng)
    corrected, corrected_at = mess.corrected_rows(updated, codes < text.HIGHEST_NUMBER, rng)
    row = np.concatenate((np.arange(count), corrected))
    sent = codes[row]
    sent[corrected] += PRELIMINARY_DIFFERENCE
    updated, site, test = np.concatenate((updated, corrected_at)), site[row], true.test[row]
    unit = np.where(rng.random(count) < mess.UNIT_LEFT_OUT_SHARE, -1, true.test)
    columns = [
        encounter_ids(numbering, true.encounter, hit["unknown encounter"], rng).take(pa.array(row)),
        text.words_by_site(hospital.TEST_CODES, site, test),
        text.times(true.collected[row], STYLES[site]),
        pc.if_else(pa.array(tenths[row]), text.tenths(sent), text.numbers(sent)),
        text.words_by_site(hospital.TEST_UNITS, site, unit[row]),
        text.times(updated, STYLES[site]),
    ]
    quarter = quarter_of(made.encounters.arrived[true.encounter[row]])
    return cut_by_quarter("lab_results", columns, quarter, updated, rng=rng)
