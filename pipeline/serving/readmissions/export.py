"""The rates as CSV for a spreadsheet.

Made from the payload of the screen, so a group that is too small to be shown has no number here either. Every line carries
where it comes from, because a table cut out of a file loses its heading.
"""

from __future__ import annotations

from pipeline.serving.rates import TOO_FEW
from pipeline.serving.readmissions import Readmissions
from pipeline.serving.readmissions.groups import RateGroup, group_label
from pipeline.serving.spreadsheet import as_csv

SMALL_CELL = "suppressed as a small cell or with one"
RATE_COLUMNS = (
    "grouped_by", "group_name", "index_count", "readmission_count", "readmission_share", "readmission_share_low",
    "readmission_share_high", "planned_return_count", "raw_index_count", "raw_return_count", "raw_return_share",
    "raw_return_share_low", "raw_return_share_high", "note",
)  # fmt: skip
SOURCE_COLUMNS = (
    "measure_name", "population", "period", "first_month", "last_month", "site_filter", "is_synthetic", "source_table",
    "publication_number", "published_at", "read_as",
)  # fmt: skip


def rates_csv(payload: Readmissions) -> bytes:
    """One line per age group, site, ward and month, in UTF-8 with a mark for spreadsheets; shares are 0-1."""
    source = _source(payload)
    return as_csv((*RATE_COLUMNS, *SOURCE_COLUMNS), ((*_rates(group), *source) for group in payload.groups))


def _rates(group: RateGroup) -> tuple[object, ...]:
    rates = [
        (one.out_of, one.count, *(None if end is None else round(end, 6) for end in (one.share, one.low, one.high)))
        for one in (group.measure, group.raw)
    ]
    small = f"{TOO_FEW} index stays".replace("\u00a0", " ") if group.measure.is_small else ""
    hidden = [one.suppressed or one.count_suppressed for one in (group.measure, group.raw)]
    note = "; ".join(part for part in (small, SMALL_CELL if any(hidden) else "", group.note) if part)
    return (group.grouped_by, group_label(group), *rates[0], group.planned_return_count, *rates[1], note)


def _source(payload: Readmissions) -> tuple[object, ...]:
    source = payload.provenance
    version = source.table_versions.get("gold.readmission_rates")
    return (
        payload.basis.measure_name, payload.population, source.period, source.first_month, source.last_month,
        source.site_name, source.is_synthetic, f"gold.readmission_rates@{version}",
        source.publication_number, source.published_at.isoformat(), source.viewer_role,
    )  # fmt: skip
