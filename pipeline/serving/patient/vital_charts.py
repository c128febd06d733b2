"""What can be charted of one patient: the vital sets of a stay with the emergency visit that led to it, or of an encounter.

Pure. Every vital set belongs to exactly one chart.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from pipeline.serving.patient.bands import ABOVE, BELOW, CHARTED_SIGNS, band_text, place, value_text
from pipeline.serving.patient.kinds import Encounter, Stay, VitalSet
from pipeline.serving.wording import UNKNOWN, date_text, plural, time_text

STAY, STAY_THROUGH_EMERGENCY = "stay", "stay through emergency"


@dataclass(frozen=True)
class VitalChart:
    """The vital sets of one stay or encounter, oldest first. starts_at, ends_at: of the care; ends_at None while in hospital."""

    key: str
    kind: str
    place: str
    starts_at: datetime
    ends_at: datetime | None
    vital_sets: tuple[VitalSet, ...]

    @property
    def name(self) -> str:
        """From when, what is charted, where, and how many vital sets there are."""
        count = plural(len(self.vital_sets), "vital set", "vital sets")
        return f"{date_text(self.starts_at.date())} · {self.kind} · {self.place} · {count}"


@dataclass(frozen=True)
class VitalTile:
    """One measurement of a vital set as a headline: place is within, above or below its band, no band, or None unmeasured."""

    short_name: str
    name: str
    text: str
    band_text: str
    place: str | None

    @property
    def change_text(self) -> str:
        """Where the value lies: above 51–90."""
        if self.place is None:
            return "not measured"
        return self.band_text if self.band_text.startswith("no band") else f"{self.place} {self.band_text}"

    @property
    def is_outside(self) -> bool:
        """Whether the value lies outside its band."""
        return self.place in (ABOVE, BELOW)


def vital_charts(
    encounters: tuple[Encounter, ...], stays: tuple[Stay, ...], vital_sets: tuple[VitalSet, ...]
) -> tuple[VitalChart, ...]:
    """One chart per stay or encounter with vital sets; the one measured last comes first."""
    by_encounter = {one.encounter_id: one for one in encounters}
    by_stay = {one.stay_id: one for one in stays}
    grouped: dict[str, list[VitalSet]] = defaultdict(list)
    for one in vital_sets:
        encounter = by_encounter[one.encounter_id]
        grouped[encounter.stay_id if encounter.stay_id in by_stay else encounter.encounter_id].append(one)
    charts = [_chart(key, sets, by_stay.get(key), by_encounter) for key, sets in grouped.items()]
    return tuple(sorted(charts, key=lambda chart: (chart.vital_sets[-1].measured_at, chart.key), reverse=True))


def _chart(key: str, sets: list[VitalSet], stay: Stay | None, by_encounter: dict[str, Encounter]) -> VitalChart:
    ordered = tuple(sorted(sets, key=lambda one: (one.measured_at, one.encounter_id)))
    if stay is None:
        alone = by_encounter[key]
        return VitalChart(key, alone.encounter_class.lower(), alone.place, alone.arrived_at, alone.discharged_at, ordered)
    before = next((one for one in by_encounter.values() if one.leads_to_stay and one.stay_id == key), None)
    kind = STAY if before is None else STAY_THROUGH_EMERGENCY
    return VitalChart(key, kind, stay.place, before.arrived_at if before else stay.admitted_at, stay.discharged_at, ordered)


def vital_tiles(one: VitalSet) -> tuple[VitalTile, ...]:
    """The five charted vital signs of a set."""
    return tuple(
        VitalTile(sign.short_name, sign.name, value_text(sign, one), band_text(sign, one), place(sign, one))
        for sign in CHARTED_SIGNS
    )


def vital_set_name(one: VitalSet) -> str:
    """When a set was taken and what NEWS2 says of it: 2 Mar 2025, 09:00 UTC · NEWS2 14."""
    score = f" · NEWS2 {one.news2_score}" if one.news2_score is not None else ""
    return f"{time_text(one.measured_at)}{score}"


def period_text(starts_at: datetime, ends_at: datetime | None) -> str:
    """2 Mar 2025, 10:00 – 14:00 UTC; open while in hospital."""
    if ends_at is None:
        return f"{time_text(starts_at)} – {UNKNOWN}"
    end = f"{ends_at:%H:%M} UTC" if ends_at.date() == starts_at.date() else time_text(ends_at)
    return f"{time_text(starts_at).removesuffix(' UTC')} – {end}"
