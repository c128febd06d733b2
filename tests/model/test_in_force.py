"""With a model deployed, the lineage of a score leads through its features back to the feeds."""

from __future__ import annotations

import pytest

from pipeline.catalog.contract import load_contracts
from pipeline.catalog.lineage import Place, back, forward
from pipeline.governance import metadata
from pipeline.model.compiled import FEATURES, SCORES
from pipeline.model.deployed import deploy
from pipeline.model.in_force import COMPILED, contracts_in_force
from pipeline.settings import load_settings
from tests.model.models import deployable_model

PROBABILITY = Place(SCORES, "readmission_probability")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    settings = load_settings({"MEDIPULSE_HOME": str(tmp_path_factory.mktemp("in_force"))})
    deploy(settings, deployable_model())
    return settings


@pytest.fixture(scope="module")
def known(home):
    return metadata.lineage(home)


def test_without_a_model_the_definitions_are_those_shipped(settings):
    assert contracts_in_force(settings, load_contracts()) == dict(load_contracts())


def test_a_model_brings_the_selects_of_its_tables_and_no_other(home):
    contracts = load_contracts()
    changed = {name for name, one in contracts_in_force(home, contracts).items() if one != contracts[name]}
    assert changed == set(COMPILED)


def test_every_feature_of_the_model_leads_forward_to_the_probability(known):
    for term in deployable_model().specification.terms:
        reached = {step.target for step in forward(known, Place(FEATURES, term.feature))}
        assert {PROBABILITY, Place(SCORES, f"{term.feature}_points")} <= reached


def test_the_probability_leads_back_to_the_feeds(known):
    ends = {source.table for step in back(known, PROBABILITY) for source in step.sources}
    assert FEATURES in ends
    assert {table for table in ends if table.startswith("bronze.")}
