"""What was worked out for one viewer serves the next who got the same answers, under the next one's own name, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
import pytest

from pipeline.governance import access
from pipeline.governance.access import Answer
from pipeline.governance.audit import read_log
from pipeline.governance.policy import Viewer
from pipeline.refresh.run import refresh
from pipeline.serving import command_center as center
from pipeline.serving.center_questions import Answers
from pipeline.serving.command_center import command_center
from pipeline.serving.filters import Filters
from pipeline.serving.kept import Kept, kept_for_all_who_see_the_same
from pipeline.serving.released.center_counts import released_counts as released
from tests.serving.conftest import NOON

ANALYST = Viewer("looks meanwhile", "analyst")


@pytest.fixture(autouse=True)
def home(tiny_lake, monkeypatch):
    monkeypatch.setenv("MEDIPULSE_HOME", str(tiny_lake.home))
    return tiny_lake


def answers(**changed: Answer | None) -> Answers:
    names = ("demographics", "vitals", "arrivals", "ledger", "cells", "checks", "size", "listed")
    return Answers(**dict.fromkeys(names) | changed)


def answer(rows: pa.Table, role: str = "clinician", masked: tuple[str, ...] = ()) -> Answer:
    return Answer(rows, role, masked)


def test_the_next_viewer_gets_the_same_panels_under_the_own_name():
    first = command_center(Viewer("first", "clinician"), Filters(), NOON)
    second = command_center(Viewer("second", "clinician"), Filters(), NOON + timedelta(minutes=1))
    assert second.volume is first.volume
    assert (first.provenance.viewer_name, second.provenance.viewer_name) == ("first", "second")
    assert second.provenance.generated_at == NOON + timedelta(minutes=1)


def test_every_read_of_the_next_viewer_is_on_record(home):
    for name in ("first", "second"):
        command_center(Viewer(name, "clinician"), Filters(), NOON)
    reads = [(line["viewer"], tuple(line["tables"])) for line in read_log(home.access_log) if line["kind"] == "read"]
    of = {name: [tables for viewer, tables in reads if viewer == name] for name in ("first", "second")}
    assert of["first"] == of["second"] != []


@pytest.mark.parametrize(
    ("viewer", "filters"),
    [
        (Viewer("other", "analyst"), Filters()),
        (Viewer("other", "auditor"), Filters()),
        (Viewer("other", "triage_nurse", sites=("North",), wards=("Cardiology",)), Filters()),
        (Viewer("other", "clinician"), Filters(site_name="North")),
        (Viewer("other", "clinician"), Filters(period="1 month")),
    ],
)
def test_another_role_place_or_choice_is_worked_out_anew(viewer, filters):
    known = command_center(Viewer("first", "clinician"), Filters(), NOON)
    assert command_center(viewer, filters, NOON).volume is not known.volume


def test_after_another_publication_nothing_of_the_one_before_is_shown(home):
    before = command_center(Viewer("first", "clinician"), Filters(), NOON)
    (home.landing / "encounters_late.csv").write_text(
        "encounter_id,patient_id,site_name,ward_name,encounter_class,admission_type,arrived_at,discharged_at,disposition,updated_at\n"
        "E-late,P-di,South,Clinic,AMB,ELECTIVE,2025-03-03 09:00:00,2025-03-03 10:00:00,HOME,2025-03-03 10:00:00\n",
        encoding="utf-8",
    )
    assert refresh(home, requested_by="test").status == "succeeded"
    after = command_center(Viewer("second", "clinician"), Filters(), NOON)
    assert after.volume["encounter_count"].sum() == before.volume["encounter_count"].sum() + 1


def test_what_was_read_while_a_publication_came_is_not_kept_for_the_new_one(monkeypatch):
    current, released_for = access.publication(ANALYST), []
    before = replace(current, number=current.number - 1, run_id="run-before")
    seen = iter([before])
    monkeypatch.setattr(access, "publication", lambda viewer: next(seen, current))
    monkeypatch.setattr(
        center, "released_counts", lambda *asked, **said: released_for.append(asked[-1]) or released(*asked, **said)
    )
    command_center(ANALYST, Filters(), NOON)
    assert [number for _, number, _ in released_for] == [before.number, current.number]


def test_a_release_serves_everybody_of_a_role_and_its_places_and_nobody_else():
    release = kept_for_all_who_see_the_same(lambda viewer, number: object())
    made = release(Viewer("one", "analyst"), 1)
    assert release(Viewer("two", "analyst"), 1) is made
    others = [(Viewer("one", "auditor"), 1), (Viewer("one", "analyst", sites=("North",)), 1), (Viewer("one", "analyst"), 2)]
    assert made not in [release(*other) for other in others]


def test_rows_that_are_alike_and_not_the_same_are_not_taken_for_each_other():
    kept, alike = Kept(), [answer(pa.table({"n": [1]})) for _ in range(2)]
    made = [kept.of(answers(cells=one), "view", lambda: object()) for one in (*alike, alike[0])]
    assert made[0] is made[2] is not made[1]


@pytest.mark.parametrize("other", [answer, lambda rows: answer(rows, "analyst"), lambda rows: answer(rows, masked=("gold.a.b",))])
def test_a_role_or_a_mask_makes_another_view(other):
    rows, kept = pa.table({"n": [1]}), Kept()
    made = kept.of(answers(cells=answer(rows)), "view", lambda: object())
    assert (kept.of(answers(cells=other(rows)), "view", lambda: object()) is made) == (other is answer)


def test_the_view_that_was_asked_for_longest_ago_makes_room():
    rows, kept = pa.table({"n": [1]}), Kept(most=2)
    given = answers(cells=answer(rows))
    first, second = (kept.of(given, view, lambda: object()) for view in ("first", "second"))
    assert kept.of(given, "first", lambda: object()) is first
    kept.of(given, "third", lambda: object())
    assert kept.of(given, "first", lambda: object()) is first
    assert kept.of(given, "second", lambda: object()) is not second
