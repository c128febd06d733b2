"""The patient page shows one patient to the roles that may open it, and nothing of anybody to the others."""

from __future__ import annotations

import json
import re

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.frame import show_patient
from pages.frame.demo_place import PLACE_KEY
from pages.frame.patient_link import may_open_patient
from pages.frame.plain import WORD_JOINER, plain
from pages.frame.viewer import ROLE_KEY
from pipeline.governance import access
from pipeline.governance.audit import read_log
from pipeline.governance.policy import load_policy
from pipeline.governance.treatments import MASK
from pipeline.serving.patient import NO_NUMBER, NO_SUCH_PATIENT, NOT_A_NUMBER, NOT_OF_YOUR_PLACES, PURPOSE
from pipeline.settings import REPOSITORY
from tests.pages.conftest import FRAME, WAIT_SECONDS, words

PAGE = "clinical/patient"
ROLES = load_policy().roles
WITH_PAGE = [role for role in ROLES if PAGE in load_policy().pages(role)]
WITHOUT_PAGE = [role for role in ROLES if role not in WITH_PAGE]
NAMES = re.compile(r"\bP-(ada|ben|cy|di|eve)\b|\b(Ash|Oak|Elm|Fir|Yew)\b")


def tables(app) -> str:
    return "\n".join(table.value.to_csv() for table in (*app.table, *app.dataframe))


@pytest.mark.parametrize("role", WITH_PAGE)
def test_a_role_with_the_page_opens_a_patient_by_the_address(open_app, role):
    app = open_app(role, PAGE, patient="P-ada")
    assert not app.exception
    assert not app.error
    assert "Ada Ash" in words(app)
    assert app.text_input(key="patient").value == "P-ada"


@pytest.mark.parametrize("role", WITHOUT_PAGE)
def test_the_address_shows_a_role_without_the_page_no_patient(open_app, role):
    assert not NAMES.search(words(open_app(role, patient="P-ada")))
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        open_app(role, PAGE, patient="P-ada")


@pytest.mark.parametrize("role", WITHOUT_PAGE)
def test_the_page_refuses_a_role_without_it_even_past_the_menu(open_app, monkeypatch, role):
    monkeypatch.setattr("pages.frame.navigation.load_policy", lambda: MenuOfEverything())
    app = open_app(role, PAGE, patient="P-ada")
    assert "may not open this page" in words(app)
    assert not NAMES.search(words(app))


class MenuOfEverything:
    """A menu that offers both pages to everybody, which the page itself must not believe."""

    def pages(self, role: str) -> tuple[str, ...]:
        return "clinical/command_center", PAGE


def test_without_a_number_the_page_asks_for_one(open_app):
    app = open_app("clinician", PAGE)
    assert [info.value for info in app.info] == [NO_NUMBER]
    assert "not a medical device" in words(app)


def test_a_number_typed_in_opens_the_patient(open_app):
    app = open_app("clinician", PAGE)
    app.text_input(key="patient").input("P-eve").run()
    assert "Eve Yew" in words(app)


@pytest.mark.parametrize(
    "number",
    ["P-unknown", "<script>alert(1)</script>", "P-ada' or '1'='1", "$patient_id", "%", "p-ada", "P-ada;"],
)
def test_a_number_nobody_has_is_one_sentence(open_app, number):
    app = open_app("clinician", PAGE, patient=number)
    assert [info.value for info in app.info] in ([NO_SUCH_PATIENT], [NOT_A_NUMBER])
    assert not app.exception
    assert not NAMES.search(words(app))


@pytest.mark.parametrize("number", ["x" * 10_000, "P-ada" + " " * 200 + "x", "P-\x00ada", "P-\u202eada", "\n\n\tP\nx"])
def test_a_text_that_is_no_number_is_refused_before_anything_is_asked(open_app, monkeypatch, number):
    asked = []
    # The first page reads before the patient page is opened, so only what this page asks is counted.
    real = access.read
    monkeypatch.setattr(access, "read", lambda *rest, **named: asked.append(named["purpose"]) or real(*rest, **named))
    app = open_app("clinician", PAGE, patient=number)
    assert [info.value for info in app.info] == [NOT_A_NUMBER]
    assert PURPOSE not in asked


def test_an_adult_reads_news2_opened_into_its_parameters(open_app):
    app = open_app("clinician", PAGE, patient="P-ada")
    said = words(app)
    assert "Risk level :red[◆ **High**] · NEWS2 14" in said.replace("\\", "")
    news2 = app.table[0].value
    assert list(news2["Points"]) == ["3", "3", "2", "3", "2", "0", "1"]
    assert list(news2["Band"])[:2] == ["25 and over", "91 and under"]
    assert "Royal College of Physicians 2017" in said
    assert "advises against qSOFA as the sole screen" in said
    assert "beta- or calcium-channel blockers" in said


def test_a_child_has_rates_for_age_and_no_adult_score(open_app):
    app = open_app("clinician", PAGE, patient="P-ben")
    said = words(app).replace("\\", "")
    assert "**Severity for age** · Over 3 SD" in said
    assert "**Hypotension for age** · 0 of 1 measured · Not computable: missing systolic blood pressure" in said
    assert "**NEWS2** · Not applicable: under 16" in said
    assert "**qSOFA** · Not applicable: under 18" in said
    assert "no band under 16" in " ".join(tile.delta for tile in app.metric)
    assert list(app.table[0].value.columns) == ["Sign", "Value", "From median", "10th–90th centile"]
    assert len(app.table) == 1


def test_the_stay_says_why_it_counts_and_opens_its_scores(open_app):
    app = open_app("clinician", PAGE, patient="P-ada")
    said, shown = words(app).replace("\\", ""), tables(app)
    assert "Principal diagnosis: I50.9 Heart failure." in said
    assert "**LACE** · 8 of 19 · Moderate · below the usual cut of 10, not above 10.6 for the age" in said
    assert "Partial: emergency visits known only from 2025-02-" in said
    assert "HOSPITAL, 2016" in said
    assert "Congestive heart failure" in shown
    assert "5 of 5 outside the limits" in said
    assert "**Readmission model** · Not scored: no model has been promoted" in said


def test_codes_results_and_encounters_are_listed_with_units(open_app):
    shown = tables(open_app("clinician", PAGE, patient="P-ada"))
    assert "Echocardiogram" in shown
    assert "112,g/L,11.2 g/dL" in shown
    assert "Charlson: Congestive heart failure" in shown


def test_a_patient_in_hospital_is_said_to_be_there(open_app):
    assert "In hospital now: Respiratory, South" in words(open_app("clinician", PAGE, patient="P-eve")).replace("\\", "")


def test_every_read_of_the_page_is_in_the_log_with_its_purpose_and_no_patient(open_app, shared_tiny_lake):
    before = len(read_log(shared_tiny_lake.access_log))
    open_app("data_steward", PAGE, patient="P-di")
    lines = [line for line in read_log(shared_tiny_lake.access_log)[before:] if line["purpose"] == PURPOSE]
    assert len(lines) == 9
    assert {line["outcome"] for line in lines} == {"allowed"}
    assert "P-di" not in json.dumps(lines)


@pytest.mark.parametrize("role", WITH_PAGE)
def test_the_record_leaves_as_json_only_recorded(open_app, shared_tiny_lake, monkeypatch, role):
    built = {}
    monkeypatch.setattr(
        show_patient.st, "download_button", lambda _, data, name, *rest, key, **named: built.update({key: (data, name)})
    )
    open_app(role, PAGE, patient="P-ada")
    build, name = built["export|Patient|json"]
    record = json.loads(build())
    assert record["person"]["family_name"] == "Ash"
    assert len(record["vital_sets"]) == 2
    assert "P-ada" not in name
    assert read_log(shared_tiny_lake.access_log)[-1]["purpose"] == "Patient as json"


@pytest.mark.parametrize("role", [role for role in ROLES if "clinical/command_center" in load_policy().pages(role)])
def test_the_worklist_offers_the_patient_only_to_roles_with_the_page(open_app, role):
    labels = [button.label for button in open_app(role, "clinical/command_center").button]
    assert ("Open patient" in labels) == (role in WITH_PAGE)


def test_a_card_of_the_worklist_opens_the_patient(open_app):
    app = open_app("clinician", "clinical/command_center")
    app = next(button for button in app.button if button.label == "Open patient").click().run()
    assert [title.value for title in app.title] == ["Patient"]
    assert "Ada Ash" in words(app)


def test_a_masked_patient_cannot_be_opened(monkeypatch):
    monkeypatch.setitem(show_patient.st.session_state, "frame_role", "clinician")
    assert may_open_patient("P-ada")
    assert not may_open_patient(MASK)
    assert not may_open_patient(None)


@pytest.mark.parametrize("text", ["**b** [x](http://x) :red[y] ![i](j) `c` <b> $a$ #h ~~s~~ a_b_ | 1. - x", "Ward :material/bolt:"])
def test_a_text_from_a_sender_is_never_markdown(text):
    escaped = plain(text)
    assert escaped.replace("\\", "").replace(WORD_JOINER, "") == text
    assert not re.search(r"(?<!\\)[*_\[\]()<>`$#~|:]", escaped)


def of_ward(site: str, ward: str) -> AppTest:
    """The page of Eve, who lies on Respiratory, opened by a nurse of a ward."""
    st.cache_data.clear()
    app = AppTest.from_file(str(FRAME), default_timeout=WAIT_SECONDS)
    app.session_state[ROLE_KEY], app.session_state[PLACE_KEY] = "triage_nurse", (site, ward)
    app.query_params["patient"] = "P-eve"
    return app.run().switch_page(str(REPOSITORY / "pages" / f"{PAGE}.py")).run()


def test_a_nurse_opens_a_patient_of_her_ward_and_none_of_another(open_app):
    assert "Eve Yew" in words(of_ward("South", "Respiratory"))
    said = words(of_ward("North", "Cardiology"))
    assert NOT_OF_YOUR_PLACES in said and "Yew" not in said


def test_a_nurse_is_told_that_the_record_is_of_her_own_places_until_she_opens_the_whole(open_app, tiny_lake, monkeypatch):
    monkeypatch.setenv("MEDIPULSE_HOME", str(tiny_lake.home))
    app = of_ward("South", "Respiratory")
    missing = "What happened elsewhere is missing"
    assert missing in words(app) and "Opened by breaking the glass" not in words(app)
    app.text_input[-1].input("Came with letters of another ward")
    app.button(key="FormSubmitter:break_glass-Break the glass").click().run()
    assert missing not in words(app) and "Opened by breaking the glass" in words(app)


def test_a_role_that_sees_everybody_reads_whole_records(open_app):
    assert "What happened elsewhere is missing" not in words(open_app("clinician", PAGE, patient="P-eve"))


def test_breaking_the_glass_with_a_reason_opens_the_patient_and_says_so(open_app, tiny_lake, monkeypatch):
    monkeypatch.setenv("MEDIPULSE_HOME", str(tiny_lake.home))
    app = of_ward("North", "Cardiology")
    app.text_input[-1].input("Transferred to my ward tonight")
    app.button(key="FormSubmitter:break_glass-Break the glass").click().run()
    said = words(app)
    assert "Eve Yew" in said and "Opened by breaking the glass" in said
    assert [line["kind"] for line in read_log(tiny_lake.access_log)].count("break-glass") == 1


def test_the_glass_does_not_break_without_a_reason(open_app, tiny_lake, monkeypatch):
    monkeypatch.setenv("MEDIPULSE_HOME", str(tiny_lake.home))
    app = of_ward("North", "Cardiology")
    app.button(key="FormSubmitter:break_glass-Break the glass").click().run()
    said = words(app)
    assert "needs a reason in words" in said and "Yew" not in said


def test_a_role_that_sees_everybody_is_offered_no_glass(open_app):
    assert "Break the glass" not in words(open_app("clinician", PAGE, patient="P-unknown"))
