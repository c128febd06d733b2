"""MediPulse: raw hospital files to published Delta tables, and the one governed door to them."""
