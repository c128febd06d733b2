"""The tables whose SELECT a deployed model brings, and the definitions of all tables with these in their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeline.catalog.contract import Contract
from pipeline.model.compiled import SCORES, scores_select
from pipeline.model.compiled_bins import BINS, MODEL, TERMS, bins_select, model_select, terms_select
from pipeline.model.deployed import Deployed, deployed_model
from pipeline.settings import Settings

COMPILED = (SCORES, MODEL, TERMS, BINS)
"""The tables whose SELECT a deployed model brings."""


def compiled_selects(model: Deployed, contracts: Mapping[str, Contract]) -> dict[str, str]:
    """The SELECT of each compiled table with this model."""
    return {
        SCORES: scores_select(model.specification, model.version, contracts),
        MODEL: model_select(model),
        TERMS: terms_select(model.specification),
        BINS: bins_select(model.specification),
    }


def contracts_in_force(settings: Settings, contracts: Mapping[str, Contract]) -> dict[str, Contract]:
    """The contracts with the deployed model's SELECTs; as they are shipped where no model may score."""
    model = deployed_model(settings, contracts)
    selects = compiled_selects(model, contracts) if isinstance(model, Deployed) else {}
    return {name: replace(contract, sql=selects.get(name, contract.sql)) for name, contract in contracts.items()}
