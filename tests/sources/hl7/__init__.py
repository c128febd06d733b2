"""Reading HL7 v2."""
