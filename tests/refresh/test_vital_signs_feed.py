"""A file of vital signs one at a time beside the tiny hospital: Cy's second visit, where no set was measured, gets one."""

from __future__ import annotations

import pytest

from pipeline.settings import load_settings
from tests.conftest import land_tiny_hospital
from tests.lake import publish_landed, rows_of

VITAL_SIGNS = """\
encounter_id,measured_at,sign,value,unit,updated_at
E-cy-2,2025-03-01 10:30:00,8867-4,88,/min,2025-03-01 10:30:00
E-cy-2,2025-03-01 10:30:00,8310-5,98.6,[degF],2025-03-01 10:30:00
E-cy-2,2025-03-01 10:30:00,spo2,97,stones,2025-03-01 10:30:00
E-cy-2,2025-03-01 10:30:00,8867-4,88,/min,2025-03-01 10:30:00
E-di,2025-02-28 09:05:00,heart_rate,99,/min,2025-02-28 09:05:00
"""


@pytest.fixture(scope="module")
def charted(tmp_path_factory):
    """The tiny hospital, published with one file of single signs."""
    settings = load_settings({"MEDIPULSE_HOME": str(tmp_path_factory.mktemp("charted")), "MEDIPULSE_THREADS": "2"})
    (land_tiny_hospital(settings) / "vital_signs_ward.csv").write_text(VITAL_SIGNS, encoding="utf-8")
    publish_landed(settings)
    return settings


def test_a_set_put_together_stands_beside_the_sent_ones_and_names_no_file(charted):
    sets = rows_of(charted, "silver.vital_sets", sort_by=["encounter_id", "measured_at"])
    assembled = sets[sets["_file"].isna()]
    assert assembled[["encounter_id", "heart_rate_bpm", "temperature_c"]].astype(str).values.tolist() == [
        ["E-cy-2", "88.00", "37.00"]
    ]
    assert float(sets.set_index("encounter_id").loc["E-di", "heart_rate_bpm"]) == 72


def test_the_ledger_counts_single_signs_for_their_own_feed_alone(charted):
    ledger = rows_of(charted, "ops.row_ledger")
    counted = ["received_count", "accepted_count", "quarantined_count", "duplicate_count", "superseded_count"]
    silver = ledger[ledger["layer"] == "silver"].set_index("table_name")[counted]
    assert silver.loc["silver.vital_signs"].tolist() == [5, 3, 1, 1, 0]
    assert silver.loc["silver.vital_sets"].tolist() == [8, 6, 2, 0, 0]


def test_the_latest_set_of_a_visit_may_be_one_put_together(charted):
    risks = rows_of(charted, "gold.encounter_risks").set_index("encounter_id")
    assert risks.loc["E-cy-2", "measured_at"].strftime("%H:%M") == "10:30"
