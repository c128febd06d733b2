"""A hospital of one old patient whose every value would be recognised wherever it turned up, beside a crowd of nobodies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.governance.policy import Viewer
from pipeline.settings import Settings

FILES = {
    "patients.csv": """\
patient_id,given_name,family_name,birth_date,sex,postal_code,death_date,updated_at
CANARY-P-1,Canarygiven,Canaryfamily,1931-07-19,F,03647,2025-05-23,2025-06-01 00:00:00
CANARY-P-2,Canarysecond,Canaryother,1931-13-45,F,03647,,2025-06-01 00:00:00
CANARY-P-3,Canarythird,Canaryfamily,1931-07-19,F,03647,,2025-06-01 00:00:00
""",
    "encounters.csv": """\
encounter_id,patient_id,site_name,ward_name,encounter_class,admission_type,arrived_at,discharged_at,disposition,updated_at
CANARY-E-0,CANARY-P-1,North,Emergency,EMER,EMERGENCY,2025-03-17 09:21:37,2025-03-17 13:47:11,HOME,2025-06-01 00:00:00
CANARY-E-1,CANARY-P-1,North,Cardiology,IMP,EMERGENCY,2025-03-17 13:47:11,2025-03-24 16:23:05,HOME,2025-06-01 00:00:00
CANARY-E-2,CANARY-P-1,North,Cardiology,IMP,EMERGENCY,2025-04-05 05:53:17,2025-04-13 17:39:43,HOME,2025-06-01 00:00:00
CANARY-E-3,CANARY-P-3,North,Clinic,AMB,ELECTIVE,2025-06-20 09:21:37,2025-06-20 13:47:11,HOME,2025-06-21 00:00:00
""",
    "vital_sets.csv": """\
encounter_id,measured_at,heart_rate,respiratory_rate,systolic_bp,diastolic_bp,temperature,temperature_unit,spo2,on_oxygen,\
consciousness,updated_at
CANARY-E-1,2025-03-17 14:07:31,137,31,83,47,39.7,C,81,Y,A,2025-06-01 00:00:00
CANARY-E-2,2025-04-05 06:11:29,139,33,81,43,39.3,C,83,Y,A,2025-06-01 00:00:00
""",
    "vital_signs.csv": """\
encounter_id,measured_at,sign,value,unit,updated_at
CANARY-E-2,2025-04-06 07:19:41,heart_rate,141,/min,2025-06-01 00:00:00
""",
    "diagnoses.csv": """\
encounter_id,diagnosis_rank,code_system,code,name,updated_at
CANARY-E-1,1,ICD-10-CM,I50.9,Canarydiagnosis,2025-06-01 00:00:00
CANARY-E-9,1,ICD-10-CM,I50.9,Canarydiagnosis,2025-06-01 00:00:00
""",
    "procedures.csv": """\
encounter_id,procedure_rank,code_system,code,name,performed_at,updated_at
CANARY-E-1,1,ICD-10-PCS,B245ZZZ,Canaryprocedure,2025-03-19 08:13:53,2025-06-01 00:00:00
""",
    "lab_results.csv": """\
encounter_id,test_code,collected_at,value,unit,updated_at
CANARY-E-1,718-7,2025-03-23 06:41:09,8.7,g/dL,2025-06-01 00:00:00
CANARY-E-1,2951-2,2025-03-23 06:41:09,127,mEq/L,2025-06-01 00:00:00
""",
}

IDENTIFIERS = ("CANARY-P-", "CANARY-E-", "Canarygiven", "Canaryfamily", "Canarysecond", "Canaryother", "03647", "1931")
"""Of the patient: what no role without identifiers meets anywhere."""

MOMENTS = ("09:21", "13:47", "16:23", "05:53", "17:39", "14:07", "06:11", "07:19", "08:13", "06:41")
"""Of what happened: times of day. Its days are in the sums by day."""

CLINICAL = ("Canarydiagnosis", "Canaryprocedure", "I50.9", "B245ZZZ")


@dataclass(frozen=True)
class Cell:
    """What one column of one table is in the lake, and how the policy treats it for one role."""

    role: str
    table: str
    column: str
    treatment: str
    true_values: tuple[str, ...]


def land_canaries(settings: Settings) -> Path:
    """Writes the files of the canary hospital."""
    settings.landing.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (settings.landing / name).write_text(text, encoding="utf-8")
    return settings.landing


def viewer_of(role: str) -> Viewer:
    """Somebody in the role, at the places of the canary patient."""
    return Viewer("eve", role, sites=("North",), wards=("Cardiology", "Emergency"))


def faults(cell: Cell, shown: pd.Series) -> list[str]:
    """What is wrong with the values of a column as a medium gave them: shown that must not be, or hidden that need not."""
    texts = {str(value) for value in shown if not _is_nothing(value)}
    where = f"{cell.role} × {cell.table} × {cell.column} ({cell.treatment})"
    match cell.treatment:
        case "show":
            return [] if bool(texts) == bool(cell.true_values) else [f"{where} is not shown"]
        case "hide":
            return [f"{where} shows {texts}"] if texts else []
        case "mask":
            return [f"{where} shows {texts}"] if texts - {"•••"} else []
        case _:
            leaked = [text for text in texts if any(true in text or text.startswith(true) for true in cell.true_values)]
            return [f"{where} shows {leaked}"] if leaked else []


def _is_nothing(value: object) -> bool:
    return value is None or value == "" or (not isinstance(value, str) and bool(pd.isna(value)))
