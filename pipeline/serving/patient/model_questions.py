"""What is asked of the published tables about the deployed readmission model. Nothing here is about one patient."""

from __future__ import annotations

TERMS = """
select feature, points, row_count from gold.model_terms
"""
CALIBRATION = """
select band_name, sum(mature_count) as mature_count, sum(expected_count) as expected_count,
    sum(readmission_count) as readmission_count
from gold.score_calibration group by band_name
"""
