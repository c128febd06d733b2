"""How one release names what the readmissions page counts, so that a count has one name in every view that shows it. Pure.

A month is the same in every period, a site among all sites is that site's own view, and the seniors among adults are the
population of 65 and over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from pipeline.serving.filters import ALL_SITES
from pipeline.serving.readmissions.groups import AGE_GROUP, CHILDREN, MONTH, SITE, SUMMED
from pipeline.serving.readmissions.population import ADULTS, SENIOR, SENIORS, TOO_YOUNG
from pipeline.serving.readmissions.waterfall import ALL_STAYS, INDEX_STAYS, NOT_RETURNED, PLANNED, READMITTED
from pipeline.serving.released.release import Count, Release

STAYS_OF_POPULATION, FOLLOWED, CAME_BACK, INDEXED, RETURNED, PLANNED_RETURNS = SUMMED
CODED = "coded_count"
KINDS = (INDEXED, RETURNED, PLANNED_RETURNS, FOLLOWED, CAME_BACK)
"""What every group and month has a count of."""

ANYBODY = ""
"""The population of what is the same for both."""

WHOLE = ("whole", "")
"""Stands for all groups of a grouping together."""

STEPS = {INDEX_STAYS: INDEXED, READMITTED: RETURNED, PLANNED: PLANNED_RETURNS, NOT_RETURNED: NOT_RETURNED}
"""The steps of the waterfall that every group has too, by what they count."""


class Counted(NamedTuple):
    """What is counted, wherever and whenever. what: one of KINDS, a step, or a name for what nobody is shown."""

    population: str
    grouping: str
    group: str
    what: str


def of_stays(what: str, population: str) -> Counted:
    """The name of a step of the waterfall, or of what is counted of all stays of a population."""
    owner = ANYBODY if what in (ALL_STAYS, TOO_YOUNG[population]) else population
    return Counted(owner, *WHOLE, STEPS.get(what, what))


def of_group(grouping: str, group: str, kind: str, population: str) -> Counted:
    """The name of one count of an age group, a ward, or the whole."""
    if grouping != AGE_GROUP:
        return Counted(population, grouping, group, kind)
    if group == SENIOR:
        return Counted(SENIORS, *WHOLE, kind)
    return Counted(ANYBODY if group == CHILDREN else ADULTS, grouping, group, kind)


@dataclass(frozen=True)
class ReadmissionsView:
    """What one choice of filters shows of a release; sites are all that there are."""

    release: Release
    period: str
    site_name: str
    population: str
    sites: tuple[str, ...]

    def words(self, *counted: str | tuple[str, str, str]) -> str:
        """What stands in the place of a value that rests on what is counted here; empty when it may be shown.

        counted: a step of the waterfall, STAYS_OF_POPULATION, CODED, or a grouping, its group and one of KINDS.
        """
        return self.release.words(*(self._name(one) for one in counted))

    def is_hidden_at_a_site(self, step: str) -> bool:
        """Whether a step of the waterfall is hidden at a site that this view adds up."""
        name = of_stays(step, self.population)
        sites = self.sites if self.site_name == ALL_SITES else (self.site_name,)
        return any(self.release.words(Count(self.period, site, name)) for site in sites)

    def _name(self, counted: str | tuple[str, str, str]) -> Count:
        if isinstance(counted, str):
            return Count(self.period, self.site_name, of_stays(counted, self.population))
        grouping, group, kind = counted
        whole = Counted(self.population, *WHOLE, kind)
        if grouping == MONTH:
            return Count(date.fromisoformat(group), self.site_name, whole)
        if grouping == SITE:
            return Count(self.period, group, whole)
        return Count(self.period, self.site_name, of_group(grouping, group, kind, self.population))
