"""An independent recount of the dashboard's aggregates: the raw files, pandas and plain Python, none of the product's code.

Written from the definitions a second time on purpose; sharing a line with the product would make the comparison worthless.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from tests.recount.children import child_risk

MISSING = {"", "NULL", "N/A", "NA", "?"}
SENTINELS = {"-9", "998", "999"}
PLAUSIBLE = {
    "heart_rate": (20, 300),
    "respiratory_rate": (3, 90),
    "systolic_bp": (40, 300),
    "diastolic_bp": (10, 200),
    "spo2": (40, 100),
}
CLASSES = {"EMERGENCY": "Emergency", "EMER": "Emergency", "INPATIENT": "Inpatient", "IMP": "Inpatient", "OUTPATIENT": "Outpatient",
           "AMB": "Outpatient"}  # fmt: skip
SEXES = {"F": "Female", "FEMALE": "Female", "M": "Male", "MALE": "Male", "O": "Other", "OTHER": "Other", "U": "Unknown",
         "UNKNOWN": "Unknown"}  # fmt: skip
DISPOSITIONS = {
    "HOME",
    "HOME_HEALTH",
    "SKILLED_NURSING",
    "REHABILITATION",
    "TRANSFER_ACUTE",
    "HOSPICE",
    "AGAINST_MEDICAL_ADVICE",
    "EXPIRED",
}


def recounted(landing: Path, pregnant: set[str]) -> dict[str, pd.DataFrame]:
    """The four dashboard aggregates, under their gold table's name. `pregnant` are the encounters of pregnant patients."""
    encounters, vitals = accepted(landing)
    risks = with_risk(encounters.assign(is_pregnant=encounters["encounter_id"].isin(pregnant)), vitals)
    return {
        "ingestion_volume": _ingestion_volume(encounters, vitals),
        "demographics": _counted(risks, ["arrival_month", "site_name", "age_group", "sex", "risk_level"]),
        "vital_averages": _vital_sums(risks),
        "age_heart_rate_cells": _cells(risks),
    }


@cache
def accepted(landing: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Encounters and vital sets that can be true, each once, in its newest version."""
    patients = accepted_patients(landing)
    encounters = newest(_encounters(lines_of(landing, "encounters")), ["encounter_id"])
    encounters = encounters.merge(patients[["patient_id", "birth", "sex"]], on="patient_id")
    encounters = encounters[encounters["arrived"].dt.normalize() >= encounters["birth"]]
    vitals = newest(_vital_sets(lines_of(landing, "vital_sets")), ["encounter_id", "measured"])
    return _aged(encounters), vitals[vitals["encounter_id"].isin(encounters["encounter_id"])]


@cache
def accepted_patients(landing: Path) -> pd.DataFrame:
    """Patients that can be true, each once, in the newest version."""
    return newest(_patients(lines_of(landing, "patients")), ["patient_id"])


def with_risk(encounters: pd.DataFrame, vitals: pd.DataFrame) -> pd.DataFrame:
    """Encounters with their latest vital set and the risk level of the transparent rule."""
    latest = vitals.sort_values("measured").drop_duplicates("encounter_id", keep="last")
    rows = encounters.merge(latest.drop(columns=["_file", "_line", "updated"]), on="encounter_id", how="left")
    rows["risk_level"] = [_risk(row) for row in rows.to_dict("records")]
    return rows


def _risk(row: dict) -> str:
    if row["age_years"] < 16:
        return child_risk(row)
    others = [row[name] for name in ("heart_rate", "respiratory_rate", "systolic_bp", "celsius_tenths")]
    measured = [*others, _usable_saturation(row)]
    if row["is_pregnant"] or all(value != value for value in measured):
        return "Not assessed"
    points = _news2(row)
    unstable = _unstable(row) if row["age_years"] >= 18 else 0
    if unstable >= 2 or sum(points) >= 7:
        return "High"
    has_three = max(points[:5] + points[6:]) == 3
    return "Moderate" if unstable == 1 or sum(points) >= 5 or has_three else "Low"


def _news2(row: dict) -> list[int]:
    """Points in the order: respiratory rate, saturation, pressure, pulse, temperature, oxygen, consciousness."""
    return [
        _band(_whole(row["respiratory_rate"]), [(8, 3), (11, 1), (20, 0), (24, 2), (999, 3)]),
        _saturation(row),
        _band(_whole(row["systolic_bp"]), [(90, 3), (100, 2), (110, 1), (219, 0), (999, 3)]),
        _band(_whole(row["heart_rate"]), [(40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (999, 3)]),
        _band(row["celsius_tenths"], [(350, 3), (360, 1), (380, 0), (390, 1), (999, 2)]),
        2 if row["on_oxygen"] in ("Y", "1", "TRUE") else 0,
        3 if row["consciousness"] in ("C", "V", "P", "U") else 0,
    ]


def _usable_saturation(row: dict) -> float:
    """On scale 2 a saturation over the target says nothing while nobody wrote down whether the patient breathed oxygen."""
    is_unclear = row["spo2_scale"] == "2" and not isinstance(row["on_oxygen"], str) and _whole(row["spo2"]) > 92
    return float("nan") if is_unclear else row["spo2"]


def _saturation(row: dict) -> int:
    if row["spo2_scale"] != "2":
        return _band(_whole(row["spo2"]), [(91, 3), (93, 2), (95, 1), (100, 0)])
    if row["on_oxygen"] in ("Y", "1", "TRUE"):
        return _band(_whole(row["spo2"]), [(83, 3), (85, 2), (87, 1), (92, 0), (94, 1), (96, 2), (100, 3)])
    return _band(_whole(row["spo2"]), [(83, 3), (85, 2), (87, 1), (100, 0)])


def _unstable(row: dict) -> int:
    limits = [
        _whole(row["heart_rate"]) > 100, _whole(row["respiratory_rate"]) > 24, _whole(row["systolic_bp"]) <= 90,
        _whole(row["spo2"]) < 90, row["celsius_tenths"] >= 378,
    ]  # fmt: skip
    return sum(limits)


def _band(value: float, bands: list[tuple[int, int]]) -> int:
    return 0 if value != value else next(points for upper, points in bands if value <= upper)


def _whole(value: float) -> float:
    return value if value != value else float(np.floor(value + 0.5))


def lines_of(landing: Path, feed: str) -> pd.DataFrame:
    """Every line with the fields of its header, with its file and line number; missing words become None."""
    rows = [row for path in sorted(landing.glob(f"{feed}*.csv")) for row in _rows_of_file(path)]
    frame = pd.DataFrame(rows)
    texts = [column for column in frame.columns if not column.startswith("_")]
    return frame.assign(**{column: _known_words(frame[column].str.strip()) for column in texts})


def _known_words(texts: pd.Series) -> pd.Series:
    return texts.mask(texts.str.upper().isin(MISSING))


def _rows_of_file(path: Path) -> Iterator[dict]:
    """A line with too many or too few fields is no row; one empty field too many at its end says nothing and is dropped."""
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        header = next(reader)
        for row in reader:
            fields = row[:-1] if len(row) == len(header) + 1 and row[-1] == "" else row
            if len(fields) == len(header):
                yield {**dict(zip(header, fields, strict=True)), "_file": path.name, "_line": reader.line_num}


def _patients(rows: pd.DataFrame) -> pd.DataFrame:
    rows["birth"], rows["death"], rows["updated"] = _days(rows["birth_date"]), _days(rows["death_date"]), times(rows["updated_at"])
    readable = _read_if_there(rows, birth_date="birth", death_date="death", updated_at="updated") & _known(rows["sex"], SEXES)
    rows = rows[readable & rows["patient_id"].notna() & rows["birth"].notna() & rows["updated"].notna()]
    rows = rows[~(rows["death"] < rows["birth"])]
    return rows.assign(sex=rows["sex"].str.upper().map(SEXES).fillna("Unknown"))


def _encounters(rows: pd.DataFrame) -> pd.DataFrame:
    for name, text in (("arrived", "arrived_at"), ("discharged", "discharged_at"), ("updated", "updated_at")):
        rows[name] = times(rows[text])
    readable = _read_if_there(rows, arrived_at="arrived", discharged_at="discharged", updated_at="updated")
    readable &= _known(rows["encounter_class"], CLASSES) & _known(rows["disposition"], DISPOSITIONS)
    readable &= _known(rows["admission_type"], {"EMERGENCY", "URGENT", "ELECTIVE"})
    needed = ["encounter_id", "patient_id", "site_name", "encounter_class", "arrived", "updated"]
    rows = rows[readable & rows[needed].notna().all(axis=1)]
    rows = rows[~(rows["discharged"] < rows["arrived"])]
    return rows.assign(encounter_class=rows["encounter_class"].str.upper().map(CLASSES))


def _vital_sets(rows: pd.DataFrame) -> pd.DataFrame:
    rows["measured"], rows["updated"] = times(rows["measured_at"]), times(rows["updated_at"])
    good = rows["encounter_id"].notna() & rows["measured"].notna() & rows["updated"].notna()
    for name, (low, high) in PLAUSIBLE.items():
        text = rows[name].where(~rows[name].isin(SENTINELS))
        rows[name] = _numbers(text)
        good &= ~(text.notna() & rows[name].isna()) & ~((rows[name] < low) | (rows[name] > high))
    rows["celsius_hundredths"], temperature_is_good = _celsius(rows)
    rows["celsius_tenths"] = np.floor((rows["celsius_hundredths"] + 5) / 10)
    good &= temperature_is_good & ~(rows["diastolic_bp"] >= rows["systolic_bp"])
    good &= _known(rows["on_oxygen"], {"Y", "1", "TRUE", "N", "0", "FALSE"}) & _known(rows["consciousness"], set("ACVPU"))
    good &= _known(rows["temperature_unit"], {"C", "CEL", "F", "[DEGF]"}) & _known(rows["spo2_scale"], {"1", "2"})
    return rows[good]


def _celsius(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Hundredths of a degree, and whether the value can be true. Fahrenheit goes over exact tenths, rounded half up."""
    text = rows["temperature"].where(~rows["temperature"].isin(SENTINELS))
    value = _numbers(text)
    unit = rows["temperature_unit"].str.upper()
    is_fahrenheit = unit.isin(["F", "[DEGF]"]) | (unit.isna() & (value > 50))
    tenths = (value * 10).round()
    from_fahrenheit = np.floor((2 * (tenths - 320) * 50 + 9) / 18)
    hundredths = from_fahrenheit.where(is_fahrenheit, (value * 100).round())
    return hundredths, ~(text.notna() & value.isna()) & ~((hundredths < 2500) | (hundredths > 4500))


def newest(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    ordered = rows.sort_values(["updated", "_file", "_line"], ascending=[False, False, True], kind="stable")
    return ordered.drop_duplicates(key, keep="first")


def _aged(rows: pd.DataFrame) -> pd.DataFrame:
    born, came = rows["birth"].dt, rows["arrived"].dt
    months = (came.year - born.year) * 12 + came.month - born.month - (came.day < born.day)
    years = months // 12
    group = np.select([years < 18, years < 65], ["Pediatric", "Adult"], "Senior")
    month, day = rows["arrived"].dt.to_period("M").dt.to_timestamp(), rows["arrived"].dt.normalize()
    ages = {"age_days": (day - rows["birth"]).dt.days, "age_months": months, "age_years": years, "age_group": group}
    return rows.assign(**ages, arrival_month=month, arrival_date=day)


def times(text: pd.Series) -> pd.Series:
    texts = text.fillna("").str.replace("T", " ", n=1)
    as_iso = pd.to_datetime(texts, format="%Y-%m-%d %H:%M:%S", errors="coerce")
    american = pd.to_datetime(texts, format="%m/%d/%Y %H:%M", errors="coerce")
    packed = pd.to_datetime(texts.where(texts.str.fullmatch(r"\d{14}")), format="%Y%m%d%H%M%S", errors="coerce")
    return as_iso.fillna(american).fillna(packed)


def _days(text: pd.Series) -> pd.Series:
    texts = text.fillna("")
    as_iso = pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce")
    american = pd.to_datetime(texts, format="%m/%d/%Y", errors="coerce")
    packed = pd.to_datetime(texts.where(texts.str.fullmatch(r"\d{8}")), format="%Y%m%d", errors="coerce")
    return as_iso.fillna(american).fillna(packed)


def _numbers(text: pd.Series) -> pd.Series:
    pattern = re.compile(r"-?[0-9]{1,4}([.][0-9]{1,4})?")
    return text.map(lambda value: float(value) if isinstance(value, str) and pattern.fullmatch(value) else np.nan).astype(float)


def _known(text: pd.Series, codes) -> pd.Series:
    return text.isna() | text.str.upper().isin(list(codes))


def _read_if_there(rows: pd.DataFrame, **read_as: str) -> pd.Series:
    checks = [rows[text].isna() | rows[value].notna() for text, value in read_as.items()]
    return pd.concat(checks, axis=1).all(axis=1)


def _counted(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    grouped = rows.assign(is_inside=rows["discharged"].isna()).groupby(key)["is_inside"]
    return grouped.agg(encounter_count="size", in_hospital_count="sum").reset_index()


def _ingestion_volume(encounters: pd.DataFrame, vitals: pd.DataFrame) -> pd.DataFrame:
    sets = encounters["encounter_id"].map(vitals["encounter_id"].value_counts()).fillna(0).astype(int)
    key = ["arrival_date", "arrival_month", "site_name", "encounter_class"]
    grouped = encounters.assign(vital_set_count=sets).groupby(key)
    return grouped.agg(encounter_count=("encounter_id", "size"), vital_set_count=("vital_set_count", "sum")).reset_index()


def _vital_sums(risks: pd.DataFrame) -> pd.DataFrame:
    risks = risks.assign(temperature_c=risks["celsius_hundredths"] / 100)
    columns = {name: name for name in ("heart_rate", "respiratory_rate", "systolic_bp", "spo2")} | {"temperature": "temperature_c"}
    grouped = risks.groupby(["arrival_month", "site_name", "age_group"])
    sums = {f"{name}_{what}": grouped[column].agg(what) for name, column in columns.items() for what in ("count", "sum")}
    return pd.DataFrame({"encounter_count": grouped.size(), **sums}).reset_index()


def _cells(risks: pd.DataFrame) -> pd.DataFrame:
    cells = risks.assign(age_cell_years=risks["age_years"] // 2 * 2, heart_rate_cell_bpm=np.floor(risks["heart_rate"] / 4) * 4)
    grouped = cells.groupby(["arrival_month", "site_name", "risk_level", "age_cell_years", "heart_rate_cell_bpm"], dropna=False)
    sums = grouped.agg(
        encounter_count=("encounter_id", "size"), age_years_sum=("age_years", "sum"), heart_rate_sum=("heart_rate", "sum")
    )
    return sums.reset_index()
