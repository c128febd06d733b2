"""The tiny hospital and three more patients, for what the policy makes of high ages and of postal codes.

Fay, 93, is of an area where few live; Gus, 93, has a postal code of nine digits; Hal has none that can be read.
"""

from __future__ import annotations

import pytest

from pipeline.settings import Settings
from tests.conftest import land_tiny_hospital
from tests.lake import built_once, copy_of, publish_landed

PATIENTS = """\
patient_id,given_name,family_name,birth_date,sex,postal_code,death_date,updated_at
P-fay,Fay,Ivy,1931-05-05,F,03601,,2025-01-01 00:00:00
P-gus,Gus,Elm,1932-01-01,M,12345-6789,,2025-01-01 00:00:00
P-hal,Hal,Elm,1950-01-01,M,not a code,,2025-01-01 00:00:00
"""
ENCOUNTERS = """\
encounter_id,patient_id,site_name,ward_name,encounter_class,admission_type,arrived_at,discharged_at,disposition,updated_at
E-fay,P-fay,North,Geriatrics,IMP,URGENT,2025-02-28 10:00:00,2025-03-02T11:00:00,HOME,2025-03-02 11:00:00
E-gus,P-gus,South,Cardiology,IMP,URGENT,2025-02-28 10:00:00,2025-03-02T11:00:00,HOME,2025-03-02 11:00:00
E-hal,P-hal,South,Cardiology,IMP,URGENT,2025-02-28 10:00:00,2025-03-02T11:00:00,HOME,2025-03-02 11:00:00
"""


@pytest.fixture(scope="session")
def shared_older_lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Published once for all tests that only read."""

    def build(home: Settings) -> None:
        landing = land_tiny_hospital(home)
        (landing / "patients_older.csv").write_text(PATIENTS, encoding="utf-8")
        (landing / "encounters_older.csv").write_text(ENCOUNTERS, encoding="utf-8")
        publish_landed(home)

    return built_once(tmp_path_factory, "older", build)


@pytest.fixture
def older_lake(settings: Settings, shared_older_lake: Settings) -> Settings:
    """A copy for one test, whose access log is still empty."""
    return copy_of(shared_older_lake, settings.home)
