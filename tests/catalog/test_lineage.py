"""Every column leads back to a column of a feed or of a code list, by steps that the SELECTs themselves tell."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import sqlglot
from sqlglot import exp

from pipeline.catalog.contract import load_contracts
from pipeline.catalog.lineage import Place, Step, back, forward, known_lineage, whole_lineage
from pipeline.catalog.plan import DIALECT, tables_read

CONTRACTS = load_contracts()
BUILT = [contract for contract in CONTRACTS.values() if contract.sql]


@pytest.fixture(scope="module")
def known():
    return whole_lineage(CONTRACTS)


def test_every_column_of_every_select_has_its_step(known):
    missing = [(one.table, column.name) for one in BUILT for column in one.columns if Place(one.table, column.name) not in known]
    assert missing == []


def test_a_step_names_only_columns_that_exist_of_tables_that_the_select_reads(known):
    columns = {name: {column.name for column in one.columns} for name, one in CONTRACTS.items()}
    strange = [
        (step.target, source)
        for contract in BUILT
        for step in known.values()
        if step.target.table == contract.table
        for source in step.sources
        if source.table not in tables_read(contract.sql)
        or (columns.get(source.table) and source.column and source.column not in columns[source.table])
    ]
    assert strange == []


def test_only_what_a_select_writes_as_it_is_comes_from_nowhere(known):
    nowhere = [step for step in known.values() if not step.sources]
    assert Place("silver.code_meanings", "code_kind") in {step.target for step in nowhere}
    assert [step.target for step in nowhere if not is_constant(step)] == []


@pytest.mark.parametrize("table", [one.table for one in BUILT if one.layer == "gold" and not one.is_intermediate])
def test_every_column_of_gold_leads_back_to_a_feed_or_a_code_list_or_is_a_constant(table, known):
    for column in CONTRACTS[table].columns:
        steps = back(known, Place(table, column.name))
        ends = {source for step in steps for source in step.sources if source not in known}
        led_back = [one for one in ends if one.table.startswith(("bronze.", "reference.")) or not one.column]
        assert led_back or any(is_constant(step) for step in steps), column.name


def is_constant(step: Step) -> bool:
    """Whether a SELECT writes it without reading a column, such as what is empty before there is a model."""
    trees = [sqlglot.parse_one(text, dialect=DIALECT) for text in step.expressions]
    return bool(trees) and not any(tree.find(exp.Column) for tree in trees)


def test_the_heart_rate_of_the_worklist_comes_from_the_sent_one_by_named_expressions(known):
    steps = back(known, Place("gold.high_risk_seniors", "heart_rate_bpm"))
    made = {step.target: step for step in steps}
    assert Place("bronze.vital_sets", "heart_rate") in {source for step in steps for source in step.sources}
    assert made[Place("typed.vital_sets", "heart_rate_bpm")].expressions == ("read as decimal(6,2)",)
    assert Place("gold.high_risk_seniors", "heart_rate_bpm") in {
        step.target for step in forward(known, Place("bronze.vital_sets", "heart_rate"))
    }


def test_a_temperature_is_read_with_its_unit(known):
    step = known[Place("typed.vital_sets", "temperature_c")]
    assert step.sources == (Place("bronze.vital_sets", "temperature"), Place("bronze.vital_sets", "temperature_unit"))


def test_back_and_forward_are_each_others_mirror(known):
    place = Place("silver.stays", "admitted_at")
    for step in forward(known, place):
        assert place in {source for one in back(known, step.target) for source in one.sources}


def test_what_was_worked_out_is_kept_until_a_definition_changes(tmp_path):
    table = CONTRACTS["gold.demographics"]
    few = {name: CONTRACTS[name] for name in ("gold.demographics", "gold.encounter_risks")}
    kept_in = tmp_path / "lineage.json"
    first = known_lineage(few, kept_in)
    kept_in.write_text(kept_in.read_text(encoding="utf-8").replace("COUNT(*)", "kept"), encoding="utf-8")
    assert known_lineage(few, kept_in)[Place("gold.demographics", "encounter_count")].expressions == ("kept",)
    changed = {**few, "gold.demographics": replace(table, description="Another.")}
    assert known_lineage(changed, kept_in) == first
    kept_in.write_text("{", encoding="utf-8")
    assert known_lineage(few, kept_in) == first
    assert json.loads(kept_in.read_text(encoding="utf-8"))["steps"]
