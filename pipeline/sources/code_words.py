"""What the codes of other systems mean in the words of the canonical feeds; shared by all readers of foreign formats.

A code that has no canonical word is left out here, and the reader counts it.
"""

from __future__ import annotations

DISPOSITIONS = {
    "home": "HOME", "alt-home": "HOME", "hosp": "HOSPICE", "aadvice": "AGAINST_MEDICAL_ADVICE", "exp": "EXPIRED",
    "rehab": "REHABILITATION", "snf": "SKILLED_NURSING",
    "01": "HOME", "1": "HOME", "02": "TRANSFER_ACUTE", "2": "TRANSFER_ACUTE", "03": "SKILLED_NURSING", "3": "SKILLED_NURSING",
    "06": "HOME_HEALTH", "6": "HOME_HEALTH", "07": "AGAINST_MEDICAL_ADVICE", "7": "AGAINST_MEDICAL_ADVICE", "20": "EXPIRED",
    "40": "EXPIRED", "41": "EXPIRED", "42": "EXPIRED", "50": "HOSPICE", "51": "HOSPICE", "61": "SKILLED_NURSING",
    "62": "REHABILITATION",
}  # fmt: skip
"""The discharge-disposition code system of FHIR, and the patient status of the US uniform bill (HL7 table 0112)."""

ADMISSION_TYPES = {
    "EM": "EMERGENCY", "S": "EMERGENCY", "UR": "URGENT", "A": "URGENT", "EL": "ELECTIVE",
    "50849002": "EMERGENCY", "183452005": "EMERGENCY", "8715000": "ELECTIVE", "103391001": "URGENT",
}  # fmt: skip
"""ActPriority of HL7 v3; and in SNOMED CT: emergency room admission, emergency and elective hospital admission, urgency."""

ADMISSION_TYPES_V2 = {
    "A": "EMERGENCY", "E": "EMERGENCY", "U": "URGENT", "C": "ELECTIVE", "1": "EMERGENCY", "2": "URGENT", "3": "ELECTIVE",
    "5": "EMERGENCY",
}  # fmt: skip
"""HL7 table 0007, and the admission types of the US uniform bill. Routine says how urgent nothing was, not how it came about."""

CLASSES_V2 = {"E": "EMERGENCY", "I": "INPATIENT", "O": "OUTPATIENT", "R": "OUTPATIENT"}
"""HL7 table 0004; any other letter is handed on and refused by name."""

CLASSES_V3 = {"SS": "OUTPATIENT"}
"""ActCode of HL7 v3 as far as the contract of the feed cannot list it: it knows neither I nor SS, because engines differ on the
capitals of a dotless i and of ß. A short stay ends within a day and is no index stay."""

DIAGNOSIS_SYSTEMS = {
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM", "urn:oid:2.16.840.1.113883.6.90": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10", "urn:oid:2.16.840.1.113883.6.3": "ICD-10",
    "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM", "urn:oid:2.16.840.1.113883.6.103": "ICD-9-CM",
    "http://snomed.info/sct": "SNOMED-CT",
}  # fmt: skip
"""Best first: of the codings of one condition, the first system of this list counts."""

PROCEDURE_SYSTEMS = {
    "http://hl7.org/fhir/sid/icd-10-pcs": "ICD-10-PCS", "http://www.cms.gov/Medicare/Coding/ICD10": "ICD-10-PCS",
    "urn:oid:2.16.840.1.113883.6.4": "ICD-10-PCS",
    "urn:oid:2.16.840.1.113883.6.104": "ICD-9-CM", "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
    "http://www.ama-assn.org/go/cpt": "CPT", "urn:oid:2.16.840.1.113883.6.12": "CPT",
}  # fmt: skip
"""SNOMED CT is not among them: it also names what no score may take for a procedure, such as a talk or a form."""


def is_part_of_a_date(sent: str) -> bool:
    """A year, or a year and a month."""
    return len(sent) in (4, 7) and sent[:4].isdigit() and (len(sent) == 4 or (sent[4] == "-" and sent[5:].isdigit()))


def birth_date(sent: str) -> dict[str, str]:
    """birth_date, and where a year or a month was all that was sent, that the day in its middle is assumed."""
    if not is_part_of_a_date(sent):
        return {"birth_date": sent}
    middle = f"{sent}-07-01" if len(sent) == 4 else f"{sent}-15"
    return {"birth_date": middle, "birth_date_basis": "assumed"}
