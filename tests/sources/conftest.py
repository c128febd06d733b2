"""One synthetic hospital of 100 000 encounters, made once, and its files read back without any code of the product.

`tables` are the newest readable versions of every feed; `discharges` are the ward stays that count for readmission, with
what a model may know about them and whether an unplanned stay followed within 30 days.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.sources.synthetic_hospital import GeneratedHospital, generate
from tests.sources import charlson
from tests.sources.news2 import news2

DATA_END = pd.Timestamp("2026-11-01")
CLASSES = {"EMER": "EMERGENCY", "IMP": "INPATIENT", "AMB": "OUTPATIENT"}
FEEDS = ("patients", "encounters", "vital_sets", "diagnoses", "procedures", "lab_results")
LAB_TESTS = {"718-7": "haemoglobin", "HGB": "haemoglobin", "HAEMOGLOBIN": "haemoglobin", "2951-2": "sodium", "SODIUM": "sodium"}
LAB_RANGES = {"haemoglobin": (3, 25), "sodium": (90, 200)}
VITAL_RANGES = {
    "heart_rate": (20, 300),
    "respiratory_rate": (3, 90),
    "systolic_bp": (40, 300),
    "diastolic_bp": (10, 200),
    "spo2": (40, 100),
}


@dataclass(frozen=True)
class Tables:
    """Typed and deduplicated; wrongly shaped lines are already gone, impossible values are missing."""

    patients: pd.DataFrame
    encounters: pd.DataFrame
    vital_sets: pd.DataFrame
    diagnoses: pd.DataFrame
    procedures: pd.DataFrame
    lab_results: pd.DataFrame


@pytest.fixture(scope="session")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hospital")


@pytest.fixture(scope="session")
def hospital(landing: Path) -> GeneratedHospital:
    return generate(landing)


@pytest.fixture(scope="session")
def raw(hospital: GeneratedHospital) -> dict[str, pd.DataFrame]:
    """Each feed's lines as text, without those of the wrong shape."""
    return {feed: _read_feed(hospital, feed) for feed in FEEDS}


@pytest.fixture(scope="session")
def tables(raw: dict[str, pd.DataFrame]) -> Tables:
    patients = _typed(raw["patients"], dates=["birth_date", "death_date"], times=["updated_at"])
    encounters = _typed(raw["encounters"], dates=[], times=["arrived_at", "discharged_at", "updated_at"])
    vitals = _typed(raw["vital_sets"], dates=[], times=["measured_at", "updated_at"])
    encounters = _newest(encounters, ["encounter_id"])
    encounters["encounter_class"] = encounters.encounter_class.replace(CLASSES)
    encounters = encounters.merge(_newest(patients, ["patient_id"])[["patient_id", "birth_date", "death_date", "sex"]], how="left")
    encounters["age"] = (encounters.arrived_at - encounters.birth_date).dt.days / 365.2425
    return Tables(
        patients=_newest(patients, ["patient_id"]),
        encounters=encounters,
        vital_sets=_measured(_newest(vitals, ["encounter_id", "measured_at"])),
        diagnoses=_coded(raw["diagnoses"], "diagnosis_rank", times=["updated_at"]),
        procedures=_coded(raw["procedures"], "procedure_rank", times=["performed_at", "updated_at"]),
        lab_results=_resulted(raw["lab_results"]),
    )


@pytest.fixture(scope="session")
def arrivals(tables: Tables) -> pd.DataFrame:
    """The first vital set of each encounter, with its NEWS2, its unstable signs and the patient's age."""
    first = tables.vital_sets.sort_values("measured_at", kind="stable").drop_duplicates("encounter_id")
    first = first.assign(news2=news2(first), unstable_signs=unstable_signs(first))
    return first.merge(tables.encounters[["encounter_id", "patient_id", "encounter_class", "age", "arrived_at"]])


@pytest.fixture(scope="session")
def discharges(tables: Tables) -> pd.DataFrame:
    """Ward stays left alive, not transferred nor against advice, at least 30 days before the data end."""
    all_encounters = tables.encounters.dropna(subset=["arrived_at", "birth_date"])
    wards = all_encounters[all_encounters.encounter_class == "INPATIENT"].sort_values(["patient_id", "arrived_at"])
    following = wards.groupby("patient_id")[["arrived_at", "admission_type"]].shift(-1)
    days = (following.arrived_at - wards.discharged_at).dt.total_seconds() / 86_400
    wards["returned"] = (days <= 30) & (days >= 0) & (following.admission_type != "ELECTIVE")
    wards["days_to_return"] = days.where(wards.returned)
    wards["prior_admissions"] = _in_year_before(wards, wards)
    wards["prior_ed_visits"] = _in_year_before(wards, all_encounters[all_encounters.encounter_class == "EMERGENCY"])
    wards["stay_days"] = (wards.discharged_at - wards.arrived_at).dt.total_seconds() / 86_400
    wards = wards.merge(_last_sets(tables.vital_sets, wards), how="left", on="encounter_id")
    wards = wards.merge(_last_results(tables.lab_results, wards), how="left", on="encounter_id")
    wards["comorbidity_points"] = wards.encounter_id.map(charlson.points(tables.diagnoses)).fillna(0)
    principal = tables.diagnoses[tables.diagnoses["rank"] == 1].set_index("encounter_id")
    wards["principal"], wards["system"] = wards.encounter_id.map(principal.plain), wards.encounter_id.map(principal.system)
    wards["had_procedure"] = wards.encounter_id.isin(tables.procedures.encounter_id)
    left_alive = ~wards.disposition.isin(["EXPIRED", "TRANSFER_ACUTE", "AGAINST_MEDICAL_ADVICE"]) & wards.discharged_at.notna()
    followed = wards.discharged_at < DATA_END - pd.Timedelta(days=30)
    return wards[left_alive & followed & (wards.stay_days > 0)].reset_index(drop=True)


def unstable_signs(vital_sets: pd.DataFrame) -> pd.Series:
    """How many signs of each set are outside the limits of Nguyen 2017, 0 to 5; a missing one is not."""
    outside = [
        vital_sets.heart_rate > 100,
        vital_sets.respiratory_rate > 24,
        vital_sets.systolic_bp <= 90,
        vital_sets.spo2 < 90,
        vital_sets.temperature_c >= 37.8,
    ]
    return sum(rows.astype(int) for rows in outside)


def _read_feed(hospital: GeneratedHospital, feed: str) -> pd.DataFrame:
    files = [path for path in hospital.files if path.name.startswith(feed)]
    read = [pd.read_csv(path, dtype=str, keep_default_na=False, on_bad_lines="skip", index_col=False) for path in files]
    frame = pd.concat(read, ignore_index=True)
    return frame[frame.updated_at.notna() & (frame.updated_at != "")]


def _typed(frame: pd.DataFrame, *, dates: list[str], times: list[str]) -> pd.DataFrame:
    typed = frame.copy()
    for column in dates + times:
        text = typed[column].str.replace(" ", "T")
        slashed = text.str.slice(6, 10) + "-" + text.str.slice(0, 2) + "-" + text.str.slice(3, 5) + text.str.slice(10)
        text = text.where(text.str.slice(2, 3) != "/", slashed)
        digits = text.str.replace("[-T:]", "", regex=True).str.slice(0, 12)
        typed[column] = pd.to_datetime(digits.str.ljust(12, "0"), format="%Y%m%d%H%M", errors="coerce")
    return typed


def _newest(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    return frame.sort_values("updated_at", kind="stable").drop_duplicates(key, keep="last").reset_index(drop=True)


def _measured(vital_sets: pd.DataFrame) -> pd.DataFrame:
    measured = vital_sets.copy()
    for column, (lowest, highest) in VITAL_RANGES.items():
        value = pd.to_numeric(measured[column], errors="coerce")
        measured[column] = value.where(value.between(lowest, highest))
    temperature = pd.to_numeric(measured.temperature, errors="coerce")
    celsius = temperature.where(temperature < 50, (temperature - 32) / 1.8)
    measured["temperature_c"] = celsius.where(celsius.between(25, 45))
    return measured


def _coded(lines: pd.DataFrame, rank: str, *, times: list[str]) -> pd.DataFrame:
    """The newest line of each rank: `system` is ICD-10 or ICD-9, `plain` the code without its dot."""
    coded = _newest(_typed(lines, dates=[], times=times), ["encounter_id", rank])
    coded["rank"] = pd.to_numeric(coded[rank], errors="coerce")
    coded["plain"] = coded.code.str.replace(".", "")
    coded["system"] = np.where(coded.code_system.str.contains("9"), "ICD-9", "ICD-10")
    return coded[(coded["rank"] >= 1) & (coded.code != "") & (coded.code_system != "ICD-?")].reset_index(drop=True)


def _resulted(lines: pd.DataFrame) -> pd.DataFrame:
    """The newest line of each result in g/dL or mmol/L, without impossible ones."""
    results = _newest(_typed(lines, dates=[], times=["collected_at", "updated_at"]), ["encounter_id", "test_code", "collected_at"])
    results["test"], value = results.test_code.map(LAB_TESTS), pd.to_numeric(results.value, errors="coerce")
    # A unit that is left out is told by the size, as in the feed's own mapping.
    results["result"] = value.where((results.test == "sodium") | (value < 30), value / 10)
    lowest, highest = (results.test.map({name: ends[side] for name, ends in LAB_RANGES.items()}) for side in (0, 1))
    return results[results.result.between(lowest, highest)].reset_index(drop=True)


def _last_results(results: pd.DataFrame, stays: pd.DataFrame) -> pd.DataFrame:
    """Haemoglobin and sodium of the 24 hours before discharge, one row per stay that has any."""
    joined = results.merge(stays[["encounter_id", "discharged_at"]])
    recent = joined[joined.collected_at >= joined.discharged_at - pd.Timedelta(days=1)].sort_values("collected_at", kind="stable")
    return recent.pivot_table(index="encounter_id", columns="test", values="result", aggfunc="last").reset_index()


def _in_year_before(stays: pd.DataFrame, earlier: pd.DataFrame) -> np.ndarray:
    """How many of the earlier encounters of the same patient arrived in the 365 days before each stay."""
    past = earlier[["patient_id", "arrived_at"]].rename(columns={"arrived_at": "earlier_at"})
    pairs = stays[["encounter_id", "patient_id", "arrived_at"]].merge(past, on="patient_id")
    gap = (pairs.arrived_at - pairs.earlier_at).dt.total_seconds() / 86_400
    counts = pairs[(gap > 1) & (gap <= 365)].groupby("encounter_id").size()
    return stays.encounter_id.map(counts).fillna(0).to_numpy()


def _last_sets(vital_sets: pd.DataFrame, stays: pd.DataFrame) -> pd.DataFrame:
    """What the last set of the 24 hours before discharge says of each stay that has one."""
    joined = vital_sets.merge(stays[["encounter_id", "discharged_at"]])
    recent = joined[joined.measured_at >= joined.discharged_at - pd.Timedelta(days=1)]
    last = recent.sort_values("measured_at", kind="stable").drop_duplicates("encounter_id", keep="last")
    found = {"last_heart_rate": last.heart_rate, "last_news2": news2(last), "unstable_signs": unstable_signs(last)}
    return pd.DataFrame({"encounter_id": last.encounter_id, **found})
