"""What the policy promises, as claims over the tiny hospital and its oldest: each says whether it holds when asked."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from pipeline.catalog.contract import load_contracts
from pipeline.errors import AccessDenied, BadRequest, MediPulseError
from pipeline.governance import access, governed
from pipeline.governance import break_glass as glass
from pipeline.governance.audit import read_log
from pipeline.governance.policy import Viewer
from pipeline.governance.pseudonym_key import paddings
from pipeline.governance.secret_file import read_secret
from pipeline.governance.treatments import MASK
from pipeline.lakehouse.reader import open_published
from pipeline.settings import Settings

ANALYST, AUDITOR, CLINICIAN = (Viewer("eve", role) for role in ("analyst", "auditor", "clinician"))

NURSE = Viewer("nina", "triage_nurse", sites=("North",), wards=("Cardiology",))
ELSEWHERE = replace(NURSE, name="ned", wards=("Paediatrics",))
NOWHERE = Viewer("nobody", "triage_nurse")
WHY = "Transferred to my ward tonight"
PSEUDONYM = re.compile("[0-9a-f]{16}")

REFUSED = (
    (ANALYST, "select * from silver.patients"),
    (ANALYST, "select * from gold._stay_history"),
    (CLINICIAN, "select * from bronze.patients"),
    (ANALYST, "select * from main.gold.demographics"),
    (ANALYST, "select * from read_parquet('x.parquet')"),
    (ANALYST, "select getenv('HOME')"),
    (ANALYST, "select 1; select 2"),
    (ANALYST, "select $pseudonym_inner as k, patient_id from gold.high_risk_seniors"),
    (NURSE, "select $own_wards as w, patient_id from silver.encounters"),
    (ANALYST, "drop table gold.demographics"),
    (ANALYST, "select * from duckdb_views, (with duckdb_views as (select 1 as a) select * from duckdb_views) as own"),
    (Viewer("eve", "visitor"), "select * from gold.demographics"),
)


def broken_claims(settings: Settings) -> list[str]:
    """The claims that do not hold now."""
    governed.governed.cache_clear()
    return [name for name, holds in _claims(settings) if not _held(holds)]


def _held(holds: Callable[[], bool]) -> bool:
    try:
        return bool(holds())
    except Exception:  # a claim that cannot even be asked does not hold
        return False


def _claims(settings: Settings) -> Iterator[tuple[str, Callable[[], bool]]]:
    def rows(viewer: Viewer, sql: str):
        return access.read(viewer, sql, purpose="claim", settings=settings)

    def is_refused(viewer: Viewer, sql: str) -> bool:
        try:
            rows(viewer, sql)
        except (AccessDenied, BadRequest):
            return True
        return False

    def refusals_logged() -> bool:
        before = len(read_log(settings.access_log))
        is_refused(ANALYST, "select * from silver.patients")
        return read_log(settings.access_log)[before:][-1]["outcome"] == "denied"

    def reads_logged() -> bool:
        before = len(read_log(settings.access_log))
        rows(CLINICIAN, "select patient_id from gold.high_risk_seniors")
        new = read_log(settings.access_log)[before:]
        return len(new) == 1 and new[0]["tables"][0].startswith("gold.high_risk_seniors@") and new[0]["row_count"] == 1

    def action_refused() -> bool:
        try:
            access.record_action(AUDITOR, "refresh", "claim", settings)
        except AccessDenied:
            return True
        return False

    yield from _claims_about_places(rows, settings)
    yield from _claims_about_what_is_generalised(rows, settings)
    for viewer, sql in REFUSED:
        yield f"{viewer.role} is refused: {sql}", lambda viewer=viewer, sql=sql: is_refused(viewer, sql)
    worklist = "select patient_id, heart_rate_bpm, age_years, ward_name from gold.high_risk_seniors"
    yield "a clinician sees whom it is about", lambda: rows(CLINICIAN, worklist)["patient_id"].tolist() == ["P-ada"]
    yield "an analyst sees a pseudonym", lambda: PSEUDONYM.fullmatch(rows(ANALYST, worklist)["patient_id"].tolist()[0])
    yield "an auditor sees no number of a patient", lambda: rows(AUDITOR, worklist)["patient_id"].tolist() == [MASK]
    yield "an analyst sees values", lambda: rows(ANALYST, worklist)["heart_rate_bpm"].notna().all()
    yield "an auditor sees no value", lambda: rows(AUDITOR, worklist)["heart_rate_bpm"].isna().all()
    yield "an auditor sees no age", lambda: rows(AUDITOR, worklist)["age_years"].isna().all()
    hidden = "select count(*) as n from gold.high_risk_seniors where patient_id = 'P-ada'"
    yield "nobody finds by a number that is masked", lambda: rows(ANALYST, hidden)["n"].tolist() == [0]
    yield "a read is on record with its table and rows", reads_logged
    yield "a refusal is on record", refusals_logged
    yield "an action that the role may not do is refused", action_refused
    yield "what a page shows before a read is masked too", lambda: not access.shows(ANALYST, "gold.index_stays", "patient_id")
    hidden_words, names = re.compile("given_name|Ada|Ash"), "select given_name from silver.patients"
    yield "a refusal tells nothing of what is there", lambda: not hidden_words.search(_refusal(rows, names))


def _claims_about_places(rows: Callable, settings: Settings) -> Iterator[tuple[str, Callable[[], bool]]]:
    def patients(viewer: Viewer, table: str = "silver.patients") -> list[str]:
        return sorted(rows(viewer, f"select distinct patient_id from {table}")["patient_id"])

    def opens_for_one_alone() -> bool:
        glass.break_glass(NURSE, "P-eve", WHY, settings)
        mine, of_another = (patients(replace(viewer, opened=("P-eve",))) for viewer in (NURSE, ELSEWHERE))
        return mine == ["P-ada", "P-eve"] and of_another == ["P-ben"]

    def closes_after_an_hour() -> bool:
        until = glass.break_glass(NURSE, "P-eve", WHY, settings)
        with pytest.MonkeyPatch.context() as later:
            later.setattr(glass, "datetime", _clock_at(until + timedelta(minutes=1)))
            return patients(replace(NURSE, opened=("P-eve",))) == ["P-ada"]

    for table in ("silver.patients", "silver.encounters", "gold.encounter_risks"):
        yield f"a nurse sees her ward in {table}", lambda table=table: patients(NURSE, table) == ["P-ada"]
        yield f"a nurse of no ward sees nobody in {table}", lambda table=table: patients(NOWHERE, table) == []
    yield "a nurse of another ward of the site sees that", lambda: patients(ELSEWHERE) == ["P-ben"]
    yield "nobody is open whom the log does not hold", lambda: patients(replace(NURSE, opened=("P-cy",))) == ["P-ada"]
    yield "breaking the glass opens one patient for one person", opens_for_one_alone
    yield "the glass closes by itself", closes_after_an_hour


def _claims_about_what_is_generalised(rows: Callable, settings: Settings) -> Iterator[tuple[str, Callable[[], bool]]]:
    def keyed() -> bool:
        shown = rows(ANALYST, "select patient_id from gold.high_risk_seniors")["patient_id"].tolist()
        key = hmac.new(read_secret(settings.pseudonym_key_file), b"medipulse pseudonym", hashlib.sha256).digest()
        return shown == [hmac.new(key, b"patient|P-ada", hashlib.sha256).hexdigest()[:16]]

    def birth_years() -> set[int]:
        """As an analyst would see them who could read the table."""
        select = governed.shown(load_contracts()["silver.patients"], "analyst", governed.load_policy()).sql(dialect=governed.ENGINE)
        seen = open_published(settings).query(select, paddings(settings.pseudonym_key_file)).column("birth_date").to_pylist()
        return {day.year for day in seen if day is not None}

    def oldest(viewer: Viewer) -> int:
        return rows(viewer, "select max(age_years) as age_years from gold.encounter_risks")["age_years"].item()

    def in_month(viewer: Viewer) -> list[int]:
        asked = "select count(*) as n from gold.encounter_risks where arrival_month = date '2025-02-01'"
        return rows(viewer, asked)["n"].tolist()

    def months(viewer: Viewer) -> set[object]:
        return set(rows(viewer, "select arrival_month from gold.encounter_risks")["arrival_month"].dropna())

    def oldest_cell(viewer: Viewer) -> list[object]:
        asked = "select max(age_cell_years) as age, max(age_years_sum) as ages, max(heart_rate_sum) as rates"
        return rows(viewer, f"{asked} from gold.age_heart_rate_cells").notna().iloc[0].tolist()

    def highest_cell(viewer: Viewer) -> int:
        return rows(viewer, "select max(age_cell_years) as age from gold.age_heart_rate_cells")["age"].item()

    yield "of a single encounter an analyst sees the year and no month", lambda: months(ANALYST) == {"2025"}
    yield "of a single encounter an auditor sees no date", lambda: months(AUDITOR) == set()
    yield "nobody finds an encounter by a month that is not shown", lambda: in_month(CLINICIAN)[0] > 0 and in_month(ANALYST) == [0]
    yield "nobody over 90 is on the map", lambda: (highest_cell(CLINICIAN), highest_cell(ANALYST)) == (92, 90)
    yield "no cell of one encounter gives back its values", lambda: oldest_cell(ANALYST) == [True, False, False]
    yield "an auditor sees no age on the map", lambda: oldest_cell(AUDITOR) == [False, False, False]
    yield "a pseudonym is made with the key", keyed
    yield "nobody over 90 is seen by age", lambda: (oldest(CLINICIAN), oldest(ANALYST)) == (93, 90)
    yield "no birth year tells an age over 89", lambda: min(birth_years()) > date.today().year - 90 and 2015 in birth_years()


def _clock_at(moment: datetime) -> type[datetime]:
    class Clock(datetime):
        @classmethod
        def now(cls, _zone=None):
            return moment

    return Clock


def _refusal(rows: Callable, sql: str) -> str:
    try:
        rows(ANALYST, sql)
    except MediPulseError as refused:
        return str(refused)
    return "Ada"
