"""What each feature of the readmission model is called on the screen, and how its value is written. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.serving.patient.scores import yes_or_no
from pipeline.serving.wording import NO_BREAK, decimal_text

NOT_KNOWN = "not known"


@dataclass(frozen=True)
class FeatureWords:
    """name: as a reader calls it. unit and decimals: of a number; is_flag: whether 1 means yes; is_text: whether it is a word."""

    name: str
    unit: str = ""
    decimals: int = 0
    is_flag: bool = False
    is_text: bool = False


def _flag(name: str) -> FeatureWords:
    return FeatureWords(name, is_flag=True)


def _text(name: str) -> FeatureWords:
    return FeatureWords(name, is_text=True)


FEATURES = {
    "age_years": FeatureWords("Age", "years"),
    "sex": _text("Sex"),
    "admission_type": _text("Type of admission"),
    "acute_admission": _flag("Acute admission"),
    "emergency_visit_count": FeatureWords("Emergency visits, 6 months"),
    "prior_admission_count": FeatureWords("Stays, 12 months"),
    "days_since_previous_discharge": FeatureWords("Since the previous discharge", "days"),
    "previous_length_of_stay_days": FeatureWords("Length of the previous stay", "days"),
    "recent_discharge": _flag("Discharged in the 30 days before"),
    "length_of_stay_days": FeatureWords("Length of stay", "days"),
    "encounter_count": FeatureWords("Encounters merged"),
    "ward_name": _text("Ward"),
    "oncology_service": _flag("Oncology service"),
    "disposition": _text("Left to"),
    "diagnosis_chapter": _text("Principal diagnosis"),
    "diagnosis_count": FeatureWords("Diagnoses coded"),
    "charlson_points": FeatureWords("Charlson index of LACE", "points"),
    "heart_failure": _flag("Heart failure"),
    "myocardial_infarction": _flag("Myocardial infarction"),
    "cerebrovascular_disease": _flag("Cerebrovascular disease"),
    "pulmonary_disease": _flag("Chronic pulmonary disease"),
    "diabetes": _flag("Diabetes"),
    "liver_or_renal_disease": _flag("Liver or renal disease"),
    "tumour": _flag("Tumour"),
    "metastatic_tumour": _flag("Metastatic tumour"),
    "dementia": _flag("Dementia"),
    "procedure_done": _flag("Procedure"),
    "haemoglobin_g_dl": FeatureWords("Last haemoglobin", "g/dL", 1),
    "sodium_mmol_l": FeatureWords("Last sodium", "mmol/L"),
    "heart_rate_bpm": FeatureWords("Last heart rate", "/min"),
    "respiratory_rate_per_min": FeatureWords("Last respiratory rate", "/min"),
    "systolic_bp_mmhg": FeatureWords("Last systolic pressure", "mmHg"),
    "temperature_c": FeatureWords("Last temperature", "°C", 1),
    "spo2_pct": FeatureWords("Last oxygen saturation", "%"),
    "on_oxygen": _flag("On oxygen at last"),
    "news2_score": FeatureWords("Last NEWS2", "points"),
    "unstable_vital_count": FeatureWords("Unstable vital signs"),
    "measured_in_last_day": _flag("Measured in the last 24 h"),
}
"""By column of gold.risk_features; a test compares the two."""


def feature_name(feature: str) -> str:
    """What a reader calls the feature; one that is new here keeps its column's name."""
    return FEATURES[feature].name if feature in FEATURES else feature.replace("_", " ").capitalize()


def value_text(feature: str, value: float | str | None) -> str:
    """The value as written, with its unit."""
    if value is None:
        return NOT_KNOWN
    words = FEATURES.get(feature, _text(feature))
    if words.is_text or isinstance(value, str):
        return str(value)
    if words.is_flag:
        return yes_or_no(bool(value))
    return decimal_text(float(value), words.decimals) + (f"{NO_BREAK}{words.unit}" if words.unit else "")
