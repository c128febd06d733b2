"""The synthetic hospital's vital signs look like measured ones: as in NHAMCS on arrival, and wrong together in the ill."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest

from tests.sources.news2 import is_not_alert, is_on_oxygen

NHAMCS_HEART_RATE = {0: 143.2, 1: 125.7, 5: 100.6, 12: 87.5, 18: 88.1, 30: 88.0, 45: 85.5, 65: 82.2, 75: 80.5, 85: 78.7}
"""Mean per age band (first age), CDC/NCHS NHAMCS emergency visits 2015-2020."""

NHAMCS_FROM_45 = {"respiratory_rate": (15, 22), "systolic_bp": (106, 185), "temperature_c": (36.1, 37.3), "spo2": (93, 100)}
"""5th and 95th percentile at 45 to 64 years, same source."""


def _share(rows: pd.Series) -> float:
    return float(rows.mean())


@pytest.mark.parametrize(("from_years", "below_years"), list(pairwise([*NHAMCS_HEART_RATE, 200])))
def test_heart_rate_on_arrival_is_that_of_nhamcs(arrivals, from_years, below_years):
    in_band = arrivals.heart_rate[(arrivals.age >= from_years) & (arrivals.age < below_years)]
    assert in_band.mean() == pytest.approx(NHAMCS_HEART_RATE[from_years], abs=3)


def test_one_senior_in_nine_has_a_heart_rate_above_100(arrivals):
    rate = arrivals.heart_rate[arrivals.age >= 65].dropna()
    assert _share(rate > 100) == pytest.approx(0.114, abs=0.012)


@pytest.mark.parametrize(
    ("one", "other", "correlation"),
    [("systolic_bp", "diastolic_bp", 0.59), ("heart_rate", "temperature_c", 0.20), ("heart_rate", "respiratory_rate", 0.13)],
)
def test_vital_signs_move_together_as_in_nhamcs(arrivals, one, other, correlation):
    adults = arrivals[arrivals.age >= 18]
    assert adults[one].corr(adults[other]) == pytest.approx(correlation, abs=0.06)


@pytest.mark.parametrize(("sign", "tolerance"), [("respiratory_rate", 1), ("systolic_bp", 3), ("temperature_c", 0.15), ("spo2", 1)])
def test_the_other_signs_on_arrival_are_as_wide_as_in_nhamcs(arrivals, sign, tolerance):
    in_band = arrivals[sign][(arrivals.age >= 45) & (arrivals.age < 65)]
    assert in_band.quantile([0.05, 0.95]).tolist() == pytest.approx(NHAMCS_FROM_45[sign], abs=tolerance)


def test_who_breathes_fast_often_lacks_oxygen_too(arrivals):
    adults = arrivals[arrivals.age >= 18].dropna(subset=["respiratory_rate", "spo2"])
    fast, low = adults.respiratory_rate > 24, adults.spo2 < 90
    assert _share(low[fast]) > 10 * _share(low[~fast])


def test_who_has_several_unstable_signs_is_more_often_on_oxygen_and_less_often_alert(arrivals):
    adults = arrivals[arrivals.age >= 18]
    several, none = adults[adults.unstable_signs >= 2], adults[adults.unstable_signs == 0]
    assert _share(is_on_oxygen(several)) > 5 * _share(is_on_oxygen(none))
    assert _share(is_not_alert(several)) > 5 * _share(is_not_alert(none))


@pytest.mark.parametrize(
    ("from_years", "below_years", "fewest", "most"), [(18, 65, 0.015, 0.025), (65, 200, 0.04, 0.07)], ids=["adults", "seniors"]
)
def test_some_emergency_arrivals_have_a_news2_of_7_or_more(arrivals, from_years, below_years, fewest, most):
    """The ranges are expectations of a plausible department, not one paper's figures."""
    emergency = arrivals[arrivals.encounter_class == "EMERGENCY"]
    in_band = emergency[(emergency.age >= from_years) & (emergency.age < below_years)]
    assert fewest <= _share(in_band.news2 >= 7) <= most


@pytest.mark.parametrize(("count", "share", "tolerance"), [(0, 0.81, 0.015), (1, 0.14, 0.02), (2, 0.035, 0.01), (3, 0.01, 0.004)])
def test_unstable_signs_at_discharge_are_about_as_frequent_as_in_nguyen_2017(discharges, count, share, tolerance):
    """The paper has at least one in 18.7 % of adults; the split into one, two and more is rounded, hence the tolerances."""
    measured = discharges[discharges.age >= 18].unstable_signs.dropna()
    assert _share(measured.clip(upper=3) == count) == pytest.approx(share, abs=tolerance)


def test_patients_leave_a_ward_calmer_than_they_came(arrivals, discharges):
    stays = discharges[discharges.age >= 18].merge(arrivals[["encounter_id", "news2", "heart_rate"]])
    assert stays.last_news2.mean() < 0.95 * stays.news2.mean()
    assert _share(stays.last_heart_rate > 100) < _share(stays.heart_rate > 100)


def test_not_all_of_the_sickest_leave_well(discharges):
    adults = discharges[discharges.age >= 18].dropna(subset=["last_news2"])
    assert 0.02 < _share(adults.last_news2 >= 7) < 0.06


@pytest.fixture(scope="module")
def acute_of_adults(tables):
    """Emergency visits and ward stays of adults: has the patient a COPD code anywhere, was scale 2 charted."""
    encounters = tables.encounters[(tables.encounters.age >= 18) & (tables.encounters.encounter_class != "OUTPATIENT")]
    coded = tables.diagnoses[tables.diagnoses.plain.str.startswith(("J44", "496", "4912"))]
    patients = tables.encounters.patient_id[tables.encounters.encounter_id.isin(coded.encounter_id)]
    on_scale_2 = tables.vital_sets.encounter_id[tables.vital_sets.spo2_scale == "2"]
    return encounters.assign(has_copd=encounters.patient_id.isin(patients), on_scale_2=encounters.encounter_id.isin(on_scale_2))


def test_a_third_of_acute_contacts_with_copd_are_on_spo2_scale_2(acute_of_adults):
    with_copd = acute_of_adults[acute_of_adults.has_copd]
    assert _share(with_copd.on_scale_2) == pytest.approx(0.35, abs=0.05)
    assert _share(acute_of_adults.on_scale_2[~acute_of_adults.has_copd]) < 0.02


def test_saturation_on_scale_2_is_mostly_88_to_92(tables):
    measured = tables.vital_sets.dropna(subset=["spo2"])
    on_scale_2 = measured.spo2_scale == "2"
    assert _share(measured.spo2[on_scale_2].between(88, 92)) == pytest.approx(0.67, abs=0.05)
    assert _share(measured.spo2[~on_scale_2].between(88, 92)) < 0.08


def test_children_and_clinic_visits_have_no_spo2_scale_2(tables):
    on_scale_2 = tables.vital_sets[tables.vital_sets.spo2_scale == "2"]
    encounters = tables.encounters[tables.encounters.encounter_id.isin(on_scale_2.encounter_id)].dropna(subset=["age"])
    assert (encounters.age[encounters.age >= 0] >= 18).all()
    assert "OUTPATIENT" not in set(encounters.encounter_class)


def test_only_st_anne_says_scale_1(raw, tables):
    named = tables.vital_sets.merge(tables.encounters[["encounter_id", "site_name"]], on="encounter_id")
    assert set(named.site_name[named.spo2_scale == "1"]) == {"St Anne"}
    assert set(raw["vital_sets"].spo2_scale) == {"", "1", "2"}
