"""Reading FHIR R4."""
