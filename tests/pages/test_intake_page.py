"""The intake page: what a file would give, putting it in, the rows to send back; names from outside stay text."""

from __future__ import annotations

import pytest

from pages.frame import refresh as refresh_panel
from pipeline.governance.audit import read_log
from tests.conftest import ENCOUNTERS, VITAL_SETS
from tests.lake import rows_of
from tests.pages.conftest import run_frame, words

PAGE = "operations/intake"


@pytest.fixture
def lake(tiny_lake, monkeypatch):
    """A copy of the tiny hospital that a test may change."""
    monkeypatch.setenv("MEDIPULSE_HOME", str(tiny_lake.home))
    return tiny_lake


@pytest.fixture
def started(monkeypatch) -> list[str]:
    """Who asked for a run; none is started."""
    asked: list[str] = []
    monkeypatch.setattr(refresh_panel.launch, "start", lambda settings, by: asked.append(by) or "run-2")
    return asked


def put(app, *files: tuple[str, str]):
    """Drops files into the browser's list."""
    return app.file_uploader[0].set_value([(name, text.encode(), "text/csv") for name, text in files]).run()


def test_the_page_lists_files_reasons_and_refused_rows(lake):
    app = run_frame("data_steward", PAGE)
    said = words(app)
    assert "encounters_2025q1.csv" in said
    assert "8 rows were refused" in said
    assert "E-backwards" in said


def test_a_file_is_shown_with_what_it_would_give_before_it_is_taken(lake, started):
    app = put(run_frame("data_steward", PAGE), ("vital_sets_new.csv", VITAL_SETS))
    assert "Read as it is. 7 of 8 rows would be accepted, judged on the whole file." in words(app)
    assert started == []
    assert not (lake.landing / "vital_sets_new.csv").exists()


def test_a_file_is_looked_at_once_and_not_at_every_run_of_the_page(lake):
    app = put(run_frame("data_steward", PAGE), ("vital_sets_new.csv", VITAL_SETS))
    app.run().run()
    assert [line["purpose"] for line in read_log(lake.access_log) if line["action"] == "land"] == ["Preview of vital_sets_new.csv"]


def test_only_files_that_can_be_read_are_put_in_and_then_the_refresh_begins(lake, started):
    app = put(run_frame("data_steward", PAGE), ("vital_sets_new.csv", VITAL_SETS), ("encounters_cut.csv", ENCOUNTERS[:300]))
    assert "It would be refused." in words(app)
    assert "1 file is left out." in words(app)
    app.button(key="intake_put_in_button").click().run()
    assert started == ["demo"]
    assert (lake.landing / "vital_sets_new.csv").read_text(encoding="utf-8") == VITAL_SETS
    assert not (lake.landing / "encounters_cut.csv").exists()
    assert "Put in: vital_sets_new.csv." in words(app)
    assert [button.key for button in app.button if button.key == "intake_put_in_button"] == []


def test_a_name_from_outside_is_text_and_no_markup(lake):
    name = "encounters_![x](http://tracker/p.png).csv"
    app = put(run_frame("data_steward", PAGE), (name, ENCOUNTERS))
    markdown = [one.value for kind in (app.markdown, app.caption, app.subheader) for one in kind]
    assert [text for text in markdown if "tracker" in text] == []
    assert "encounters_" in words(app)


def test_refused_rows_are_chosen_by_reason_and_file(lake):
    app = run_frame("data_steward", PAGE)
    app.selectbox(key="intake_file").set_value("patients.csv").run()
    assert "1 row was refused" in words(app)
    assert "No,Body" in words(app)
    assert "E-backwards" not in words(app)
    assert [line["purpose"] for line in read_log(lake.access_log)].count("Refused rows") >= 2


def test_a_file_whose_mapping_was_mended_is_read_again_on_request(lake, started):
    app = run_frame("data_steward", PAGE)
    app.selectbox(key="intake_file").set_value("patients.csv").run()
    app.button(key="intake_again|patients.csv").click().run()
    assert started == ["demo"]
    assert "taken back" in set(rows_of(lake, "ops.files")["status"])
    assert [line["purpose"] for line in read_log(lake.access_log) if line["action"] == "reprocess"] == ["Read patients.csv again"]
