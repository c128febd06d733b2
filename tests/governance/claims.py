"""What the policy promises, as claims over the tiny hospital: each says whether it holds when it is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pipeline.errors import AccessDenied, BadRequest, MediPulseError
from pipeline.governance import access, governed
from pipeline.governance.audit import read_log
from pipeline.governance.policy import Viewer
from pipeline.governance.treatments import MASK
from pipeline.settings import Settings

ANALYST, AUDITOR, CLINICIAN = (Viewer("eve", role) for role in ("analyst", "auditor", "clinician"))

PSEUDONYM = re.compile("[0-9a-f]{16}")

REFUSED = (
    (ANALYST, "select * from silver.patients"),
    (ANALYST, "select * from gold._stay_history"),
    (CLINICIAN, "select * from bronze.patients"),
    (ANALYST, "select * from main.gold.demographics"),
    (ANALYST, "select * from read_parquet('x.parquet')"),
    (ANALYST, "select getenv('HOME')"),
    (ANALYST, "select 1; select 2"),
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


def _refusal(rows: Callable, sql: str) -> str:
    try:
        rows(ANALYST, sql)
    except MediPulseError as refused:
        return str(refused)
    return "Ada"
