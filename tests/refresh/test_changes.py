"""A refresh with new files changes what they touch and nothing else, and leaves what building anew would give."""

from __future__ import annotations

import pytest

from pipeline.catalog.contract import load_contracts
from pipeline.lakehouse.store import Store
from pipeline.refresh import changed
from pipeline.refresh.run import refresh
from tests.lake import publish_landed, rows_of, versions_of
from tests.refresh.batches import land, published_rows

ADA_AGAIN = {
    "encounter_id": "E-ada-2", "patient_id": "P-ada", "site_name": "North", "ward_name": "Cardiology", "encounter_class": "IMP",
    "admission_type": "URGENT", "arrived_at": "2025-03-10 10:00:00", "discharged_at": "2025-03-12 10:00:00",
    "disposition": "HOME", "updated_at": "2025-03-12 10:00:00",
}  # fmt: skip
PATIENT_UNKNOWN = {"patient_id": "P-unknown", "birth_date": "1990-01-01", "sex": "F", "updated_at": "2025-03-01 00:00:00"}
ADA_CORRECTED = {"patient_id": "P-ada", "birth_date": "2025-03-01", "sex": "F", "updated_at": "2025-03-20 00:00:00"}
SET_OF_A_STRANGER = {
    "encounter_id": "E-stranger", "measured_at": "2025-02-28 10:20:00", "heart_rate": "66", "updated_at": "2025-02-28 10:20:00",
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_batch_is_too_large(monkeypatch):
    monkeypatch.setattr(changed, "CHANGED_SHARE", 1_000)


def test_tables_that_the_batch_does_not_touch_keep_their_version(tiny_lake):
    before = versions_of(tiny_lake)
    refreshed(tiny_lake, {"encounters": [ADA_AGAIN]}, 1)
    after = versions_of(tiny_lake)
    assert after["silver.encounters"] == before["silver.encounters"] + 1
    assert after["silver.patients"] == before["silver.patients"]
    assert after["silver.vital_sets"] == before["silver.vital_sets"]


def test_a_return_changes_the_stay_before_it(tiny_lake):
    refreshed(tiny_lake, {"encounters": [ADA_AGAIN]}, 1)
    stays = rows_of(tiny_lake, "gold.index_stays").set_index("stay_id")
    assert (stays.loc["E-ada", "next_stay_id"], stays.loc["E-ada", "days_to_next_stay"]) == ("E-ada-2", 8)
    assert_same_as_built_anew(tiny_lake)


def test_a_record_that_waited_is_taken_when_its_patient_arrives(tiny_lake):
    refreshed(tiny_lake, {"vital_sets": [SET_OF_A_STRANGER]}, 1)
    assert "E-stranger" not in set(rows_of(tiny_lake, "silver.encounters")["encounter_id"])

    refreshed(tiny_lake, {"patients": [PATIENT_UNKNOWN]}, 2)

    assert "E-stranger" in set(rows_of(tiny_lake, "silver.encounters")["encounter_id"])
    assert "E-stranger" in set(rows_of(tiny_lake, "silver.vital_sets")["encounter_id"])
    assert_same_as_built_anew(tiny_lake)


def test_rows_whose_acceptance_falls_go_into_quarantine_as_they_were_received(tiny_lake):
    refreshed(tiny_lake, {"patients": [ADA_CORRECTED]}, 1)
    refused = rows_of(tiny_lake, "silver.quarantine").set_index(["_file", "_row"])
    assert refused.loc[("encounters_2025q1.csv", 2), "reasons"] == "arrived_at is before the patient was born"
    assert refused.loc[("encounters_2025q1.csv", 2), "row_text"].startswith("E-ada,P-ada,North")
    assert refused.loc[("vital_sets_2025q1.csv", 3), "row_text"].startswith("E-ada,2025-03-02 09:00:00,121")
    assert_same_as_built_anew(tiny_lake)


def test_an_encounter_moves_to_another_patient(tiny_lake):
    moved = {**ADA_AGAIN, "encounter_id": "E-ada", "patient_id": "P-di", "updated_at": "2025-04-01 00:00:00"}
    refreshed(tiny_lake, {"encounters": [moved]}, 1)
    patients = rows_of(tiny_lake, "gold.index_stays").set_index("stay_id")["patient_id"]
    assert patients["E-ada"] == "P-di"
    assert_same_as_built_anew(tiny_lake)


def test_what_a_dead_run_left_in_a_table_is_taken_back(tiny_lake):
    with Store(tiny_lake, load_contracts()) as store:
        current = store.delta("silver.patients").current()
        store.delta("silver.patients").hold_exactly((), (), run_id="run-dead")
    assert len(rows_of(tiny_lake, "silver.patients")) == 0

    refreshed(tiny_lake, {"encounters": [ADA_AGAIN]}, 1)

    assert len(rows_of(tiny_lake, "silver.patients")) == current.row_count
    assert_same_as_built_anew(tiny_lake)


def refreshed(settings, batch, number):
    land(settings, batch, number)
    publish_landed(settings)


def assert_same_as_built_anew(settings):
    after_changes = published_rows(settings)
    assert refresh(settings, requested_by="test", full=True).status == "succeeded"
    for table, rows in published_rows(settings).items():
        assert after_changes[table] == rows, table
