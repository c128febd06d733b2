"""A promotion costs the scoring and nothing else; without a model, or with one that is refused, the rules carry on."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pipeline.lakehouse.publication import read_publication
from pipeline.model.deployed import deploy, withdraw
from pipeline.model.in_force import COMPILED
from pipeline.model.specification import GoldenRow
from pipeline.refresh import run
from pipeline.refresh.run import refresh
from tests.conftest import ENCOUNTERS
from tests.lake import rows_of
from tests.model.models import promoted, small_model
from tests.refresh.batches import published_rows

FOLLOWS_THE_MODEL = {*COMPILED, "gold.score_calibration"}
RECORDS = {"ops.check_results", "ops.row_ledger"}
MODEL = small_model()
ADA = -2.0 + 0.125 + 0.0
"""75 and sent home: the second bin of age, the first of disposition."""


def test_without_a_model_every_stay_says_so_and_the_rules_stand(tiny_lake):
    assert _statuses(tiny_lake) == {"E-ada": "not scored: no model has been promoted", "E-eve": "not applicable: still in hospital"}
    assert rows_of(tiny_lake, "gold.stay_scores")["lace_score"].notna().any()
    assert _failed_warnings(tiny_lake) == []


def test_a_promoted_model_scores_at_the_next_refresh(tiny_lake):
    deploy(tiny_lake, promoted(MODEL, 3))
    assert refresh(tiny_lake, requested_by="test").status == "succeeded"
    ada = rows_of(tiny_lake, "gold.risk_scores").set_index("stay_id").loc["E-ada"]
    assert (ada["score_status"], ada["model_version"], float(ada["log_odds"])) == ("scored", 3, ADA)
    assert refresh(tiny_lake, requested_by="test").status == "unchanged"


def test_a_promotion_gives_new_versions_only_to_what_reads_the_scores(tiny_lake):
    for version, model in ((1, MODEL), (2, small_model(0.9))):
        before = read_publication(tiny_lake.publication_file).versions
        deploy(tiny_lake, promoted(model, version))
        assert refresh(tiny_lake, requested_by="test").status == "succeeded"
        after = read_publication(tiny_lake.publication_file).versions
        assert {table for table in after if after[table] != before[table]} == FOLLOWS_THE_MODEL | RECORDS


def test_a_withdrawn_model_scores_no_more(tiny_lake):
    before = published_rows(tiny_lake)
    deploy(tiny_lake, promoted(MODEL))
    refresh(tiny_lake, requested_by="test")
    withdraw(tiny_lake)
    assert refresh(tiny_lake, requested_by="test").status == "succeeded"
    assert published_rows(tiny_lake) == before


def test_a_file_that_was_touched_is_refused_in_words_and_the_rest_is_published(tiny_lake):
    deploy(tiny_lake, promoted(MODEL))
    path = tiny_lake.champion_file
    path.write_text(path.read_text(encoding="utf-8").replace('"version": 1', '"version": 2'), encoding="utf-8")
    assert refresh(tiny_lake, requested_by="test").status == "succeeded"
    because = "its file was changed after it was promoted. Promote a model again: python -m pipeline models"
    assert _statuses(tiny_lake)["E-ada"] == f"not scored: the promoted model was refused: {because}"
    assert _failed_warnings(tiny_lake) == ["gold.risk_scores"]
    assert refresh(tiny_lake, requested_by="test").status == "unchanged"


def test_a_model_that_this_engine_scores_otherwise_is_refused_once(tiny_lake):
    deploy(tiny_lake, promoted(replace(MODEL, golden_rows=(GoldenRow({"age_years": 70.0}, 0.5),))))
    assert refresh(tiny_lake, requested_by="test").status == "succeeded"
    assert "1 of its 1 golden rows come out differently here" in _statuses(tiny_lake)["E-ada"]
    assert refresh(tiny_lake, requested_by="test").status == "unchanged"


@pytest.mark.parametrize("is_promoted_with_them", [False, True], ids=["before new files", "with new files"])
def test_new_files_and_a_model_give_what_a_full_rebuild_gives(is_promoted_with_them, tiny_lake, monkeypatch):
    deploy(tiny_lake, promoted(MODEL))
    refresh(tiny_lake, requested_by="test")
    if is_promoted_with_them:
        deploy(tiny_lake, promoted(small_model(0.9), 2))
    _land_another_stay(tiny_lake)
    with monkeypatch.context() as changes_only:
        changes_only.delattr(run, "built_anew")
        changes_only.setattr("pipeline.refresh.changed.CHANGED_SHARE", 1_000)
        assert refresh(tiny_lake, requested_by="test").status == "succeeded"
    changed = published_rows(tiny_lake)
    assert _statuses(tiny_lake)["E-di-2"] == "scored"
    assert refresh(tiny_lake, requested_by="test", full=True).status == "succeeded"
    assert published_rows(tiny_lake) == changed


def test_a_publication_of_an_older_version_is_read_and_scored(tiny_lake):
    path = tiny_lake.publication_file
    said = json.loads(path.read_text(encoding="utf-8"))
    said.pop("scoring")
    path.write_text(json.dumps(said), encoding="utf-8")
    assert read_publication(path).scoring == ""
    assert refresh(tiny_lake, requested_by="test").status == "succeeded"
    assert read_publication(path).scoring == "no model"


def _statuses(settings) -> dict[str, str]:
    rows = rows_of(settings, "gold.risk_scores")
    return dict(zip(rows["stay_id"], rows["score_status"], strict=True))


def _failed_warnings(settings) -> list[str]:
    checks = rows_of(settings, "ops.check_results")
    return list(checks[(checks["result"] == "failed") & checks["table_name"].str.startswith("gold.risk_scores")]["table_name"])


def _land_another_stay(settings) -> None:
    header = ENCOUNTERS.splitlines()[0]
    line = "E-di-2,P-di,South,Surgery,IMP,ELECTIVE,2025-03-03 09:00:00,2025-03-05 10:00:00,HOME,2025-03-05 10:00:00"
    (settings.landing / "encounters_2025q2.csv").write_text(f"{header}\n{line}\n", encoding="utf-8")
