"""One block of the hospital: some thousand people, their encounters within the window and what was found in these.

The unit of work and of randomness: block 7 of seed 1 is the same wherever and whenever it is made, and only one block
is in memory at a time. All of it is still true and tidy; the mess comes in lines.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.sources.synthetic.calendar import NEVER, WINDOW_END
from pipeline.sources.synthetic.coding import Diagnoses, Procedures, coded
from pipeline.sources.synthetic.contacts import Journeys
from pipeline.sources.synthetic.journeys import journeys
from pipeline.sources.synthetic.laboratory import LabResults, lab_results
from pipeline.sources.synthetic.measuring import VitalSets, vital_sets
from pipeline.sources.synthetic.population import People, age_years, people


@dataclass(frozen=True)
class Block:
    """Patients are positions in `people`; `encounters.person` points there, the `encounter` of the others into `encounters`."""

    people: People
    patients: np.ndarray
    """Who came at least once in the window, ascending."""

    death_at: np.ndarray
    """Of each person; NEVER for those alive when the data end."""

    encounters: Journeys
    """In order of arrival."""

    vital_sets: VitalSets
    diagnoses: Diagnoses
    procedures: Procedures
    lab_results: LabResults
    rng: np.random.Generator
    """Carries on where the block's draws ended, for the mess."""


def block(seed: int, number: int, *, people_count: int, most_encounters: int) -> Block:
    """Makes one block. Beyond `most_encounters` the last patients are left out, and the last one's latest encounters."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(number,))))
    everybody = people(people_count, rng)
    lived, death_at = journeys(everybody, rng)
    in_window = np.flatnonzero(lived.arrived >= 0)
    by_person = in_window[np.lexsort((lived.arrived[in_window], lived.person[in_window]))][:most_encounters]
    encounters = lived.rows(by_person[np.argsort(lived.arrived[by_person], kind="stable")])
    age = age_years(everybody.birth_day[encounters.person], encounters.arrived)
    sets = vital_sets(encounters, age, everybody.usual[encounters.person], rng)
    diagnoses, procedures = coded(encounters, age, everybody, rng)
    return Block(
        people=everybody,
        patients=np.unique(encounters.person),
        death_at=np.where(death_at < WINDOW_END, death_at, NEVER),
        encounters=encounters,
        vital_sets=sets,
        diagnoses=diagnoses,
        procedures=procedures,
        lab_results=lab_results(encounters, age, rng),
        rng=rng,
    )
