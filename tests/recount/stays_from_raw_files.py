"""An independent recount of the readmission rates: one patient after another, one encounter after another, in plain Python.

Written from the definition a second time on purpose; it shares the code lists with the product and no line of code.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import pandas as pd

from pipeline.settings import REFERENCE
from tests.recount.from_raw_files import accepted, accepted_patients, lines_of, newest, times

SYSTEMS = {
    "diagnoses": {"ICD-10-CM": "ICD-10", "ICD10CM": "ICD-10", "ICD-10": "ICD-10", "ICD10": "ICD-10", "10": "ICD-10",
                  "ICD-9-CM": "ICD-9", "ICD9CM": "ICD-9", "ICD-9": "ICD-9", "ICD9": "ICD-9", "9": "ICD-9"},
    "procedures": {"ICD-10-PCS": "ICD-10-PCS", "ICD10PCS": "ICD-10-PCS", "ICD-10": "ICD-10-PCS", "10": "ICD-10-PCS",
                   "ICD-9-CM": "ICD-9-PROC", "ICD9PROC": "ICD-9-PROC", "ICD-9": "ICD-9-PROC", "9": "ICD-9-PROC", "CPT": "CPT"},
}  # fmt: skip
COUNTS = (
    "stay_count",
    "raw_index_count",
    "raw_return_count",
    "index_count",
    "readmission_count",
    "planned_return_count",
    "coded_count",
    "coded_index_count",
    "procedure_stay_count",
)


@dataclass
class Stay:
    """Inpatient encounters that belong together, in the order they came."""

    encounters: list[dict]
    groups: set[str] = field(default_factory=set)

    @property
    def first(self) -> dict:
        return self.encounters[0]

    @property
    def last(self) -> dict:
        return max(self.encounters, key=lambda one: (one["ends"], one["arrived"], one["encounter_id"]))

    @property
    def left_on(self) -> date | None:
        return None if pd.isna(self.last["discharged"]) else self.last["discharged"].date()


def recounted_rates(landing: Path) -> pd.DataFrame:
    """gold.readmission_rates, counted anew."""
    encounters, _ = accepted(landing)
    last_day = encounters["arrived"].max().date()
    codes = {feed: _codes(landing, feed) for feed in SYSTEMS}
    died_on = _deaths(landing)
    counted = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    by_patient = defaultdict(list)
    for row in encounters[encounters["encounter_class"] == "Inpatient"].to_dict("records"):
        by_patient[row["patient_id"]].append(row)
    for patient_id, rows in by_patient.items():
        stays = _stays(rows, codes["diagnoses"])
        for stay, following in zip(stays, [*stays[1:], None], strict=True):
            _count(counted, stay, following, codes, last_day=last_day, died_on=died_on.get(patient_id))
    return pd.DataFrame([dict(zip(("stay_month", "site_name", "ward_name", "age_group", "counted_as"), key, strict=True)) | found
                         for key, found in counted.items()])  # fmt: skip


def pregnant_encounters(landing: Path) -> set[str]:
    """Every encounter with a diagnosis that places a pregnancy in it."""
    coded = _codes(landing, "diagnoses")
    return {one for one, codes in coded.items() if any("Pregnancy" in _groups("Diagnosis", code) for code in codes.values())}


def _stays(rows: list[dict], diagnoses: dict) -> list[Stay]:
    rows = sorted(rows, key=lambda one: (one["arrived"], one["encounter_id"]))
    for place, row in enumerate(rows):
        is_last = place == len(rows) - 1
        row["ends"] = row["discharged"] if not pd.isna(row["discharged"]) else datetime.max if is_last else row["arrived"]
        row["condition"] = _condition(diagnoses.get(row["encounter_id"], {}))
    stays: list[Stay] = []
    for row in rows:
        if stays and _belongs(stays[-1], row):
            stays[-1].encounters.append(row)
        else:
            stays.append(Stay([row]))
    return stays


def _belongs(stay: Stay, row: dict) -> bool:
    if row["arrived"] < max(one["ends"] for one in stay.encounters):
        return True
    if stay.left_on is None:
        return False
    days, last = (row["arrived"].date() - stay.left_on).days, stay.last
    if days <= 1 and (last["site_name"] != row["site_name"] or last["disposition"] == "TRANSFER_ACUTE"):
        return True
    return days == 0 and last["condition"] is not None and last["condition"] == row["condition"]


def _condition(coded: dict) -> tuple[str, str] | None:
    principal = coded.get(1)
    return None if principal is None else (principal[0], principal[1][:3])


def _count(counted, stay: Stay, following: Stay | None, codes: dict, *, last_day: date, died_on: date | None) -> None:
    last = stay.last
    counted_as = _exclusion(stay, codes, last_day, died_on) or "Index stay"
    alive = counted_as not in ("Still in hospital", "Died in hospital") and _left_alive(stay, died_on)
    days = None if following is None or stay.left_on is None else (following.first["arrived"].date() - stay.left_on).days
    returns = alive and days is not None and days <= 30
    planned = returns and _is_planned(following, codes)
    month = (stay.left_on or stay.first["arrived"].date()).replace(day=1)
    found = counted[month, last["site_name"], last["ward_name"] or "Not said", stay.first["age_group"], counted_as]
    is_index = counted_as == "Index stay"
    found["stay_count"] += 1
    found["raw_index_count"] += alive
    found["raw_return_count"] += returns
    found["index_count"] += is_index
    found["readmission_count"] += is_index and returns and not planned
    found["planned_return_count"] += is_index and planned
    is_coded = 1 in codes["diagnoses"].get(last["encounter_id"], {})
    found["coded_count"] += is_coded
    found["coded_index_count"] += is_index and is_coded
    found["procedure_stay_count"] += any(codes["procedures"].get(one["encounter_id"]) for one in stay.encounters)


def _left_alive(stay: Stay, died_on: date | None) -> bool:
    return stay.left_on is not None and not _died(stay, died_on)


def _died(stay: Stay, died_on: date | None) -> bool:
    said = stay.last["disposition"]
    return said == "EXPIRED" or (said is None and died_on is not None and stay.left_on is not None and died_on <= stay.left_on)


def _exclusion(stay: Stay, codes: dict, last_day: date, died_on: date | None) -> str | None:
    principal = _groups("Diagnosis", codes["diagnoses"].get(stay.last["encounter_id"], {}).get(1))
    reasons = [
        ("Under 18", stay.first["age_years"] < 18),
        ("Still in hospital", stay.left_on is None),
        ("Died in hospital", _died(stay, died_on)),
        ("Transferred to another hospital", stay.last["disposition"] == "TRANSFER_ACUTE"),
        ("Left against medical advice", stay.last["disposition"] == "AGAINST_MEDICAL_ADVICE"),
        ("Psychiatric stay", "Psychiatric" in principal),
        ("Rehabilitation stay", "Rehabilitation" in principal),
        ("Medical treatment of cancer", "Cancer" in principal and "Operation" not in _done(stay, codes)),
        ("Less than 30 days of follow-up", stay.left_on is not None and stay.left_on > last_day - timedelta(days=30)),
    ]
    return next((name for name, holds in reasons if holds), None)


def _is_planned(stay: Stay, codes: dict) -> bool:
    principal_code = codes["diagnoses"].get(stay.last["encounter_id"], {}).get(1)
    principal, done = _groups("Diagnosis", principal_code), _done(stay, codes)
    if "Always planned procedure" in done or "Always planned diagnosis" in principal:
        return True
    return "Potentially planned procedure" in done and principal_code is not None and "Acute diagnosis" not in principal


def _done(stay: Stay, codes: dict) -> set[str]:
    procedures = (code for one in stay.encounters for code in codes["procedures"].get(one["encounter_id"], {}).values())
    return set().union(*(_groups("Procedure", code) for code in procedures))


_known_groups: dict[tuple[str, tuple[str, str]], frozenset[str]] = {}


def _groups(kind: str, code: tuple[str, str] | None) -> frozenset[str]:
    if code is None:
        return frozenset()
    if (kind, code) not in _known_groups:
        found = (row["group_name"] for row in _code_lists() if row["code_kind"] == kind and row["code_system"] == code[0]
                 and code[1].startswith(row["code_prefix"]))  # fmt: skip
        _known_groups[kind, code] = frozenset(found)
    return _known_groups[kind, code]


@cache
def _code_lists() -> list[dict[str, str]]:
    with (REFERENCE / "code_groups.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def _codes(landing: Path, feed: str) -> dict[str, dict[int, tuple[str, str]]]:
    """Per encounter the codes by rank, each as code system and code."""
    encounters = set(accepted(landing)[0]["encounter_id"])
    rank_name = {"diagnoses": "diagnosis_rank", "procedures": "procedure_rank"}[feed]
    rows = lines_of(landing, feed)
    rows["updated"], rows["rank"] = times(rows["updated_at"]), pd.to_numeric(rows[rank_name], errors="coerce")
    rows["system"] = rows["code_system"].str.upper().map(SYSTEMS[feed])
    good = rows[["encounter_id", "system", "code", "updated"]].notna().all(axis=1) & (rows["rank"] >= 1)
    if "performed_at" in rows:
        good &= rows["performed_at"].isna() | times(rows["performed_at"]).notna()
    kept = newest(rows[good], ["encounter_id", "rank"])
    found: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
    for row in kept[kept["encounter_id"].isin(encounters)].itertuples():
        found[row.encounter_id][int(row.rank)] = (row.system, row.code.upper().replace(".", ""))
    return found


def _deaths(landing: Path) -> dict[str, date]:
    known = accepted_patients(landing)
    known = known[known["death"].notna()]
    return dict(zip(known["patient_id"], known["death"].dt.date, strict=True))
