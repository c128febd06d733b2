"""The access log in tables and sentences for a reader. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from pipeline.governance.access import OPENED_BY_BREAKING_THE_GLASS
from pipeline.governance.audit_door import FoundRecords
from pipeline.serving.access_log import MOST_LISTED, AccessLog, Sought
from pipeline.serving.access_log.volume import FEWEST_DAYS, FEWEST_READS, UNUSUAL_TIMES, Volume
from pipeline.serving.spreadsheet import as_csv
from pipeline.serving.wording import UNKNOWN, count_text, plural

KIND_WORDS = {
    "read": "Read", "export": "Export", "sign-in": "Sign-in", "sign-out": "Sign-out", "refusal": "✕ Refused",
    "action": "Action", "policy change": "Policy change", "break-glass": "◆ Break-glass", "audit read": "Audit read",
}  # fmt: skip
OPENED_READ = "◆ Read, glass broken"
CSV_COLUMNS = (
    "sequence", "recorded_at", "kind", "viewer", "role", "action", "purpose", "outcome", "reason", "tables", "masked_columns",
    "filters", "row_count", "publication", "patients", "patient_count", "address", "session", "id", "seal",
)  # fmt: skip


def records_table(records: Sequence[Mapping]) -> pd.DataFrame:
    """Time (UTC), What, Viewer, Role, For, Tables, Rows, Patients, From, No.: one line per record."""
    rows = [
        (
            record["recorded_at"][:19].replace("T", " "),
            [_what(record)],
            record["viewer"],
            record["role"].replace("_", " ") or UNKNOWN,
            record["purpose"] if record["action"] in ("read", "audit read") else f"{record['action']}: {record['purpose']}",
            ", ".join(record["tables"]) or record["reason"],
            record["row_count"],
            record["patient_count"],
            record["address"] or UNKNOWN,
            record["sequence"],
        )
        for record in records
    ]
    columns = ["Time (UTC)", "What", "Viewer", "Role", "For", "Tables, or why", "Rows", "Patients", "From", "No."]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"Rows": "Int64", "Patients": "Int64"})


def _what(record: Mapping) -> str:
    """The kind in words; what was read while the glass was broken stands out as breaking it does."""
    return OPENED_READ if record["reason"] == OPENED_BY_BREAKING_THE_GLASS else KIND_WORDS[record["kind"]]


def volumes_table(found: Sequence[Volume]) -> pd.DataFrame:
    """Viewer, Role, Reads today, Refused, Usual own, Usual in role, Weighed: one line per viewer and role of today."""
    rows = [
        (
            one.viewer,
            one.role.replace("_", " ") or UNKNOWN,
            one.read_count,
            one.refusal_count,
            _usual(one.own_usual, one.own_days),
            _usual(one.role_usual, one.role_days),
            ["▲ Unusual" if one.is_unusual else "Usual" if one.own_days >= FEWEST_DAYS else "No habit yet"],
        )
        for one in found
    ]
    return pd.DataFrame(rows, columns=["Viewer", "Role", "Reads today", "Refused", "Own usual day", "Usual in the role", "Weighed"])


def found_caption(found: FoundRecords) -> str:
    """How many records were found, of how many, and how many are listed."""
    listed = f", the newest {count_text(MOST_LISTED)} are listed" if found.found_count > MOST_LISTED else ""
    return f"{plural(found.found_count, 'record', 'records')} of {count_text(found.period_count)} in the period{listed}"


def empty_sentence(sought: Sought, found: FoundRecords) -> str:
    """Why there is no record, and what to do."""
    if not found.period_count:
        return "Nothing was recorded in this period. Choose a longer one."
    if sought.patient_id:
        return "No record of this period names this patient. Choose a longer period, or check the number, letter by letter."
    return "No record of this period is so. Leave a choice out, or choose a longer period."


def patient_sentence(sought: Sought, found: FoundRecords) -> str | None:
    """What a search for a patient cannot tell; None when it tells all."""
    if not sought.patient_id or not found.unnamed_count:
        return None
    records = plural(found.unnamed_count, "record", "records")
    return f"{records} of this period concern more than 50 patients each and name none of them: this patient may be among those."


def unusual_sentences(found: AccessLog) -> list[str]:
    """One per viewer who reads unusually much today."""
    return [
        f"{one.viewer} ({one.role.replace('_', ' ')}) made {count_text(one.read_count)} reads today; "
        f"usual are {_usual(one.own_usual, one.own_days)} for this viewer, {_usual(one.role_usual, one.role_days)} in the role."
        for one in found.volumes
        if one.is_unusual
    ]


VOLUME_RULE = (
    f"Unusual is a day with at least {FEWEST_READS} reads and more than {UNUSUAL_TIMES} times both medians: of the viewer's own "
    f"earlier days, and of the days of others in the role (30 days back, days with reads, at least {FEWEST_DAYS} of them). "
    "A page is up to ten reads."
)


def records_csv(found: FoundRecords) -> bytes:
    """The records as CSV, newest first, with their seals; no cell that a spreadsheet would run."""
    lines = ([_cell(record.get(name)) for name in CSV_COLUMNS] for record in found.records)
    return as_csv(CSV_COLUMNS, lines)


def _cell(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _usual(usual: float | None, days: int) -> str:
    return UNKNOWN if usual is None else f"{usual:,.0f} ({plural(days, 'day', 'days')})"
