"""The diagnoses and procedures that coders write down for each encounter, in order of importance.

The principal diagnosis is what the encounter was about; then come the patient's chronic conditions, as far as anybody
noted them, and what else happened in the stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from pipeline.sources.synthetic.calendar import NEVER, WINDOW_END
from pipeline.sources.synthetic.code_tables import CodeList, chronic_conditions, diagnosis_codes, procedure_codes, reasons_for_care
from pipeline.sources.synthetic.contacts import PLANNED_RETURN, Columns, Journeys
from pipeline.sources.synthetic.further_codes import Facts, further_diagnoses, further_procedures
from pipeline.sources.synthetic.population import People
from pipeline.sources.synthetic.principals import principal_reasons

MOST_SECONDARY = 8
BRIEF_SECONDARY_SHARE = 0.15
"""Emergency and clinic visits get a second code now and then, and never a third."""

COMPLAINT_SHARE = 0.5
"""Of emergency visits that lead to a ward, those coded by the complaint instead of the disease."""


EARLIEST_PROCEDURE = 0.02
"""As a part of the stay."""


@dataclass(frozen=True)
class Diagnoses(Columns):
    """One entry per code; rank 1 is the principal diagnosis, `code` a position in diagnosis_codes()."""

    encounter: np.ndarray
    rank: np.ndarray
    code: np.ndarray


@dataclass(frozen=True)
class Procedures(Columns):
    """One entry per procedure; rank 1 is the principal one, `code` a position in procedure_codes()."""

    encounter: np.ndarray
    rank: np.ndarray
    code: np.ndarray
    performed: np.ndarray


def coded(taken_in: Journeys, age: np.ndarray, people: People, rng: np.random.Generator) -> tuple[Diagnoses, Procedures]:
    """Every code of these encounters; `age` in years has one entry per encounter."""
    facts = Facts(taken_in, age, people, *principal_reasons(taken_in, age, people, rng))
    return _diagnoses(facts, rng), _procedures(facts, rng)


def _diagnoses(facts: Facts, rng: np.random.Generator) -> Diagnoses:
    count, principal = facts.age.size, _principal(facts, rng)
    further = further_diagnoses(facts)
    codes = np.column_stack((facts.people.health.code[facts.taken_in.person], _tiled(diagnosis_codes(), further, count)))
    happened = rng.random((count, len(further))) < np.column_stack(list(further.values()))
    noted = np.column_stack((_noted_conditions(facts, rng), happened))
    # Patients still in hospital have no coded list yet, only what they were admitted for.
    noted &= (facts.taken_in.ended < NEVER)[:, None] & (codes != principal[:, None])
    brief = ~facts.is_ward_stay
    noted[brief & (rng.random(count) >= BRIEF_SECONDARY_SHARE)] = False
    place = np.cumsum(noted, axis=1, dtype=np.int8)
    noted &= place <= np.where(brief, 1, MOST_SECONDARY)[:, None]
    encounter, column = np.nonzero(noted)
    rank = np.concatenate((np.ones(count, np.int64), 1 + place[encounter, column].astype(np.int64)))
    listed = Diagnoses(np.concatenate((np.arange(count), encounter)), rank, np.concatenate((principal, codes[encounter, column])))
    return listed.rows(np.lexsort((listed.rank, listed.encounter)))


def _principal(facts: Facts, rng: np.random.Generator) -> np.ndarray:
    """The code of the reason, the patient's own code of that disease, or the complaint that led to the emergency department."""
    reasons, reason = reasons_for_care(), facts.reason
    own = facts.people.health.code[facts.taken_in.person, np.maximum(reasons.condition[reason], 0)]
    named = np.where(_is_the_condition()[reason] & (reasons.procedure[reason] < 0), own, reasons.diagnosis[reason])
    complaint = reasons.seen_as[reason]
    complains = facts.leads_to_ward & (complaint >= 0) & (rng.random(facts.age.size) < COMPLAINT_SHARE)
    return np.where(complains, complaint, named)


def _noted_conditions(facts: Facts, rng: np.random.Generator) -> np.ndarray:
    """Which chronic conditions are coded: most, but not the one that the stay is about anyway."""
    known, person = chronic_conditions(), facts.taken_in.person
    noted = facts.people.health.has[person] & (rng.random((facts.age.size, len(known.names))) < known.coded_share)
    about = reasons_for_care().condition[facts.reason]
    is_about = _names_the_condition()[facts.reason] & ~facts.leads_to_ward
    noted[np.flatnonzero(is_about), about[is_about]] = False
    return noted


@cache
def _is_the_condition() -> np.ndarray:
    """Whether the diagnosis of a reason is one of the codes by which its condition goes."""
    reasons, known = reasons_for_care(), chronic_conditions()
    return np.array([at >= 0 and code in known.codes[at] for code, at in zip(reasons.diagnosis, reasons.condition, strict=True)])


@cache
def _names_the_condition() -> np.ndarray:
    """Whether the diagnosis of a reason already says that the patient has its condition: I50.23 says heart failure."""
    reasons, known = reasons_for_care(), chronic_conditions()
    families = [{_family(code) for code in codes} for codes in known.codes]
    return np.array(
        [at >= 0 and _family(code) in families[at] for code, at in zip(reasons.diagnosis, reasons.condition, strict=True)]
    )


def _family(code: int) -> str:
    return diagnosis_codes().icd10[code].split(".")[0]


def _procedures(facts: Facts, rng: np.random.Generator) -> Procedures:
    """What was done on the wards: what the reason asks for, then the rest; most of it early in the stay."""
    reasons, taken_in, count = reasons_for_care(), facts.taken_in, facts.age.size
    further = further_procedures(facts)
    wanted, others = reasons.procedure[facts.reason], _tiled(procedure_codes(), further, count)
    share = np.where(taken_in.kind == PLANNED_RETURN, 1.0, reasons.procedure_share[facts.reason])
    main = (rng.random(count) < share) & (wanted >= 0) & facts.is_ward_stay
    rest = (rng.random((count, len(further))) < np.column_stack(list(further.values()))) & (others != wanted[:, None])
    done = np.column_stack((main, rest))
    encounter, column = np.nonzero(done)
    codes, rank = np.column_stack((wanted, others)), np.cumsum(done, axis=1)
    arrived, ended = taken_in.arrived[encounter], np.minimum(taken_in.ended[encounter], WINDOW_END)
    after = EARLIEST_PROCEDURE + 0.7 * rng.random(encounter.size) ** 2
    performed = arrived + np.floor(after * (ended - arrived)).astype(np.int64)
    return Procedures(encounter, rank[encounter, column], codes[encounter, column], performed)


def _tiled(codes: CodeList, wanted: Iterable[str], count: int) -> np.ndarray:
    """The positions of these codes, one row for each of `count` encounters."""
    return np.tile([codes.position(code) for code in wanted], (count, 1))
