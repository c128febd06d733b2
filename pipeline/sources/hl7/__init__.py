"""HL7 v2 as a sender: files of ADT and ORU messages become canonical records, and what is not used is counted."""
