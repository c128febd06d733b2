"""What is known of one patient, as it comes from the tables: the person, the encounters, vital sets, stays and codes.

Each record has the columns of its question in questions.py. Nothing is computed here but words for a single record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pipeline.serving.wording import UNKNOWN


@dataclass(frozen=True)
class Person:
    """The newest accepted record of the patient."""

    patient_id: str
    given_name: str | None
    family_name: str | None
    sex: str
    birth_date: date
    death_date: date | None

    @property
    def name(self) -> str:
        """Given and family name; a dash when neither was sent."""
        return " ".join(part for part in (self.given_name, self.family_name) if part) or UNKNOWN


@dataclass(frozen=True)
class Encounter:
    """One contact with its risk level. stay_id: the stay it is part of or led to; joined_because: why it is part of it."""

    encounter_id: str
    stay_id: str | None
    joined_because: str | None
    encounter_class: str
    site_name: str
    ward_name: str | None
    admission_type: str | None
    disposition: str | None
    age_years: int
    age_months: int
    age_days: int
    arrived_at: datetime
    discharged_at: datetime | None
    risk_level: str | None
    measured_at: datetime | None
    severity_name: str | None
    news2_score: int | None
    news2_parameter_count: int | None
    news2_status: str | None
    unstable_vitals: str | None

    @property
    def place(self) -> str:
        """Ward and site."""
        return ", ".join(part for part in (self.ward_name, self.site_name) if part)

    @property
    def leads_to_stay(self) -> bool:
        """Whether this is the emergency visit that led to a stay, rather than a part of it."""
        return self.stay_id is not None and self.joined_because is None

    @property
    def is_open(self) -> bool:
        """Whether the patient is on a ward or in the emergency department now: no discharge was sent."""
        return self.discharged_at is None and self.encounter_class != "Outpatient"


@dataclass(frozen=True)
class VitalSet:
    """The vital signs taken at one time, the age at the encounter's arrival, and every score of silver.vital_sets."""

    encounter_id: str
    measured_at: datetime
    age_years: int
    age_months: int
    age_days: int
    heart_rate_bpm: float | None
    respiratory_rate_per_min: float | None
    systolic_bp_mmhg: float | None
    diastolic_bp_mmhg: float | None
    temperature_c: float | None
    spo2_pct: float | None
    is_on_oxygen: bool | None
    consciousness_code: str | None
    spo2_scale: int | None
    respiratory_rate_points: int | None
    spo2_points: int | None
    oxygen_points: int | None
    systolic_bp_points: int | None
    pulse_points: int | None
    consciousness_points: int | None
    temperature_points: int | None
    news2_score: int | None
    news2_parameter_count: int | None
    news2_status: str
    qsofa_score: int | None
    qsofa_parameter_count: int | None
    qsofa_status: str
    shock_index: float | None
    shock_index_limit: float | None
    is_shock_index_high: bool | None
    shock_index_status: str
    heart_rate_z: float | None
    respiratory_rate_z: float | None
    systolic_bp_low_limit: float | None
    is_hypotensive: bool | None
    hypotension_status: str
    child_parameter_count: int | None
    child_severity_status: str
    severity_name: str


@dataclass(frozen=True)
class Stay:
    """One stay: whether it counts for readmission and why, its scores, and the facts they rest on."""

    stay_id: str
    encounter_count: int
    site_name: str
    ward_name: str | None
    admission_type: str | None
    disposition: str | None
    age_years: int
    code_system: str | None
    diagnosis_code: str | None
    diagnosis_name: str | None
    admitted_at: datetime
    discharged_at: datetime | None
    length_of_stay_days: int | None
    is_under_18: bool
    is_in_hospital: bool
    has_died: bool
    is_transferred_out: bool
    left_against_advice: bool
    is_psychiatric: bool
    is_rehabilitation: bool
    is_cancer_treatment: bool
    lacks_follow_up: bool
    is_index: bool
    is_readmitted: bool
    planned_because: str | None
    days_to_next_stay: int | None
    count_reason: str
    not_applicable: str | None
    acute_admission: int | None
    charlson_points: int | None
    emergency_visit_count: int
    prior_admission_count: int
    haemoglobin_g_dl: float | None
    sodium_mmol_l: float | None
    procedure_done: int
    oncology_service: int | None
    unstable_vital_count: int | None
    unstable_vitals: str | None
    instability_status: str
    lace_length_points: int | None
    lace_acute_points: int | None
    lace_comorbidity_points: int | None
    lace_emergency_points: int | None
    lace_score: int | None
    lace_class: str | None
    lace_age_cut: float | None
    is_above_lace_age_cut: bool | None
    lace_status: str
    hospital_haemoglobin_points: int | None
    hospital_oncology_points: int | None
    hospital_sodium_points: int | None
    hospital_procedure_points: int | None
    hospital_urgent_points: int | None
    hospital_prior_admission_points: int | None
    hospital_length_points: int | None
    hospital_score: int | None
    hospital_class: str | None
    hospital_avoidable_readmission_pct: float | None
    hospital_status: str

    @property
    def place(self) -> str:
        """Ward and site that discharged the patient, or where the patient is."""
        return ", ".join(part for part in (self.ward_name, self.site_name) if part)


@dataclass(frozen=True)
class Comorbidity:
    """A condition of LACE's Charlson index that the diagnoses of a stay show; not counted where a graver one counts instead."""

    stay_id: str
    condition_name: str
    is_counted: bool
    points: int


@dataclass(frozen=True)
class Diagnosis:
    """One diagnosis code of an encounter. meanings: the groups of the code in the definitions used here."""

    encounter_id: str
    diagnosis_rank: int
    code_system: str
    diagnosis_code: str
    diagnosis_name: str | None
    meanings: str | None


@dataclass(frozen=True)
class Procedure:
    """One procedure code of an encounter."""

    encounter_id: str
    procedure_rank: int
    code_system: str
    procedure_code: str
    procedure_name: str | None
    performed_at: datetime | None
    meanings: str | None


@dataclass(frozen=True)
class LabResult:
    """One laboratory result in the unit it came in, and in the canonical unit where a score uses it."""

    encounter_id: str
    collected_at: datetime
    test_code: str
    result_value: float
    result_unit: str | None
    analyte_name: str | None
    analyte_value: float | None
    canonical_unit: str | None
