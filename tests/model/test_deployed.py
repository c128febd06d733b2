"""The deployed model is read whole or refused in a sentence; promoting and withdrawing are one step each."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pipeline.lakehouse.duck import Duck
from pipeline.model.deployed import Deployed, Refusal, _fingerprint, deploy, deployed_model, withdraw
from pipeline.model.golden_rows import refused_by_engine
from pipeline.model.specification import CATEGORY, GoldenRow, from_json
from pipeline.settings import load_settings
from tests.model.models import CONTRACTS, drawn_model, drawn_stays, promoted, small_model, with_golden_rows

SMALL = small_model()
AGE, PLACE = SMALL.terms
REFUSED = [
    (replace(SMALL, features_fingerprint="older"), "it was trained on features as they were defined before"),
    (replace(SMALL, terms=(replace(AGE, feature="next_stay_id"),)), "it uses next_stay_id, which is no feature"),
    (replace(SMALL, terms=(replace(AGE, feature="patient_id"),)), "it uses patient_id, which is no feature"),
    (replace(SMALL, terms=(replace(AGE, kind=CATEGORY, cuts=()),)), "it takes age_years for a category, which it is not"),
    (replace(SMALL, terms=(replace(PLACE, kind="sum"),)), "it takes disposition for a sum, which it is not"),
    (replace(SMALL, terms=(replace(AGE, points=AGE.points[:-1]),)), "the bins of age_years do not fit together"),
    (replace(SMALL, terms=(replace(AGE, cuts=(80.0, 65.0)),)), "the bins of age_years do not fit together"),
    (replace(SMALL, terms=(replace(AGE, points=(0.0, 0.0, 0.0, float("nan"))),)), "the bins of age_years do not fit together"),
    (replace(SMALL, terms=(replace(AGE, points=(0.0, 0.0, 0.0, 1e9)),)), "the bins of age_years do not fit together"),
    (replace(SMALL, terms=(AGE, AGE)), "it names a feature twice"),
    (replace(SMALL, intercept=float("inf")), "its intercept is no number of log-odds"),
]


def test_without_a_promotion_there_is_no_model(settings):
    assert deployed_model(settings, CONTRACTS) is None
    assert not withdraw(settings)


def test_a_promoted_model_is_read_back_as_it_was_promoted(settings):
    deploy(settings, promoted(SMALL, 3))
    assert deployed_model(settings, CONTRACTS) == promoted(SMALL, 3)


def test_a_second_promotion_takes_the_place_of_the_first_and_leaves_no_other_file(settings):
    deploy(settings, promoted(SMALL, 1))
    deploy(settings, promoted(small_model(0.75), 2))
    assert deployed_model(settings, CONTRACTS) == promoted(small_model(0.75), 2)
    assert [path.name for path in settings.champion_file.parent.iterdir()] == ["champion.json"]


def test_a_withdrawn_model_is_gone(settings):
    deploy(settings, promoted(SMALL))
    assert withdraw(settings)
    assert deployed_model(settings, CONTRACTS) is None


@pytest.mark.parametrize(("model", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_a_model_that_does_not_fit_is_refused_with_what_to_do(model, reason, settings):
    deploy(settings, promoted(model))
    refused = deployed_model(settings, CONTRACTS)
    assert isinstance(refused, Refusal)
    assert refused.reason == f"{reason}. Train and promote again: python -m pipeline train"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text.replace('"version": 1', '"version": 9'), "its file was changed after it was promoted"),
        (lambda text: text.replace("-0.25", "-2.5"), "its file was changed after it was promoted"),
        (lambda text: text[:-40], "its file is damaged"),
        (lambda text: "[]", "its file is damaged"),
        (lambda text: "", "its file is damaged"),
        (lambda text: "\x00\xff", "its file is damaged"),
    ],
)
def test_a_file_that_was_touched_is_refused(change, reason, settings):
    deploy(settings, promoted(SMALL))
    path = settings.champion_file
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="latin-1")
    refused = deployed_model(settings, CONTRACTS)
    assert isinstance(refused, Refusal)
    assert reason in refused.reason


def test_a_model_of_another_format_is_refused(settings):
    deploy(settings, promoted(SMALL))
    said = json.loads(settings.champion_file.read_text(encoding="utf-8"))
    said["specification"]["format"] = 2
    deploy_text(settings, said)
    assert "The model was written in another format" in deployed_model(settings, CONTRACTS).reason


def test_an_engine_that_gives_the_golden_rows_may_score():
    model = drawn_model()
    rows = drawn_stays(model, 300).astype("object").where(lambda frame: frame.notna(), None).to_dict("records")
    whole = from_json(with_golden_rows(model, rows).to_json())
    assert refused_by_engine(engine(), promoted(whole), CONTRACTS) is None


@pytest.mark.parametrize("golden", [(), (GoldenRow({"age_years": 70.0}, 0.5),)])
def test_an_engine_that_does_not_give_them_may_not(golden):
    reason = refused_by_engine(engine(), promoted(replace(SMALL, golden_rows=golden)), CONTRACTS)
    assert reason.startswith("1 of its 1 golden rows come out differently" if golden else "it brings no golden rows")


def test_golden_rows_that_are_no_values_of_the_features_are_refused():
    model = replace(SMALL, golden_rows=(GoldenRow({"age_years": "old"}, 0.5),))
    assert refused_by_engine(engine(), promoted(model), CONTRACTS).startswith("its golden rows cannot be scored here")


def test_two_models_that_differ_at_all_have_different_fingerprints():
    same = promoted(SMALL)
    others = [replace(same, version=2), replace(same, promoted_by="Dr Else"), replace(same, specification=small_model(0.6))]
    assert promoted(SMALL).fingerprint == same.fingerprint
    assert len({deployed.fingerprint for deployed in [same, *others]}) == 4
    assert isinstance(same, Deployed)


def engine() -> Duck:
    return Duck.for_builds(load_settings())


def deploy_text(settings, said: dict) -> None:
    """A file whose fingerprint is right, whatever it says."""
    said.pop("fingerprint")
    settings.champion_file.write_text(json.dumps({**said, "fingerprint": _fingerprint(said)}), encoding="utf-8")
