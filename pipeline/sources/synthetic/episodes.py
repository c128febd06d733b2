"""What goes along from one contact to the next: the site, the specialty, the illness, why the patient is cared for.

A ward after the emergency department and another site after a transfer carry on; a return may be about the disease of
the stay before; everything else begins anew. When contacts come, and what follows from them, is in journeys.py.
"""

from __future__ import annotations

import numpy as np

from pipeline.sources.synthetic import stays
from pipeline.sources.synthetic.calendar import DAY, NEVER
from pipeline.sources.synthetic.conditions import CANCERS
from pipeline.sources.synthetic.contacts import (
    DELIVERY,
    FROM_EMERGENCY,
    FROM_OTHER_SITE,
    ILLNESS,
    PLANNED_RETURN,
    UNPLANNED_RETURN,
    Contacts,
)
from pipeline.sources.synthetic.hospital import ELECTIVE, INPATIENT, LAKESIDE, MATERNITY, NORTH, OUTPATIENT, PAEDIATRICS, other_site
from pipeline.sources.synthetic.population import People
from pipeline.sources.synthetic.reasons import Patients, reasons

TREATED = 0.95
"""What is left of an illness on the way from the emergency department, or another site, to the ward (assumption)."""

AWAY_FROM_HOME_SITE = 0.12

SAME_DISEASE_SHARE, SAME_DISEASE_WITHIN_A_DAY = 0.30, 0.80
"""Of unplanned returns after an illness, those that are about it again and come back to the same site (assumption)."""

SCALE_2_SHARE = 0.92
"""Of ward stays and emergency visits of adults at risk of hypercapnic failure, those with the lower target charted."""


class Episodes:
    """The state of each person's present or last episode of care; changes in place, contact by contact."""

    def __init__(self, people: People, rng: np.random.Generator) -> None:
        self.people, self.rng = people, rng
        self.site = people.home_site.copy()
        self.specialty = people.specialty.copy()
        self.illness = np.zeros(people.count)
        self.reason = np.full(people.count, ILLNESS)
        self.continues = np.zeros(people.count, bool)
        self.on_scale_2 = np.zeros(people.count, bool)
        self.was_on_ward = np.zeros(people.count, bool)
        self.delivered_at = np.full(people.count, -NEVER)
        self.has_cancer = people.health.has_any(*CANCERS)
        self.is_mentally_ill = people.health.has_any("severe mental illness")

    def begin(self, contacts: Contacts, left_at: np.ndarray) -> None:
        """Takes these contacts up; `left_at` is when each patient's contact before ended."""
        who, moved = contacts.who, contacts.kind == FROM_OTHER_SITE
        carries_on = moved | (contacts.kind == FROM_EMERGENCY)
        again = self._is_again(contacts, left_at)
        self.continues[who] = np.where(carries_on, self.continues[who] | (moved & self.was_on_ward[who]), again)
        self.site[who] = self._sites(contacts, carries_on | again)
        self.illness[who] = self._illness(contacts, carries_on)
        specialty = self._new_specialty(contacts)
        reason = self._new_reason(contacts, specialty)
        self.reason[who] = np.where(carries_on | again, self.reason[who], reason)
        # Who turns 18 in between changes from the children's side of the house to the other.
        grew_up = (self.specialty[who] >= PAEDIATRICS) & (self.specialty[who] != MATERNITY) & (contacts.age >= 18)
        self.specialty[who] = np.where((carries_on | again) & ~grew_up, self.specialty[who], specialty)
        self._give_birth(who[(self.reason[who] == DELIVERY) & ~carries_on], contacts)
        self.on_scale_2[who] = self._is_on_scale_2(contacts, carries_on)
        self.was_on_ward[who] = contacts.encounter_class == INPATIENT

    def _is_again(self, contacts: Contacts, left_at: np.ndarray) -> np.ndarray:
        share = np.where(contacts.arrived - left_at < DAY, SAME_DISEASE_WITHIN_A_DAY, SAME_DISEASE_SHARE)
        after_illness = (contacts.kind == UNPLANNED_RETURN) & (self.reason[contacts.who] == ILLNESS)
        return after_illness & (self.rng.random(contacts.who.size) < share)

    def _sites(self, contacts: Contacts, stays_there: np.ndarray) -> np.ndarray:
        who, drawn = contacts.who, self.rng.random((2, contacts.who.size))
        is_child = contacts.age < 18
        home = np.where(~is_child & (self.people.home_site[who] == LAKESIDE), NORTH, self.people.home_site[who])
        anew = np.where(drawn[0] < AWAY_FROM_HOME_SITE, other_site(home, is_child, drawn[1]), home)
        last = np.where(~is_child & (self.site[who] == LAKESIDE), NORTH, self.site[who])
        moved = other_site(last, is_child, drawn[1])
        return np.select([contacts.kind == FROM_OTHER_SITE, stays_there], [moved, last], anew)

    def _illness(self, contacts: Contacts, carries_on: np.ndarray) -> np.ndarray:
        """A new illness for a new contact; it goes along to the ward and to the other site."""
        fresh = stays.illness_on_arrival(contacts.encounter_class, self.people.frailty[contacts.who], self.rng)
        return np.where(carries_on, TREATED * self.illness[contacts.who], fresh)

    def _new_specialty(self, contacts: Contacts) -> np.ndarray:
        who, planned = contacts.who, (contacts.encounter_class == INPATIENT) & (contacts.admission_type == ELECTIVE)
        care = stays.Care(
            own=self.people.specialty[who],
            site=self.site[who],
            is_planned=planned,
            is_planned_return=contacts.kind == PLANNED_RETURN,
            has_cancer=self.has_cancer[who],
        )
        return stays.specialty(contacts.age, care, self.rng)

    def _new_reason(self, contacts: Contacts, specialty: np.ndarray) -> np.ndarray:
        who = contacts.who
        patients = Patients(self.people.is_male[who], self.is_mentally_ill[who], self.has_cancer[who], self.delivered_at[who])
        return reasons(contacts, specialty, patients, self.rng)

    def _give_birth(self, mothers: np.ndarray, contacts: Contacts) -> None:
        """Births are at North Campus, where the maternity ward is."""
        self.site[mothers], self.specialty[mothers] = NORTH, MATERNITY
        arrived = np.full(self.people.count, -NEVER)
        arrived[contacts.who] = contacts.arrived
        self.delivered_at[mothers] = arrived[mothers]

    def _is_on_scale_2(self, contacts: Contacts, carries_on: np.ndarray) -> np.ndarray:
        who = contacts.who
        set_now = self.people.health.is_hypercapnic[who] & (self.rng.random(who.size) < SCALE_2_SHARE)
        kept = np.where(carries_on, self.on_scale_2[who], set_now)
        return kept & (contacts.age >= 18) & (contacts.encounter_class != OUTPATIENT)
