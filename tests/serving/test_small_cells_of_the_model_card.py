"""The model card tells a role without small cells no count of 1 to 10, and none that its figures give back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pipeline.errors import AccessDenied, ModelRefused
from pipeline.governance.policy import Viewer
from pipeline.model.evaluation import ADDITIVE, CurvePoint, SubgroupResult
from pipeline.model.evidence import COHORT_SECTION, FEATURES_SECTION, SUBGROUPS_SECTION
from pipeline.serving.charts.model_figures import model_figure
from pipeline.serving.export import as_json
from pipeline.serving.model_card import HIDDEN_NOTE, LEFT_OUT, ModelCard, calibration_caption, model_card, net_benefit_caption
from pipeline.serving.model_card.coarse import COARSE_NOTE, alike, decimals_hiding
from pipeline.serving.model_card.released import released_evidence
from pipeline.serving.rates import FEWEST, SUPPRESSED_RULE, TOO_FEW, WITHHELD
from tests.model.evaluations import COHORT, evaluation, model, near
from tests.serving.card_reader import Reader
from tests.serving.conftest import NOON
from tests.serving.judged import counts_behind, evidence_of, judged
from tests.serving.test_small_cells_of_the_command_center import SMALL

CASES = [
    (1_500, 1, 4, 15),
    (1_500, 2, 30, 3),
    (6_000, 4, 4, 9),
    (24_000, 6, 120, 65),
    (24_000, 7, 9, 2),
]
"""Stays, seed, stays of unknown sex, stays without a score."""


@pytest.fixture(scope="module", params=CASES, ids=str)
def evidence(request):
    stays, seed, unknown, without = request.param
    return evidence_of(judged(stays, seed, of_unknown_sex=unknown, without_score=without))


@pytest.fixture
def seen(shared_tiny_lake, monkeypatch):
    """The card that a role gets of some evidence."""
    monkeypatch.setenv("MEDIPULSE_HOME", str(shared_tiny_lake.home))
    shared_tiny_lake.evidence_file.parent.mkdir(parents=True, exist_ok=True)

    def seen_by(role: str, shown) -> ModelCard:
        shared_tiny_lake.evidence_file.write_text(shown.to_json(), encoding="utf-8")
        return model_card(Viewer("test", role), NOON)

    yield seen_by
    shared_tiny_lake.evidence_file.unlink()


def known_of_small(reader: Reader, found) -> list[tuple[int, int, int]]:
    """Of each count of 1 to 10 behind an evaluation: the least it can be to a reader, what it is, and the most it can be."""
    small = [(sum_of, count) for sum_of, count in counts_behind(found) if count in SMALL]
    ranges = [(reader.range_of(sum_of), count) for sum_of, count in small]
    return [(low, count, high) for (low, high), count in ranges]


def test_no_small_count_can_be_reckoned_from_the_card(seen, evidence):
    known = known_of_small(Reader(seen("analyst", evidence)), evidence.evaluation)
    assert known
    assert not [(low, count, high) for low, count, high in known if low == high]
    assert not [(low, count, high) for low, count, high in known if not low <= count <= high]


def test_what_is_not_released_could_be_reckoned(seen, evidence):
    """Otherwise the reader would prove nothing."""
    known = known_of_small(Reader(seen("clinician", evidence)), evidence.evaluation)
    assert [(low, count, high) for low, count, high in known if low == high]


def test_no_two_hidden_tenths_hold_few_readmissions_together(seen, evidence):
    shown, exact = (seen(role, evidence).evidence.evaluation.model(ADDITIVE) for role in ("analyst", "clinician"))
    drawn = {point.predicted for point in shown.calibration}
    hidden = [round(point.observed * point.rows) for point in exact.calibration if round(point.predicted, 3) not in drawn]
    assert len(hidden) != 1
    assert sum(hidden) not in SMALL


def with_sexes(**groups: tuple[int, int]):
    """Evidence with these groups by sex: stays and readmissions, with figures where there are enough."""
    results = tuple(
        SubgroupResult("sex", name, rows, events, *([near(0.7), near(1.0), near(0.3), near(0.3)] if events >= 50 else [None] * 4))
        for name, (rows, events) in groups.items()
    )
    whole = model().grouped
    return evidence_of(evaluation(model(subgroups=results, grouped=whole, temporal=whole)))


def rows_of(shown: ModelCard, title: str) -> dict[str, tuple[str, ...]]:
    """The rows of a table of the card without their first column, by the column that names them."""
    section = next(part for part in shown.sections if part.title == title)
    place = 1 if title == SUBGROUPS_SECTION else 0
    return {row[place]: row[place + 1 :] for row in section.rows}


@pytest.mark.parametrize(("count", "written"), [(0, "0"), (1, TOO_FEW), (10, TOO_FEW), (11, "11")])
def test_readmissions_of_a_group_are_written_from_eleven_up(seen, count, written):
    found = with_sexes(Female=(6_000, 700), Male=(5_900, 700 - count), Unknown=(100, count))
    assert rows_of(seen("analyst", found), SUBGROUPS_SECTION)["Unknown"][:2] == ("100", written)


def test_a_single_small_group_takes_the_next_smallest_with_it(seen):
    told = rows_of(seen("analyst", with_sexes(Female=(6_100, 704), Male=(5_896, 696), Unknown=(4, 0))), SUBGROUPS_SECTION)
    assert {name: row[0] for name, row in told.items()} == {"Female": "6,100", "Male": WITHHELD, "Unknown": TOO_FEW}
    assert {name: row[1] for name, row in told.items()} == {"Female": "704", "Male": "696", "Unknown": "0"}


def test_two_small_groups_that_add_up_to_enough_take_none_with_them(seen):
    told = rows_of(
        seen("analyst", with_sexes(Female=(6_000, 691), Male=(5_900, 691), Other=(50, 9), Unknown=(50, 9))), SUBGROUPS_SECTION
    )
    assert {name: row[1] for name, row in told.items()} == {"Female": "691", "Male": "691", "Other": TOO_FEW, "Unknown": TOO_FEW}


def test_rates_that_would_give_the_found_of_a_small_group_away_lose_a_decimal(seen):
    shown = seen("analyst", evidence_of(judged(24_000, 6, of_unknown_sex=120)))
    section = next(part for part in shown.sections if part.title == SUBGROUPS_SECTION)
    coarse = [row for row in section.rows if len(row[6].split(" ")[0]) == len("0.23")]
    assert [row[1] for row in coarse] == ["Female"]
    assert section.sentences[-1] == COARSE_NOTE


@pytest.mark.parametrize(("stays", "missing", "written"), [(24_000, 3, "0.0%"), (12_000, 3, "0%"), (1_500, 3, WITHHELD)])
def test_a_share_without_a_value_is_as_coarse_as_it_must_be(seen, stays, missing, written):
    shown = seen("analyst", evidence_of(judged(stays, 1, without_value=missing)))
    assert rows_of(shown, FEATURES_SECTION)["Last sodium"][2] == written


@pytest.mark.parametrize("missing", [0, 11, 1_489, 1_500])
def test_a_share_of_enough_stays_keeps_its_decimals(seen, missing):
    shown = seen("analyst", evidence_of(judged(1_500, 1, without_value=missing)))
    assert rows_of(shown, FEATURES_SECTION)["Last sodium"][2] == f"{missing / 1_500:.1%}"


def test_what_was_left_out_is_hidden_with_what_would_tell_it(seen):
    shown = seen("analyst", evidence_of(judged(1_500, 1)))
    assert rows_of(shown, COHORT_SECTION) == {
        "Under 18": ("300",),
        "Still in hospital": (WITHHELD,),
        "Transferred to another hospital": (TOO_FEW,),
    }


def test_tenths_with_few_readmissions_are_not_drawn_and_the_caption_says_so(seen):
    rows, back = (1_200,) * 10, (3, 40, 60, 80, 100, 127, 150, 190, 250, 400)
    points = tuple(CurvePoint(count / whole, count / whole, 0.0, 0.5, whole) for whole, count in zip(rows, back, strict=True))
    shown = seen("analyst", evidence_of(evaluation(model(calibration=points))))
    assert [round(point.observed, 3) for point in shown.evidence.evaluation.model(ADDITIVE).calibration] == [
        round(count / 1_200, 3) for count in back[2:]
    ]
    assert len(model_figure("calibration", shown.evidence.evaluation, "light")["data"][0]["x"]) == 8
    assert LEFT_OUT in calibration_caption(shown)


def test_net_benefit_is_as_coarse_as_it_must_be_and_not_drawn_for_few_stays(seen):
    many, few = (seen("analyst", evidence_of(judged(stays, 1))) for stays in (24_000, 1_000))
    points = many.evidence.evaluation.model(ADDITIVE).net_benefit
    assert [point for point in points if point.model != round(point.model, 3)] == []
    assert few.evidence.evaluation.model(ADDITIVE).net_benefit == ()
    assert net_benefit_caption(few) == HIDDEN_NOTE
    assert model_figure("net_benefit", few.evidence.evaluation, "light")


@pytest.mark.parametrize(("count", "out_of", "decimals", "as_many"), [(293, 1_224, 3, 2), (293, 1_224, 2, 12), (3, 24_000, 3, 12)])
def test_counts_written_alike_are_counted(count, out_of, decimals, as_many):
    same = [other for other in range(out_of + 1) if round(other / out_of, decimals) == round(count / out_of, decimals)]
    assert alike(count, out_of, decimals) == len(same) == as_many
    assert (decimals_hiding(count, out_of) is None) == (len(same) < FEWEST and decimals == 2)


def test_a_clinician_gets_the_evidence_as_it_was_found(seen, evidence):
    shown = seen("clinician", evidence)
    assert shown.evidence == evidence
    assert shown.source.suppression == ""


def test_the_file_of_an_analyst_says_the_rule_and_holds_what_the_screen_shows(seen, evidence):
    shown = seen("analyst", evidence)
    written = json.loads(as_json(shown))
    found = written["evidence"]["evaluation"]
    groups = {one["group"]: one for one in found["models"][0]["subgroups"]}
    told = rows_of(shown, SUBGROUPS_SECTION)
    assert written["source"]["suppression"] == SUPPRESSED_RULE
    assert {name: None if row[1] in (TOO_FEW, WITHHELD) else int(row[1].replace(",", "")) for name, row in told.items()} == {
        name: one["events"] for name, one in groups.items()
    }
    assert [one["budget"] for one in found["models"]] == [[], []]
    assert [one["subgroups"] for one in found["models"][1:]] == [[]]


def numbers_in(value: object) -> list[float]:
    """Every number with a fraction in a file."""
    if isinstance(value, dict | list):
        return [number for item in (value.values() if isinstance(value, dict) else value) for number in numbers_in(item)]
    return [value] if isinstance(value, float) else []


def test_the_file_of_an_analyst_holds_no_number_with_more_decimals_than_the_screen(seen, evidence):
    found = json.loads(as_json(seen("analyst", evidence)))["evidence"]["evaluation"]
    assert not [number for number in numbers_in(found["models"] + found["features"]) if round(number, 3) != number]


def test_only_the_parts_of_the_card_that_are_told_again_hold_counts():
    cohort = replace(COHORT, stays=81_818, patients=72_727, events=9_393, flow=(("Under 18", 83_838), ("Other", 84_848)))
    marked = evaluation(model(subgroups=(SubgroupResult("sex", "Female", 85_858, 86_868, None, None, None, None),)), cohort=cohort)
    told_again = (COHORT_SECTION, FEATURES_SECTION, SUBGROUPS_SECTION)
    others = [part for part in evidence_of(marked).card if part.title not in told_again]
    said = str(others).replace(",", "")
    assert not [mark for mark in ("81818", "72727", "9393", "83838", "84848", "85858", "86868") if mark in said]


def test_a_card_that_is_not_of_its_evaluation_is_refused(seen):
    found = evidence_of(judged(1_500, 1))
    with pytest.raises(ModelRefused, match="not that of its evaluation"):
        seen("analyst", replace(found, card=found.card[1:4]))


def test_where_the_whole_is_small_nothing_is_shown():
    cohort = replace(COHORT, stays=1_400, events=1_393)
    with pytest.raises(AccessDenied, match="rests on a count under 11, which the role Analyst does not see"):
        released_evidence(evidence_of(evaluation(cohort=cohort)), "Analyst")
