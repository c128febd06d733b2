"""The synthetic hospital's haemoglobin and sodium: taken before most discharges, low as often as on real wards, untidy."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.sources import charlson


def _share(rows: pd.Series) -> float:
    return float(rows.mean())


@pytest.fixture(scope="module")
def adults(discharges: pd.DataFrame) -> pd.DataFrame:
    return discharges[discharges.age >= 18]


def test_there_are_08_results_per_encounter(raw, hospital):
    assert 0.7 <= len(raw["lab_results"]) / hospital.encounter_count <= 0.9


def test_nine_stays_in_ten_have_both_results_in_the_last_day(discharges):
    both = discharges.haemoglobin.notna() & discharges.sodium.notna()
    assert _share(both) == pytest.approx(0.92, abs=0.015)
    assert _share(both[discharges.age < 18]) < _share(both[discharges.age >= 18])


def test_four_adults_in_nine_leave_anaemic(adults):
    assert 0.40 <= _share(adults.haemoglobin.dropna() < 12) <= 0.48


def test_one_adult_in_seven_leaves_low_in_sodium(adults):
    assert 0.12 <= _share(adults.sodium.dropna() < 135) <= 0.18


@pytest.mark.parametrize("category", ["tumour", "severe liver or kidney disease", "heart failure"])
def test_both_are_low_more_often_in_the_chronically_ill(tables, adults, category):
    found = charlson.conditions(tables.diagnoses)
    ill = adults.encounter_id.isin(found.encounter_id[found.category == category])
    anaemic, low = adults.haemoglobin < 12, adults.sodium < 135
    assert _share(anaemic[ill]) > 1.15 * _share(anaemic[~ill])
    assert _share(low[ill]) > 1.3 * _share(low[~ill])


def test_women_have_less_haemoglobin_than_men(adults):
    mean = adults.groupby(adults.sex.str[:1]).haemoglobin.mean()
    assert 0.7 < mean["M"] - mean["F"] < 1.3


def test_most_long_stays_have_an_earlier_result_too(tables, discharges):
    long = discharges[discharges.stay_days > 2]
    earlier = tables.lab_results.merge(long[["encounter_id", "discharged_at"]])
    earlier = earlier[earlier.collected_at < earlier.discharged_at - pd.Timedelta(days=1)]
    assert 0.5 <= _share(long.encounter_id.isin(earlier.encounter_id)) <= 0.7


def test_results_are_taken_within_the_stay(tables):
    wards = tables.encounters[tables.encounters.encounter_class == "INPATIENT"].dropna(subset=["arrived_at", "age"])
    wards = wards[(wards.age >= 0) & ~(wards.discharged_at < wards.arrived_at)]
    taken = tables.lab_results.merge(wards[["encounter_id", "arrived_at", "discharged_at"]], on="encounter_id")
    assert (taken.collected_at >= taken.arrived_at).all()
    assert ((taken.collected_at <= taken.discharged_at) | taken.discharged_at.isna()).all()


def test_sites_name_and_measure_the_tests_differently(raw):
    sent = raw["lab_results"]
    assert set(sent.test_code) == {"718-7", "HGB", "HAEMOGLOBIN", "2951-2", "SODIUM"}
    assert set(sent.unit) == {"g/dL", "g/L", "mmol/L", "mEq/L", ""}
    assert _share(sent.unit == "") == pytest.approx(0.03, abs=0.005)


def test_few_results_cannot_be(raw):
    sent = raw["lab_results"]
    value, haemoglobin = pd.to_numeric(sent.value, errors="coerce"), sent.test_code.isin(["718-7", "HGB", "HAEMOGLOBIN"])
    faulty = {
        "no value": sent.value.isin(["", "-9", "9999"]),
        "unreadable": sent.value.isin(["pending", "haemolysed", "n/a!"]),
        "grams per litre called per decilitre": haemoglobin & (value > 30) & (value < 300) & (sent.unit == "g/dL"),
        "unknown encounter": sent.encounter_id.str.startswith("EN-U"),
    }
    assert {name: rows.mean() for name, rows in faulty.items()} == pytest.approx(
        {"no value": 0.0020, "unreadable": 0.0010, "grams per litre called per decilitre": 0.00025, "unknown encounter": 0.0004},
        abs=0.0004,
    )
    assert 0 < _share(value == 0) < 0.001


def test_some_results_are_corrected_later(raw):
    versions = raw["lab_results"].drop_duplicates().groupby(["encounter_id", "test_code", "collected_at"]).updated_at.nunique()
    assert _share(versions > 1) == pytest.approx(0.005, abs=0.002)
