"""The intake page in tables and sentences for a reader. Pure."""

from __future__ import annotations

import pandas as pd

from pipeline.refresh.intake import Expectation
from pipeline.serving.intake import Intake, RefusedRows
from pipeline.serving.spreadsheet import as_csv
from pipeline.serving.wording import UNKNOWN, count_text, plural

STATUS_WORDS = {"loaded": "✓ Loaded", "refused": "✕ Refused", "repeated": "= Repeated", "taken back": "↻ To be read again"}
CANONICAL = "canonical"
COUNTS = {
    "received_count": "Received",
    "accepted_count": "Accepted",
    "quarantined_count": "Refused rows",
    "duplicate_count": "Duplicate",
    "superseded_count": "Superseded",
}
CSV_COLUMNS = (
    "feed", "file_name", "line_number", "reasons", "row_as_received", "patient_id", "encounter_id", "refused_at",
    "publication_number", "published_at", "read_as",
)  # fmt: skip


def mapping_text(mapping: str | None) -> str:
    """How a file is read, for a reader."""
    if not isinstance(mapping, str):
        return UNKNOWN
    return "as it is" if mapping == CANONICAL else mapping.replace("_", " ")


def files_table(found: Intake) -> pd.DataFrame:
    """File, State, Read as, Feed, the five counts, Taken in (UTC), Reason."""
    files = found.files
    shown = pd.DataFrame(
        {
            "File": files["file_name"],
            "State": [[STATUS_WORDS[status]] for status in files["status"]],
            "Read as": [mapping_text(mapping) for mapping in files["mapping"]],
            "Feed": files["feed"].str.replace("_", " ").fillna(UNKNOWN),
        }
    )
    for name, title in COUNTS.items():
        shown[title] = files[name].astype("Int64")
    shown["Looked at (UTC)"] = [f"{at:%-d %b %Y, %H:%M}" for at in files["recorded_at"]]
    shown["Reason"] = files["reason"].fillna("")
    return shown


def refused_table(refused: RefusedRows) -> pd.DataFrame:
    """File, Line, Why, Row as received, Feed; what the role may not see is masked already."""
    rows = refused.rows
    names = {"file_name": "File", "line_number": "Line", "reasons": "Why", "row_text": "Row as received", "feed": "Feed"}
    return rows.rename(columns=names)[list(names.values())].assign(Feed=rows["feed"].str.replace("_", " "))


def refused_csv(refused: RefusedRows, found: Intake) -> bytes:
    """The refused rows to send back: one line per row, with where it comes from; no cell a spreadsheet would run."""
    facts = (found.source.publication_number, found.source.published_at.isoformat(), found.source.viewer_role)
    lines = (
        (row.feed, row.file_name, int(row.line_number), row.reasons, *map(_text, (row.row_text, row.patient_id, row.encounter_id)),
         row.refused_at.isoformat(), *facts)
        for row in refused.rows.itertuples()
    )  # fmt: skip
    return as_csv(CSV_COLUMNS, lines)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def expectation_sentence(expected: Expectation) -> str:
    """What a refresh would make of the file, in one sentence."""
    if expected.refusal is not None:
        return f"It would be refused. {expected.refusal}"
    rows = sum(feed.row_count for feed in expected.feeds)
    accepted = sum(feed.accepted_count for feed in expected.feeds)
    sample = "the whole file" if expected.is_whole else "a sample from its beginning"
    how = "as it is" if expected.mapping == CANONICAL else f"by the mapping {mapping_text(expected.mapping)}"
    return f"Read {how}. {count_text(accepted)} of {plural(rows, 'row', 'rows')} would be accepted, judged on {sample}."


def expected_table(expected: Expectation) -> pd.DataFrame:
    """One row per canonical feed: Feed, Rows, Accepted, Refused."""
    rows = [(one.feed.replace("_", " "), one.row_count, one.accepted_count, one.refused_count) for one in expected.feeds]
    return pd.DataFrame(rows, columns=["Feed", "Rows", "Accepted", "Refused"])


def expected_refusals_table(expected: Expectation, *, shows_rows: bool, mask: str) -> pd.DataFrame:
    """The rows of the sample that would be refused: Line, Why, Row as received, Feed; masked where the role may not see rows."""
    rows = [(one.line, one.reasons, one.text if shows_rows else mask, one.feed.replace("_", " ")) for one in expected.refused_rows]
    return pd.DataFrame(rows, columns=["Line", "Why", "Row as received", "Feed"])
