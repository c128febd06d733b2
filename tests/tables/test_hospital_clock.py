"""Days of a stay, return windows and ages follow the hospital's calendar, over changes of clock and leap days."""

from __future__ import annotations

import pytest

from tests.tables.golden import built_from
from tests.tables.stories import as_text, raw_rows, stories

STORIES = stories("clock_cases")
FOUND = """
select * from gold.index_stays inner join gold.stay_scores using (stay_id, patient_id) where stay_id = '0-A'
"""


@pytest.mark.parametrize("story", STORIES, ids=[story["says"] for story in STORIES])
def test_story(story):
    stay = built_from(raw_rows([story]), story["zone"]).arrow(FOUND).to_pylist()[0]
    assert {name: as_text(stay[name]) for name in story["expect"]} == story["expect"]
