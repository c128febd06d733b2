"""FHIR R4 as a sender: Bundles and bulk-export NDJSON become canonical records, and what is not used is counted."""
