"""The tiny hospital that most tests use: five patients whose story is told here once.

Ada, 75, is the one the worklist is for: admitted to Cardiology with heart failure and diabetes, five unstable vital signs,
low haemoglobin and low sodium at the end.
Ben, 9, came to the emergency department with a fast heart; the line of his encounter was sent twice.
Cy, 45, came twice: once with a heart rate of 16 (a respiratory rate in the wrong field), once with nothing measured.
His patient record was corrected a day later.
Di turned 65 on the day she arrived and is well. Eve, 80, is in hospital now and has one unstable vital sign.
Beside them: a patient whose birth date cannot be, an encounter of an unknown patient, one that ends before it begins,
a line that is cut off, a vital set and a diagnosis of an encounter that nobody sent, and a haemoglobin in stones.
"""

from __future__ import annotations

import os
import sys
from itertools import zip_longest
from pathlib import Path

import hypothesis
import pytest

from pipeline.settings import Settings
from tests.lake import built_once, copy_of, home_at, publish_landed

# What generated cases prove holds however long each takes; a busy machine is no counterexample.
hypothesis.settings.register_profile("any pace", deadline=None)
hypothesis.settings.load_profile("any pace")

# The client of the second engine looks for a whole Spark where it may not find one, and then ends the process of the tests.
os.environ.setdefault("SPARK_HOME", sys.prefix)

PATIENTS = """\
patient_id,given_name,family_name,birth_date,sex,postal_code,death_date,updated_at
P-ada,Ada,Ash,1950-02-28,F,12345,,2025-01-01 00:00:00
P-ben,Ben,Oak,03/04/2015,M,12345,,2025-01-01 00:00:00
P-cy,Cy,Elm,19800101,U,12345,,20250101000000
P-cy,Cy,Elm,19800101,M,12345,,20250102000000
P-di,Di,Fir,1960-02-28,F,23456,,2025-01-01 00:00:00
P-eve,Eve,Yew,1945-01-01,F,34567,,2025-01-01 00:00:00
P-nobody,No,Body,1980-13-01,M,12345,,2025-01-01 00:00:00
"""

ENCOUNTERS = """\
encounter_id,patient_id,site_name,ward_name,encounter_class,admission_type,arrived_at,discharged_at,disposition,updated_at
E-ada,P-ada,North,Cardiology,IMP,URGENT,2025-02-28 10:00:00,2025-03-02T11:00:00,HOME,2025-03-02 11:00:00
E-ben,P-ben,North,Paediatrics,EMER,EMERGENCY,02/03/2025 10:00,02/03/2025 14:00,HOME,02/03/2025 14:00
E-ben,P-ben,North,Paediatrics,EMER,EMERGENCY,02/03/2025 10:00,02/03/2025 14:00,HOME,02/03/2025 14:00
E-cy-1,P-cy,South,Clinic,AMB,ELECTIVE,2025-02-20 10:00:00,2025-02-20 11:00:00,HOME,2025-02-20 11:00:00
E-cy-2,P-cy,South,Clinic,AMB,ELECTIVE,20250301100000,20250301110000,HOME,20250301110000
E-di,P-di,South,Clinic,OUTPATIENT,ELECTIVE,2025-02-28 09:00:00,2025-02-28 10:00:00,HOME,2025-02-28 10:00:00
E-eve,P-eve,South,Respiratory,INPATIENT,EMERGENCY,2025-03-04 09:00:00,,,2025-03-04 09:00:00
E-backwards,P-cy,South,Clinic,AMB,ELECTIVE,2025-02-28 10:00:00,2025-02-27 10:00:00,HOME,2025-02-28 10:00:00
E-stranger,P-unknown,South,Clinic,AMB,ELECTIVE,2025-02-28 10:00:00,,,2025-02-28 10:00:00
E-cut,P-cy,South
"""

VITAL_SETS = """\
encounter_id,measured_at,heart_rate,respiratory_rate,systolic_bp,diastolic_bp,temperature,temperature_unit,spo2,on_oxygen,\
consciousness,updated_at
E-ada,2025-02-28 10:10:00,88,18,120,70,36.8,C,97,N,A,2025-02-28 10:10:00
E-ada,2025-03-02 09:00:00,121,26,88,50,101.3,F,88,Y,A,2025-03-02 09:00:00
E-ben,02/03/2025 10:10,150,30,,,37.2,C,99,N,A,02/03/2025 10:10
E-cy-1,2025-02-20 10:05:00,16,20,120,80,36.6,C,98,N,A,2025-02-20 10:05:00
E-cy-2,20250301100500,-9,998,,NULL,,,,,,20250301100500
E-di,2025-02-28 09:05:00,72,16,128,76,98.6,,98,N,A,2025-02-28 09:05:00
E-eve,2025-03-04 09:15:00,104,18,131,79,37.0,C,96,N,A,2025-03-04 09:15:00
E-nowhere,2025-02-28 10:10:00,66,20,120,80,36.6,C,98,N,A,2025-02-28 10:10:00
"""

DIAGNOSES = """\
encounter_id,diagnosis_rank,code_system,code,name,updated_at
E-ada,1,ICD-10-CM,I50.9,Heart failure,2025-03-02 11:00:00
E-ada,2,ICD-10-CM,E11.9,Type 2 diabetes,2025-03-02 11:00:00
E-nowhere,1,ICD-10-CM,I10,Hypertension,2025-03-02 11:00:00
"""

PROCEDURES = """\
encounter_id,procedure_rank,code_system,code,name,performed_at,updated_at
E-ada,1,ICD-10-PCS,B245ZZZ,Echocardiogram,2025-03-01 10:00:00,2025-03-02 11:00:00
"""

LAB_RESULTS = """\
encounter_id,test_code,collected_at,value,unit,updated_at
E-ada,718-7,2025-02-28 11:00:00,12.6,g/dL,2025-02-28 12:00:00
E-ada,HGB,2025-03-02 06:00:00,112,g/L,2025-03-02 07:00:00
E-ada,2951-2,2025-03-02 06:00:00,133,mEq/L,2025-03-02 07:00:00
E-ada,718-7,2025-03-01 06:00:00,12,stones,2025-03-01 07:00:00
"""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: whoever waits for a browser leaves a core to somebody else."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where files are shared out among processes, long ones come first, those that compute and those that wait by turns."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    long = dict.fromkeys(item.path for item in items if item.get_closest_marker("slow"))
    waiting = [path for path in long if path.parent.name == "browser"]
    computing = [path for path in long if path.parent.name != "browser"]
    turns = [path for pair in zip_longest(computing, waiting) for path in pair if path is not None]
    items.sort(key=lambda item: turns.index(item.path) if item.path in long else len(turns))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty home."""
    return home_at(tmp_path)


@pytest.fixture
def tiny_landing(settings: Settings) -> Path:
    """The landing folder with the tiny hospital's six files, not taken in yet."""
    return land_tiny_hospital(settings)


@pytest.fixture
def tiny_lake(settings: Settings, shared_tiny_lake: Settings) -> Settings:
    """The tiny hospital, published: a copy for one test, whose access log is still empty."""
    return copy_of(shared_tiny_lake, settings.home)


@pytest.fixture(scope="session")
def shared_tiny_lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The tiny hospital, published once for all tests that only read."""
    return built_once(tmp_path_factory, "tiny", publish_tiny_hospital)


def publish_tiny_hospital(settings: Settings) -> None:
    """Takes in the six files of the tiny hospital."""
    land_tiny_hospital(settings)
    publish_landed(settings)


def land_tiny_hospital(settings: Settings) -> Path:
    """Writes the six files of the tiny hospital."""
    landing = settings.landing
    landing.mkdir(parents=True, exist_ok=True)
    (landing / "patients.csv").write_text(PATIENTS, encoding="utf-8")
    (landing / "encounters_2025q1.csv").write_text(ENCOUNTERS, encoding="utf-8")
    (landing / "vital_sets_2025q1.csv").write_text(VITAL_SETS, encoding="utf-8")
    (landing / "diagnoses_2025q1.csv").write_text(DIAGNOSES, encoding="utf-8")
    (landing / "procedures_2025q1.csv").write_text(PROCEDURES, encoding="utf-8")
    (landing / "lab_results_2025q1.csv").write_text(LAB_RESULTS, encoding="utf-8")
    return landing
