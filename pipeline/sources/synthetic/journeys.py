"""Moves a block of patients through their contacts, one contact each per round, from the burn-in to the window's end.

A contact is routine, or it follows from the one before: a ward after the emergency department, another site after a
transfer, an unplanned or a planned return. Within 30 days of a discharge only the drawn return is an unplanned
admission, so the rates of returns.py hold as they stand there.
"""

from __future__ import annotations

import numpy as np

from pipeline.sources.synthetic import laboratory, returns, stays, vitals
from pipeline.sources.synthetic.calendar import BURN_IN_START, DAY, NEVER, WINDOW_END, at_busy_hour, later
from pipeline.sources.synthetic.contacts import (
    DELIVERY,
    FROM_EMERGENCY,
    FROM_OTHER_SITE,
    PLANNED_RETURN,
    ROUTINE,
    UNPLANNED_RETURN,
    Contacts,
    Endings,
    Journeys,
    sort_of_contact,
)
from pipeline.sources.synthetic.episodes import Episodes
from pipeline.sources.synthetic.hospital import (
    ELECTIVE,
    EMERGENCY,
    EXPIRED,
    HOME,
    HOSPICE,
    INPATIENT,
    NOT_SAID,
    ONCOLOGY,
    TRANSFER,
)
from pipeline.sources.synthetic.population import People, age_group, age_years

NEXT_DAY_TRANSFER = 0.15
PLANNED_RETURN_SHARE, ONCOLOGY_PLANNED_RETURN_SHARE = 0.012, 0.14
QUIET_DAYS = 30
REMEMBERED = 5
"""Earlier admissions and emergency visits kept per patient to count those of the past 12 months."""


def journeys(people: People, rng: np.random.Generator) -> tuple[Journeys, np.ndarray]:
    """Every encounter of the block, burn-in included, and when each person dies (NEVER: lives on)."""
    course = _Course(people, rng)
    course.live_through(course.due())
    while (who := course.due()).size:
        course.live_through(who)
    return Journeys.joined(course.rounds), course.death_at


class _Course:
    """What is known of each person while the block is lived through; the one thing here that changes in place."""

    def __init__(self, people: People, rng: np.random.Generator) -> None:
        self.people, self.rng = people, rng
        self.free_at = np.maximum(BURN_IN_START, (people.birth_day + 1) * DAY)
        self.death_at = np.maximum(people.death_at, self.free_at)
        self.due_at = later(self.free_at, people.contacts_per_year, rng)
        self.due_kind = np.full(people.count, ROUTINE)
        self.episodes = Episodes(people, rng)
        self.quiet_until = np.full(people.count, -NEVER)
        self.admissions = np.full((people.count, REMEMBERED), -NEVER)
        self.ed_visits = np.full((people.count, REMEMBERED), -NEVER)
        self.rounds: list[Journeys] = []

    def due(self) -> np.ndarray:
        """The people with another contact before the window ends and before they die."""
        return np.flatnonzero((self.due_at < WINDOW_END) & (self.due_at < self.death_at))

    def live_through(self, who: np.ndarray) -> None:
        """One contact of each of these people, and what becomes due after it."""
        contacts = self._come(who)
        self.episodes.begin(contacts, self.free_at[contacts.who])
        endings = self._end(contacts)
        self._write_down(contacts, endings)
        self._follow(contacts, endings)
        left = (contacts.encounter_class == INPATIENT) & (endings.ended < NEVER)
        left &= (endings.disposition != EXPIRED) & (endings.disposition != TRANSFER)
        self._leave_ward(contacts.rows(left), endings.rows(left))
        self._remember(contacts)

    def _come(self, who: np.ndarray) -> Contacts:
        """The contacts that are due, without those that would fall behind the window or the patient's death."""
        kind, due = self.due_kind[who], self.due_at[who]
        group = age_group(age_years(self.people.birth_day[who], due))
        encounter_class, admission_type = sort_of_contact(kind, group, quiet=due < self.quiet_until[who], rng=self.rng)
        at_once = (kind == FROM_EMERGENCY) | (kind == FROM_OTHER_SITE)
        likely = at_busy_hour(due, admission_type == ELECTIVE, self.rng)
        soonest = self.free_at[who] + self.rng.integers(30, 600, who.size)
        arrived = np.where(at_once, due, np.where(likely <= self.free_at[who], soonest, likely))
        age = age_years(self.people.birth_day[who], arrived)
        comes = arrived < np.minimum(WINDOW_END, self.death_at[who])
        self.due_at[who[~comes]] = NEVER
        return Contacts(who, kind, arrived, age, encounter_class, admission_type).rows(comes)

    def _is_admitted(self, contacts: Contacts) -> np.ndarray:
        """Whether an emergency visit leads to a ward: always on an unplanned return, never else within 30 days."""
        drawn = stays.is_admitted(contacts.age, self.episodes.illness[contacts.who], self.rng)
        quiet = contacts.arrived < self.quiet_until[contacts.who]
        return (contacts.encounter_class == EMERGENCY) & ((contacts.kind == UNPLANNED_RETURN) | (drawn & ~quiet))

    def _end(self, contacts: Contacts) -> Endings:
        """When, where and how each contact ends; deaths in hospital are settled here."""
        who, admitted = contacts.who, self._is_admitted(contacts)
        ended = self._end_time(contacts, admitted)
        dies_anyway = (contacts.encounter_class == INPATIENT) & (self.death_at[who] <= ended)
        disposition = np.where(dies_anyway, EXPIRED, self._disposition(contacts, admitted))
        self.death_at[who] = np.where(disposition == EXPIRED, ended, np.maximum(self.death_at[who], ended + 60))
        leaving = stays.illness_on_leaving(self.episodes.illness[who], disposition, self.rng)
        bodies = vitals.Bodies(contacts.age, self.people.usual[who], self.episodes.on_scale_2[who])
        signs = vitals.vital_signs(bodies, leaving, calm=True, rng=self.rng)
        blood = laboratory.blood_on_leaving(
            contacts.age, who, self.people, illness=leaving, reason=self.episodes.reason[who], rng=self.rng
        )
        still_in = ended >= WINDOW_END
        return Endings(
            ended=np.where(still_in, NEVER, ended),
            disposition=np.where(still_in, NOT_SAID, disposition),
            admitted=admitted,
            illness=leaving,
            signs=signs,
            blood=blood,
        )

    def _end_time(self, contacts: Contacts, admitted: np.ndarray) -> np.ndarray:
        who, arrived, acute = contacts.who, contacts.arrived, contacts.admission_type != ELECTIVE
        burden = self.episodes.illness[who] + self.people.frailty[who]
        by_class = [
            arrived + stays.emergency_minutes(admitted, self.rng),
            stays.ward_end(arrived, contacts.age, acute, reason=self.episodes.reason[who], burden=burden, rng=self.rng),
            arrived + stays.clinic_minutes(who.size, self.rng),
        ]
        return np.choose(contacts.encounter_class, by_class)

    def _disposition(self, contacts: Contacts, admitted: np.ndarray) -> np.ndarray:
        who = contacts.who
        from_ward = stays.ward_disposition(contacts.age, self.episodes.illness[who], self.people.frailty[who], self.rng)
        # Death in childbirth is too rare for a hospital of this size, and mothers do not go to nursing homes.
        from_ward = np.where(self.episodes.reason[who] == DELIVERY, HOME, from_ward)
        from_emergency = stays.emergency_disposition(admitted, self.rng)
        return np.choose(contacts.encounter_class, [from_emergency, from_ward, HOME])

    def _write_down(self, contacts: Contacts, endings: Endings) -> None:
        who, episodes = contacts.who, self.episodes
        self.rounds.append(
            Journeys(
                person=who,
                site=episodes.site[who],
                specialty=episodes.specialty[who],
                encounter_class=contacts.encounter_class,
                admission_type=contacts.admission_type,
                arrived=contacts.arrived,
                ended=endings.ended,
                disposition=endings.disposition,
                kind=contacts.kind,
                reason=episodes.reason[who],
                continues=episodes.continues[who],
                on_scale_2=episodes.on_scale_2[who],
                illness=episodes.illness[who],
                last_illness=endings.illness,
                last_signs=endings.signs,
                last_blood=endings.blood,
            )
        )

    def _follow(self, contacts: Contacts, endings: Endings) -> None:
        """Sets what is due next: the ward, the other site, or routine life."""
        who, ended, admitted = contacts.who, endings.ended, endings.admitted
        transferred = endings.disposition == TRANSFER
        over = (ended == NEVER) | (endings.disposition == EXPIRED)
        move = self.rng.integers(60, 240, who.size) + np.where(self.rng.random(who.size) < NEXT_DAY_TRANSFER, DAY, 0)
        routine = later(ended, self.people.contacts_per_year[who], self.rng)
        due = np.select([over, admitted, transferred], [NEVER, ended, ended + move], routine)
        self.free_at[who], self.due_at[who] = ended, due
        self.due_kind[who] = np.select([admitted, transferred], [FROM_EMERGENCY, FROM_OTHER_SITE], ROUTINE)
        # Nobody dies at home who is on the way to a bed.
        on_the_way = (admitted | transferred) & ~over
        self.death_at[who] = np.maximum(self.death_at[who], np.where(on_the_way, due + 60, -NEVER))

    def _leave_ward(self, contacts: Contacts, endings: Endings) -> None:
        """Draws the return, planned or not, and the death after discharge."""
        who, ended, disposition = contacts.who, endings.ended, endings.disposition
        drawn, in_hospice = self.rng.random((6, who.size)), disposition == HOSPICE
        comes_back = (drawn[0] < returns.return_probability(self._discharges(contacts, endings))) & ~in_hospice
        back_at = ended + np.rint(returns.days_to_return(drawn[1], disposition) * DAY).astype(np.int64)
        planned_share = np.where(self.episodes.specialty[who] == ONCOLOGY, ONCOLOGY_PLANNED_RETURN_SHARE, PLANNED_RETURN_SHARE)
        planned = (drawn[2] < planned_share) & ~comes_back & ~in_hospice
        planned_at = ended + np.rint((6 + 20 * drawn[3]) * DAY).astype(np.int64)
        self.due_at[who] = np.select([comes_back, planned], [back_at, planned_at], self.due_at[who])
        self.due_kind[who] = np.select([comes_back, planned], [UNPLANNED_RETURN, PLANNED_RETURN], ROUTINE)
        self.quiet_until[who] = ended + QUIET_DAYS * DAY
        dies = (drawn[4] < stays.death_after_discharge(contacts.age, self.people.frailty[who])) & ~comes_back & ~planned
        days = np.where(in_hospice, 0.2 - 15 * np.log1p(-drawn[5]), 1 + 29 * drawn[5])
        death = np.where(in_hospice | dies, ended + np.rint(days * DAY).astype(np.int64), NEVER)
        self.death_at[who] = np.minimum(self.death_at[who], death)

    def _discharges(self, contacts: Contacts, endings: Endings) -> returns.Discharges:
        who, grown_up = contacts.who, contacts.age >= 18
        return returns.Discharges(
            age=contacts.age,
            is_male=self.people.is_male[who],
            prior_admissions=_in_past_year(self.admissions[who], contacts.arrived),
            prior_ed_visits=_in_past_year(self.ed_visits[who], contacts.arrived - DAY),
            length_of_stay_days=(endings.ended - contacts.arrived) / DAY,
            is_acute=contacts.admission_type != ELECTIVE,
            disposition=endings.disposition,
            instabilities=np.where(grown_up, vitals.instabilities(endings.signs), 0),
            is_tachycardic=grown_up & vitals.is_tachycardic(endings.signs),
            specialty=self.episodes.specialty[who],
            site=self.episodes.site[who],
            reason=self.episodes.reason[who],
            comorbidity_points=self.people.health.points[who],
            is_anaemic=grown_up & laboratory.is_anaemic(endings.blood),
            is_low_in_sodium=grown_up & laboratory.is_low_in_sodium(endings.blood),
            frailty=self.people.frailty[who],
        )

    def _remember(self, contacts: Contacts) -> None:
        admission = (contacts.encounter_class == INPATIENT) & (contacts.kind != FROM_OTHER_SITE)
        for times, chosen in ((self.admissions, admission), (self.ed_visits, contacts.encounter_class == EMERGENCY)):
            who = contacts.who[chosen]
            times[who] = np.column_stack((contacts.arrived[chosen], times[who, :-1]))


def _in_past_year(times: np.ndarray, before: np.ndarray) -> np.ndarray:
    """How many of the remembered times lie in the 365 days before; visits that led here on the same day do not count."""
    return ((times < before[:, None]) & (times >= before[:, None] - 365 * DAY)).sum(axis=1)
