"""Turns the stories of a YAML file into raw rows, and the tables they lead to back into words."""

from __future__ import annotations

from pathlib import Path

import yaml

DATA_BEGIN, DATA_END = "2020-01-01", "2026-12-31"
"""Clinic visits of somebody else on these days are the first and the last of the data."""


def stories(name: str) -> list[dict]:
    """The stories of tests/tables/<name>.yml, times as text."""
    return yaml.load(Path(__file__).with_name(f"{name}.yml").read_text(encoding="utf-8"), yaml.BaseLoader)


def raw_rows(told: list[dict]) -> dict[str, list[dict]]:
    """The feeds of all stories; encounter A of story 3 is `3-A`."""
    rows = {"patients": [], "encounters": [], "diagnoses": [], "procedures": [], "lab_results": [], "vital_sets": []}
    for number, story in enumerate(told):
        rows["patients"].append(_patient(number, story))
        for encounter in story["encounters"]:
            _add_encounter(rows, number, encounter)
    rows["patients"].append({"patient_id": "P-clinic"})
    for key, day in (("first", DATA_BEGIN), ("last", DATA_END)):
        rows["encounters"].append(
            {"encounter_id": key, "patient_id": "P-clinic", "encounter_class": "AMB", "arrived_at": _at(day), "discharged_at": ""}
        )
    return rows


def _patient(number: int, story: dict) -> dict:
    said = {name: story[name] for name in ("birth_date", "death_date") if name in story}
    return {"patient_id": f"P-{number}"} | said


def _add_encounter(rows: dict[str, list[dict]], number: int, said: dict) -> None:
    key = f"{number}-{said['id']}"
    rows["encounters"].append(
        {
            "encounter_id": key,
            "patient_id": f"P-{number}",
            "site_name": said.get("site", "North"),
            "ward_name": said.get("ward", "Cardiology"),
            "encounter_class": said.get("class", "IMP"),
            "admission_type": said.get("type", "EMERGENCY"),
            "arrived_at": _at(said["from"]),
            "discharged_at": _at(said["to"]),
            "disposition": said.get("disposition", "HOME"),
        }
    )
    system = {"9": "ICD-9-CM"}.get(said.get("icd"), "ICD-10-CM")
    codes = [said.get("dx", "I50.9"), *said.get("also", [])]
    rows["diagnoses"] += [
        {"encounter_id": key, "diagnosis_rank": str(rank), "code_system": system, "code": code}
        for rank, code in enumerate(codes, start=1)
        if code
    ]
    if "procedure" in said:
        rows["procedures"].append({"encounter_id": key, "code": said["procedure"]})
    rows["lab_results"] += _lab_results(key, said, said["from"])
    rows["lab_results"] += _lab_results(key, said.get("later", {}), said.get("later", {}).get("at", ""))
    if "vitals" in said:
        unusual = {name: value for name, value in said["vitals"].items() if name != "at"}
        rows["vital_sets"].append({"encounter_id": key, "measured_at": _at(said["vitals"]["at"])} | unusual)


def _lab_results(key: str, said: dict, at: str) -> list[dict]:
    results = [(test, *said[test].split()) for test in ("HGB", "SODIUM") if test in said]
    return [
        {"encounter_id": key, "test_code": test, "value": value, "unit": unit, "collected_at": _at(at)}
        for test, value, unit in results
    ]


def as_text(value: object) -> str:
    """A value of a table as a story writes it; nothing is an empty text."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _at(text: str) -> str:
    """A day alone means noon."""
    if not text:
        return ""
    return f"{text}:00" if " " in text else f"{text} 12:00:00"
