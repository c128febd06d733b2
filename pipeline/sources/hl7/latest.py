"""Of the records of one thing that messages of the same second state, the last one counts."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.sources.records import Record

KEYS = {
    "patients": ("patient_id",),
    "encounters": ("encounter_id",),
    "diagnoses": ("encounter_id", "diagnosis_rank"),
    "procedures": ("encounter_id", "procedure_rank"),
    "vital_signs": ("encounter_id", "measured_at", "sign"),
    "lab_results": ("encounter_id", "test_code", "collected_at"),
}
"""What a record is about."""


class Latest:
    """Holds the records of one second until another begins, because equal times say nothing of an order."""

    def __init__(self) -> None:
        self._second = ""
        self._held: dict[tuple[str, ...], Record] = {}

    def take(self, record: Record) -> Iterator[Record]:
        """The records of the second before, when this one begins another."""
        if record.values["updated_at"] != self._second:
            yield from self.rest()
            self._second = record.values["updated_at"]
        self._held[(record.feed, *(record.values.get(name, "") for name in KEYS[record.feed]))] = record

    def rest(self) -> Iterator[Record]:
        """What is still held, in the order it came."""
        held, self._held = self._held, {}
        yield from held.values()
