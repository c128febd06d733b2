"""Whatever batches come in whatever order, changing the published tables gives what building them anew gives."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.lakehouse import merge
from pipeline.model.deployed import deploy
from pipeline.refresh import changed, run
from pipeline.refresh.run import refresh
from pipeline.settings import load_settings
from tests.model.models import deployable_model
from tests.refresh.batches import FIRST_BATCH, batches, land, published_rows

EXAMPLES = int(os.environ.get("MEDIPULSE_BATCH_SEQUENCES", "6"))
"""Sequences of batches; each builds a hospital twice. Forty were seen to hold when the change was written."""


@pytest.mark.slow
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(days=batches, rewritten_rows=st.sampled_from([0, 3, 20_000]), promoted_on=st.sampled_from([0, 1, 2]))
def test_changes_and_a_full_rebuild_give_the_same_tables(days, rewritten_rows, promoted_on):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(changed, "CHANGED_SHARE", 1_000)
        patch.setattr(merge, "REWRITTEN_ROWS", max(rewritten_rows, 1))
        home = load_settings({"MEDIPULSE_HOME": folder, "MEDIPULSE_THREADS": "2"})
        land(home, FIRST_BATCH, 0)
        deploy(home, deployable_model(1))
        assert refresh(home, requested_by="test").status == "succeeded"
        with patch.context() as changes_only:
            changes_only.delattr(run, "built_anew")
            for number, day in enumerate(days, start=1):
                land(home, day, number)
                if number == promoted_on:
                    deploy(home, deployable_model(2))
                said = refresh(home, requested_by="test")
                assert said.status in ("succeeded", "unchanged"), said.message
        after_changes = published_rows(home)

        assert refresh(home, requested_by="test", full=True).status == "succeeded"

        rebuilt = published_rows(home)
        assert [row[1] for row in rebuilt["gold.scoring_model"]] == [2 if promoted_on else 1]
        for table, rows in rebuilt.items():
            assert after_changes[table] == rows, table
