"""Writes a first mapping of a file that nobody knows yet: what its header and first lines suggest, the rest left open.

It reads a few thousand characters and guesses by names; whoever knows the file finishes it. Values of single patients
are not written into the draft, only codes that few-valued columns repeat.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.catalog.contract import Column, Contract
from pipeline.errors import FileRefused
from pipeline.sources import ndjson, parquet_look
from pipeline.sources.mapping_file import FILLED_HERE
from pipeline.sources.plain_text import TextFormat, fields_of, first_lines

LOOKED_AT_LINES = 500
MOST_CODES = 12
"""A column with no more different values than this has codes."""

DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "utf-16", "cp1252")

LIKELY_NAMES = {
    "patient_id": ("patient_id", "patient", "patientid", "subject_id", "mrn", "patient_nbr", "person_id", "pat_id", "pid"),
    "encounter_id": ("encounter_id", "encounter", "encounterid", "hadm_id", "stay_id", "visit_id", "csn", "case_id"),
    "birth_date": ("birth_date", "birthdate", "dob", "date_of_birth", "birthday"),
    "sex": ("sex", "gender"),
    "given_name": ("given_name", "first_name", "first", "firstname"),
    "family_name": ("family_name", "last_name", "last", "lastname", "surname"),
    "postal_code": ("postal_code", "zip", "zip_code", "postcode"),
    "death_date": ("death_date", "deathdate", "dod", "date_of_death"),
    "site_name": ("site_name", "site", "hospital", "facility", "organization"),
    "ward_name": ("ward_name", "ward", "unit", "department", "medical_specialty"),
    "encounter_class": ("encounter_class", "encounterclass", "class", "visit_type"),
    "admission_type": ("admission_type", "adm_type", "admission_type_id"),
    "arrived_at": ("arrived_at", "arrival", "arrival_time", "admittime", "intime", "start", "admission_date", "admitted_at"),
    "discharged_at": ("discharged_at", "dischtime", "outtime", "stop", "discharge_date", "discharge_time"),
    "disposition": ("disposition", "discharge_disposition", "discharge_location", "dispo"),
    "measured_at": ("measured_at", "charttime", "vital_time", "recorded_at", "measurement_time"),
    "heart_rate": ("heart_rate", "heartrate", "pulse", "hr"),
    "respiratory_rate": ("respiratory_rate", "resprate", "respr", "rr", "resp_rate"),
    "systolic_bp": ("systolic_bp", "sbp", "bpsys", "systolic"),
    "diastolic_bp": ("diastolic_bp", "dbp", "bpdias", "diastolic"),
    "temperature": ("temperature", "temp", "tempf", "body_temperature"),
    "spo2": ("spo2", "o2sat", "popct", "oxygen_saturation", "sao2"),
    "diagnosis_rank": ("diagnosis_rank", "seq_num", "rank"),
    "procedure_rank": ("procedure_rank",),
    "code": ("code", "icd_code", "diagnosis_code", "diagnosis", "icd10"),
    "code_system": ("code_system", "icd_version", "system"),
    "test_code": ("test_code", "itemid", "loinc"),
    "collected_at": ("collected_at", "specimen_time"),
    "value": ("value", "valuenum", "result"),
    "unit": ("unit", "valueuom", "units"),
    "updated_at": ("updated_at", "last_updated", "modified_at", "storetime"),
}  # fmt: skip
"""Canonical column to names that senders give it, likeliest first."""

TELLING = {
    "patients": ("birth_date", "sex"),
    "encounters": ("arrived_at",),
    "vital_sets": ("heart_rate", "systolic_bp", "temperature", "spo2"),
    "diagnoses": (),
    "lab_results": ("value",),
}
"""Columns of which a file must have one to hold this feed."""

TIME_SHAPES = (
    (r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?", "iso"),
    (r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d{2}:\d{2}", "%d.%m.%Y %H:%M:%S"),
    (r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d{2}", "%d.%m.%Y %H:%M"),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y"),
    (r"\d{8}", "%Y%m%d"),
    (r"\d{12}", "%Y%m%d%H%M"),
    (r"\d{14}", "%Y%m%d%H%M%S"),
    (r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}", "%m/%d/%Y %H:%M"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%m/%d/%Y"),
)


@dataclass(frozen=True)
class _Look:
    """What was seen of the file: its format, how it is written, its columns and the values of each."""

    format: str
    text: TextFormat
    columns: Mapping[str, Sequence[str]]


def mapping_name(path: Path) -> str:
    """A name for the mapping of such files: the file's, without endings, dates and signs."""
    stem = re.sub(r"(\.(csv|tsv|txt|dat|parquet|ndjson|jsonl|json|gz))+$", "", path.name.lower())
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"[-_]?\d{4,}.*$", "", stem)).strip("_") or "my_feed"


def draft_mapping(path: Path, feeds: Mapping[str, Contract]) -> str:
    """The text of a first mapping. Raises FileRefused for a file without recognisable columns."""
    look = _looked_at(path)
    guessed = {name: found for name in LIKELY_NAMES if (found := _likely(name, look.columns)) is not None}
    rows = [
        line for feed, telling in TELLING.items() if _holds(guessed, telling, feed) for line in _row(feeds[feed], guessed, look)
    ]
    if not rows:
        rows = [line for feed in ("patients", "encounters") for line in _row(feeds[feed], guessed, look)]
    used = set(guessed.values())
    unused = [name for name in look.columns if name not in used]
    return "\n".join([*_head(path, look), "rows:", *rows, *_left(unused)]) + "\n"


def _looked_at(path: Path) -> _Look:
    if parquet_look.is_parquet(path):
        return _Look("parquet", TextFormat(), {name.lower(): () for name in parquet_look.column_names(path)})
    if path.name.lower().removesuffix(".gz").endswith((".ndjson", ".jsonl")):
        return _Look("ndjson", TextFormat(), dict.fromkeys(ndjson.member_names(path), ()))
    for encoding in ENCODINGS:
        try:
            lines = first_lines(path, TextFormat(encoding=encoding), LOOKED_AT_LINES)
        except FileRefused:
            continue
        if lines and "\0" not in lines[0]:
            return _delimited_look(path, lines, encoding)
    raise FileRefused(f"{path.name} is no text, Parquet or newline-delimited JSON. Export it as one of them.")


def _delimited_look(path: Path, lines: list[str], encoding: str) -> _Look:
    text = TextFormat(delimiter=max(DELIMITERS, key=lines[0].count), encoding=encoding)
    header = [name.strip().lower() for name in fields_of(lines[0], text)]
    if len(header) < 2 or len(set(header)) < len(header) or "" in header:
        raise FileRefused(f"{path.name} has no header line with distinct names. Name its columns in a mapping under text: header.")
    rows = [fields for line in lines[1:] if len(fields := fields_of(line, text)) == len(header)]
    columns = {name: [row[place].strip() for row in rows] for place, name in enumerate(header)}
    comma = any(re.fullmatch(r"-?\d+,\d+", value) for values in columns.values() for value in values)
    return _Look("delimited", replace(text, decimal_mark="," if comma else "."), columns)


def _likely(name: str, columns: Mapping[str, Sequence[str]]) -> str | None:
    return next((likely for likely in LIKELY_NAMES[name] if likely in columns), None)


def _holds(guessed: Mapping[str, str], telling: Sequence[str], feed: str) -> bool:
    if feed == "diagnoses":
        return "code" in guessed and "value" not in guessed
    if feed == "lab_results":
        return "value" in guessed and "test_code" in guessed
    return any(name in guessed for name in telling)


def _head(path: Path, look: _Look) -> Iterator[str]:
    yield "# yaml-language-server: $schema=mapping.schema.json"
    yield "description: to be filled in"
    pattern = re.sub(r"\d{4,}[\d_-]*", "*", path.name)
    yield f'files: ["{pattern}"]'
    yield f"format: {look.format}"
    if look.format == "delimited":
        shown = {"\t": "tab"}.get(look.text.delimiter, look.text.delimiter)
        yield f'text: {{delimiter: "{shown}", encoding: {look.text.encoding}, decimal_mark: "{look.text.decimal_mark}"}}'
    yield "# time_zone: Europe/Berlin    # where local times were written; the hospital's own when left out"


def _row(contract: Contract, guessed: Mapping[str, str], look: _Look) -> Iterator[str]:
    yield f"  - feed: {contract.name}"
    yield "    columns:"
    for column in contract.raw_columns:
        if column.name in FILLED_HERE:
            continue
        found = guessed.get(column.name)
        if found is not None:
            yield f"      {column.name}: {_value(column, found, look)}"
        elif column.name == "updated_at":
            yield "      updated_at: {received: true}    # or the column that says when the record was last changed"
        elif column.reads_as.required:
            yield f'      {column.name}: {{constant: ""}}    # to be filled in: a column, or a constant'


def _value(column: Column, name: str, look: _Look) -> str:
    quoted = f'"{name}"' if re.search(r"[^\w]", name) else name
    seen = Counter(value for value in look.columns[name] if value)
    if column.reads_as.type in ("timestamp", "date"):
        written = _time_format(list(seen))
        return quoted if written == "iso" else f'{{column: {quoted}, format: "{written}"}}'
    if column.reads_as.values and 0 < len(seen) <= MOST_CODES:
        codes = ", ".join(f'"{code}": {_canonical_code(code, column)}' for code in sorted(seen))
        return f"{{column: {quoted}, values: {{{codes}}}}}"
    return quoted


def _canonical_code(code: str, column: Column) -> str:
    return f'"{code.upper()}"' if code.upper() in column.reads_as.values else '""'


def _time_format(values: Sequence[str]) -> str:
    """The first format that all values fit; iso where none does, which the check will tell."""
    return next((said for shape, said in TIME_SHAPES if values and all(re.fullmatch(shape, value) for value in values)), "iso")


def _left(unused: Sequence[str]) -> Iterator[str]:
    if unused:
        yield f"# Not used yet, kept in bronze beside the first row of a line: {', '.join(unused)}"
