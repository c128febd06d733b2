"""An invented hospital as a sender: writes raw text files like those of a real one, seeded and of any size.

It knows the columns of its six feeds and nothing of tables. Heart rates and other vital signs follow NHAMCS 2015-2020,
what leads to a return follows the papers named in synthetic/returns.py, the rest is assumption and says so where it
stands. No person in these files is real, and no figure computed from them is evidence about patients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import BadRequest
from pipeline.sources.synthetic.block import block
from pipeline.sources.synthetic.files import LandingFiles
from pipeline.sources.synthetic.lines import lines_by_file
from pipeline.sources.synthetic.sending import Numbering, file_names, header

MOST_PEOPLE_AT_ONCE = 20_000
FEWEST_PEOPLE_AT_ONCE = 64
"""People in one block. Only one block is held in memory, whatever the size of the hospital."""


@dataclass(frozen=True)
class GeneratedHospital:
    """What was written; the counts are of distinct things, `line_counts` of lines (by file name, without headers)."""

    files: tuple[Path, ...]
    encounter_count: int
    patient_count: int
    vital_set_count: int
    line_counts: Mapping[str, int]


def generate(
    landing: Path,
    *,
    encounters: int = 100_000,
    seed: int = 20241101,
    on_progress: Callable[[int, int], None] | None = None,
) -> GeneratedHospital:
    """Writes the hospital's files into `landing`, replacing an earlier synthetic hospital there.

    Encounters arrive from 2024-11-01 to 2026-10-31 (UTC). The same seed and number of encounters give the same bytes
    (with the same release of numpy, whose random streams may change).
    `on_progress` is told the encounters done and wanted. Raises BadRequest for an impossible number or seed, and when a
    file of somebody else would be overwritten; then nothing is written.
    """
    _require_possible(encounters, seed)
    people_at_once = min(MOST_PEOPLE_AT_ONCE, max(FEWEST_PEOPLE_AT_ONCE, encounters))
    done = patients = vital_sets = number = 0
    with LandingFiles(landing, {name: header(_feed_of(name)) for name in file_names()}) as files:
        while done < encounters:
            made = block(seed, number, people_count=people_at_once, most_encounters=encounters - done)
            for name, lines in lines_by_file(made, Numbering(patients + 1, done + 1)).items():
                files.append(name, lines)
            done, patients, number = done + made.encounters.arrived.size, patients + made.patients.size, number + 1
            vital_sets += made.vital_sets.encounter.size
            if on_progress is not None:
                on_progress(done, encounters)
        line_counts = files.publish({"source": "synthetic", "seed": seed, "encounters": encounters})
    return GeneratedHospital(tuple(landing / name for name in line_counts), done, patients, vital_sets, line_counts)


def _require_possible(encounters: int, seed: int) -> None:
    if encounters < 1:
        raise BadRequest(f"A hospital needs at least 1 encounter, not {encounters}. Ask for a positive number.")
    if seed < 0:
        raise BadRequest(f"A seed is a whole number from 0, not {seed}. Choose another one.")


def _feed_of(name: str) -> str:
    return "patients" if name == "patients" else name.rpartition("_")[0]
