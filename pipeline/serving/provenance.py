"""Where the numbers of a page come from, for whom they were read, and when: on every payload, and so on every file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pipeline.governance import row_scope
from pipeline.governance.access import Publication
from pipeline.governance.policy import Viewer, load_policy
from pipeline.serving.filters import Filters, Months
from pipeline.serving.rates import SUPPRESSED_RULE


@dataclass(frozen=True, kw_only=True)
class Source:
    """The publication that was read, by whom, when, and the patients of which places the viewer sees.

    own_places: of a role that is held to its places, which patients it sees and what is not kept so. suppression: what the role
    sees no counts of. Both are empty where there is nothing to say.
    """

    publication_number: int
    run_id: str
    published_at: datetime
    newest_arrival_at: datetime | None
    is_synthetic: bool
    table_versions: dict[str, int]
    viewer_name: str
    viewer_role: str
    viewer_places: str
    generated_at: datetime
    own_places: str = ""
    suppression: str = ""

    @property
    def seen_as(self) -> str:
        """Part of every key of what is kept for a view: nobody meets what was drawn for another role or other places."""
        return f"{self.viewer_role}|{self.viewer_places}"


@dataclass(frozen=True, kw_only=True)
class Provenance(Source):
    """The source of a page with filters, and what was chosen."""

    period: str
    site_name: str
    first_month: date
    last_month: date


def source(viewer: Viewer, publication: Publication, generated_at: datetime) -> Source:
    """The source of what one viewer asks."""
    return Source(**_read(viewer, publication, generated_at))


def provenance(viewer: Viewer, filters: Filters, months: Months, *, publication: Publication, generated_at: datetime) -> Provenance:
    """The source of what one viewer asks with these filters."""
    chosen = {
        "period": filters.period,
        "site_name": filters.site_name,
        "first_month": months.first,
        "last_month": months.last,
    }
    return Provenance(**_read(viewer, publication, generated_at), **chosen)


def places_text(viewer: Viewer) -> str:
    """All sites and wards; or those of the account, which a role with own rows is held to."""
    match load_policy().rows(viewer.role):
        case row_scope.ALL:
            return "All sites and wards"
        case row_scope.OWN_SITES:
            return ", ".join(viewer.sites) or "None"
        case _:
            return ", ".join((*viewer.sites, *viewer.wards)) or "None"


def own_places_note(viewer: Viewer) -> str:
    """Of a role that is held to its places: whose patients it sees, and what is not kept by place. Empty for any other."""
    if load_policy().rows(viewer.role) == row_scope.ALL:
        return ""
    sums = "Sums that are not kept by ward are those of the whole site."
    return f"Patients are those of your own places: {places_text(viewer)}. {sums}"


def _read(viewer: Viewer, publication: Publication, generated_at: datetime) -> dict[str, object]:
    return {
        "publication_number": publication.number,
        "run_id": publication.run_id,
        "published_at": publication.published_at,
        "newest_arrival_at": publication.newest_arrival_at,
        "is_synthetic": publication.is_synthetic,
        "table_versions": dict(sorted(publication.versions.items())),
        "viewer_name": viewer.name,
        "viewer_role": viewer.role,
        "viewer_places": places_text(viewer),
        "generated_at": generated_at,
        "own_places": own_places_note(viewer),
        "suppression": SUPPRESSED_RULE if load_policy().hides_small_cells(viewer.role) else "",
    }
