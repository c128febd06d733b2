"""The readmission definition, story by story, on the real SQL."""

from __future__ import annotations

import pytest

from tests.tables.golden import built_from
from tests.tables.stories import raw_rows, stories

STORIES = stories("readmission_cases")

FOUND = """
select i.stay_id, first_exclusion, days_to_next_stay, is_readmitted, has_planned_return, has_raw_return, is_raw_index,
    (select list(encounter_id order by arrival_rank) from silver.stay_encounters as m where m.stay_id = i.stay_id)
from gold.index_stays as i order by admitted_at
"""


@pytest.fixture(scope="module")
def judged():
    """What the SQL makes of each story: its stays as the stories write them, by the story's number."""
    found = {number: [] for number in range(len(STORIES))}
    for row in built_from(raw_rows(STORIES)).rows(FOUND):
        number, _, stay = row[0].partition("-")
        found[int(number)].append(_told(stay, *row[1:]))
    return found


@pytest.mark.parametrize("number", range(len(STORIES)), ids=[story["says"] for story in STORIES])
def test_story(number, judged):
    assert judged[number] == STORIES[number]["expect"]


def _told(stay, exclusion, days, readmitted, planned, raw, raw_index, merged) -> dict:
    """The line a story would have for this stay: only what is not the usual case."""
    told = {"stay": stay, "merges": [encounter.partition("-")[2] for encounter in merged]}
    told |= {"exclusion": exclusion} if exclusion else {}
    told |= {"days": str(days)} if days is not None else {}
    flags = {"readmitted": readmitted, "planned": planned, "raw": raw}
    told |= {name: "true" for name, holds in flags.items() if holds}
    return told | ({} if raw_index else {"raw_index": "false"})
