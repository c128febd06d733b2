"""Where the numbers of a page come from, for whom they were read, and when: on every payload, and so on every file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pipeline.governance.access import Publication
from pipeline.governance.policy import Viewer
from pipeline.serving.filters import Filters, Months


@dataclass(frozen=True)
class Provenance:
    """Where every number of a payload comes from, for whom it was read and when."""

    publication_number: int
    run_id: str
    published_at: datetime
    newest_arrival_at: datetime | None
    is_synthetic: bool
    table_versions: dict[str, int]
    viewer_name: str
    viewer_role: str
    period: str
    site_name: str
    first_month: date
    last_month: date
    generated_at: datetime


def provenance(viewer: Viewer, filters: Filters, months: Months, *, publication: Publication, generated_at: datetime) -> Provenance:
    """The provenance of what one viewer asks with these filters."""
    return Provenance(
        publication_number=publication.number,
        run_id=publication.run_id,
        published_at=publication.published_at,
        newest_arrival_at=publication.newest_arrival_at,
        is_synthetic=publication.is_synthetic,
        table_versions=dict(sorted(publication.versions.items())),
        viewer_name=viewer.name,
        viewer_role=viewer.role,
        period=filters.period,
        site_name=filters.site_name,
        first_month=months.first,
        last_month=months.last,
        generated_at=generated_at,
    )
