"""What lineage says of pages is what the governed door sees when they are opened."""

from __future__ import annotations

import pytest

from pages.frame.navigation import PAGE_CARDS
from pipeline.governance.audit import read_log
from pipeline.serving.lineage import column_lineage, lineage_tasks
from pipeline.serving.page_reads import Question, questions_of_pages
from pipeline.settings import REPOSITORY
from tests.pages.conftest import run_frame, words

ASK_EVERYTHING = {
    "clinical/command_center", "clinical/readmissions", "operations/intake", "operations/pipeline_runs", "trust/data_quality",
    "trust/catalogue",
}  # fmt: skip
"""Pages whose questions do not depend on what they find: others ask some only of a patient or a model that is there."""


@pytest.mark.parametrize("page", PAGE_CARDS)
def test_a_page_asks_only_tables_that_are_read_off_its_code(page, tiny_lake, monkeypatch):
    monkeypatch.setenv("MEDIPULSE_HOME", str(tiny_lake.home))
    app = run_frame("data_steward", patient="P-ada")
    before = len(read_log(tiny_lake.access_log))
    app.switch_page(str(REPOSITORY / "pages" / f"{page}.py"))
    app.query_params["patient"] = "P-ada"
    app.run()
    named = [name for line in read_log(tiny_lake.access_log)[before:] if line["kind"] == "read" for name in line["tables"]]
    seen = {name.partition("@")[0] for name in named if "@" in name}
    told = {table for question in questions_of_pages()[page] for table in question.tables}
    assert seen <= told
    assert seen == told or page not in ASK_EVERYTHING


def test_a_question_names_whole_columns():
    question = Question("select max(heart_rate_sum), t.age_years from gold.t", ("gold.t",))
    assert [question.names(one) for one in ("heart_rate_sum", "age_years", "heart_rate", "sum")] == [True, True, False, False]
    assert Question("select * from gold.t", ("gold.t",)).names("anything")


def test_the_page_leads_from_the_feed_to_the_pages(open_app):
    app = open_app("data_steward", "trust/lineage", table="silver.vital_sets", column="heart_rate_bpm")
    steps = app.dataframe[0].value
    assert "bronze.vital_sets.heart_rate" in set(steps["Made of"])
    assert {"Command center", "Patient"} == set(steps.loc[steps["Way"] == "Shown on", "Column or page"])
    assert "2 feeds" in words(app)


def test_a_table_that_the_role_may_not_read_falls_back_to_one_it_may(open_app):
    app = open_app("analyst", "trust/lineage", table="silver.patients", column="family_name")
    assert not app.exception
    assert "family_name" not in words(app)


def test_the_graph_holds_every_table_on_the_way_and_lets_each_wait_for_what_it_reads(shared_tiny_lake, monkeypatch):
    monkeypatch.setenv("MEDIPULSE_HOME", str(shared_tiny_lake.home))
    tasks = {task.name: task.needs for task in lineage_tasks(column_lineage("gold.index_stays", "length_of_stay_days"))}
    assert {"feed.encounters", "bronze.encounters", "typed.encounters", "silver.stays", "page.clinical/readmissions"} <= set(tasks)
    assert {need for needs in tasks.values() for need in needs} <= set(tasks)
