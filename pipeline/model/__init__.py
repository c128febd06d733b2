"""The readmission model: trained and judged here, kept in a registry, carried out as SQL by the refresh."""
