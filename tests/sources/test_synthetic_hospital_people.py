"""What happens in the synthetic hospital is plausible: who comes, how they fare, who returns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.sources.logistic import held_out_auroc


def _share(rows: pd.Series) -> float:
    return float(rows.mean())


def test_31_percent_of_encounters_are_by_seniors_and_14_by_children(tables):
    age = tables.encounters.age.dropna()
    assert 0.305 <= _share(age >= 65) <= 0.315
    assert 0.13 <= _share(age < 18) <= 0.155


def test_there_are_about_45_patients_per_100_encounters(hospital):
    assert 0.43 <= hospital.patient_count / hospital.encounter_count <= 0.47


def test_classes_have_their_usual_shares(tables):
    share = tables.encounters.encounter_class.value_counts(normalize=True)
    assert share[["EMERGENCY", "INPATIENT", "OUTPATIENT"]].tolist() == pytest.approx([0.45, 0.30, 0.25], abs=0.02)


def test_there_are_about_17_vital_sets_per_10_encounters(hospital):
    assert hospital.vital_set_count / hospital.encounter_count == pytest.approx(1.7, abs=0.05)


def test_stays_last_as_long_as_real_ones(tables):
    wards = tables.encounters[tables.encounters.encounter_class == "INPATIENT"]
    days = (wards.discharged_at - wards.arrived_at).dt.total_seconds() / 86_400
    days = days[days.between(0, 200)]
    assert 3.0 <= days.median() <= 4.0
    assert 4.0 <= days.mean() <= 5.0


def test_emergency_visits_peak_in_the_late_afternoon(tables):
    hour = tables.encounters.arrived_at[tables.encounters.encounter_class == "EMERGENCY"].dt.hour
    assert _share(hour.between(12, 22)) > 2.5 * _share(hour.between(0, 7))


def test_winter_is_busier_than_summer(tables):
    month = tables.encounters.arrived_at.dropna().dt.month
    assert _share(month.isin([12, 1, 2])) > 1.05 * _share(month.isin([6, 7, 8]))


def test_children_lie_on_childrens_wards(tables):
    known = tables.encounters.dropna(subset=["age"])
    assert set(known.ward_name[known.age.between(0, 17.9)].str.contains("Paediatric")) == {True}
    assert not known.ward_name[known.age >= 18].str.contains("Paediatric").any()


def test_nothing_happens_after_death(tables):
    dead = tables.encounters.dropna(subset=["death_date", "arrived_at"])
    assert (dead.arrived_at.dt.normalize() <= dead.death_date).all()


def test_who_dies_in_hospital_has_that_date_of_death(tables):
    died = tables.encounters[tables.encounters.disposition == "EXPIRED"].dropna(subset=["birth_date"])
    possible = died[died.discharged_at >= died.arrived_at]
    assert len(possible) > 300
    assert (possible.discharged_at.dt.normalize() == possible.death_date).all()


def test_those_still_in_hospital_have_no_discharge_and_no_disposition(tables):
    still_in = tables.encounters[tables.encounters.discharged_at.isna()]
    assert 20 < len(still_in) < 1_000
    assert set(still_in.disposition) <= {"", "LEFT??"}
    assert tables.encounters[["arrived_at", "discharged_at"]].max().max() < pd.Timestamp("2026-11-01")


def test_a_transfer_is_followed_by_a_stay_at_another_site(tables):
    ordered = tables.encounters.dropna(subset=["arrived_at"]).sort_values(["patient_id", "arrived_at"])
    following = ordered.groupby("patient_id")[["site_name", "arrived_at"]].shift(-1)
    moved = ordered.disposition.eq("TRANSFER_ACUTE") & (ordered.discharged_at < pd.Timestamp("2026-10-29"))
    days = (following.arrived_at.dt.normalize() - ordered.discharged_at.dt.normalize()).dt.days[moved]
    assert _share(days.isin([0, 1]) & (following.site_name != ordered.site_name)[moved]) > 0.98


def test_one_discharge_in_eight_is_followed_by_an_unplanned_return(discharges):
    assert 0.11 <= _share(discharges.returned) <= 0.125
    assert 0.14 <= _share(discharges.returned[discharges.age >= 65]) <= 0.16


def test_half_of_the_returns_come_within_a_week(discharges):
    assert 6 <= discharges.days_to_return.median() <= 8.5


def test_returns_rise_with_earlier_admissions_and_unstable_signs(discharges):
    adults = discharges[discharges.age >= 18]
    by_admissions = adults.groupby(adults.prior_admissions.clip(upper=3)).returned.mean()
    by_signs = adults.groupby(adults.unstable_signs.clip(upper=2)).returned.mean()
    assert by_admissions.is_monotonic_increasing
    assert 1.2 < by_signs[1] / by_signs[0] < 1.5
    assert 1.5 < by_signs[2] / by_signs[0] < 2.4


def test_returns_rise_with_comorbidity_anaemia_low_sodium_and_the_oncology_service(discharges):
    """The factors of LACE and HOSPITAL beside admissions and length of stay; a ratio of 1 would be no effect."""
    adults = discharges[discharges.age >= 18]
    by_points = adults.groupby(pd.cut(adults.comorbidity_points, [0, 1, 4, 8, 99], right=False)).returned.mean()
    assert by_points.is_monotonic_increasing
    for low in (adults.haemoglobin < 12, adults.sodium < 135, adults.ward_name == "Oncology"):
        assert 1.25 < _share(adults.returned[low]) / _share(adults.returned[~low]) < 3


def test_few_children_and_mothers_return(discharges):
    """Berry, JAMA 2013;309:372 found 6.5 % after children's discharges; about 2 to 3 % of mothers is an assumption."""
    assert 0.04 <= _share(discharges.returned[discharges.age < 18]) <= 0.085
    assert _share(discharges.returned[discharges.ward_name == "Maternity"]) <= 0.045


def test_an_honest_model_finds_returns_about_as_well_as_published_ones(discharges):
    assert 0.70 <= held_out_auroc(_what_a_model_may_know(discharges), discharges.returned.to_numpy(), discharges.patient_id) <= 0.75


def test_age_and_heart_rate_alone_find_little(discharges):
    measured = discharges.dropna(subset=["last_heart_rate"])
    known = measured[["age", "last_heart_rate"]].to_numpy()
    assert 0.53 <= held_out_auroc(known, measured.returned.to_numpy(), measured.patient_id) <= 0.60


def _what_a_model_may_know(discharges: pd.DataFrame) -> np.ndarray:
    """Only what the files say at the time of discharge."""
    ends = [discharges.disposition == code for code in ("HOME_HEALTH", "SKILLED_NURSING", "REHABILITATION", "HOSPICE")]
    return np.column_stack(
        [
            discharges.age,
            discharges.age < 18,
            discharges.age >= 65,
            np.log(discharges.stay_days.clip(lower=0.2)),
            discharges.admission_type != "ELECTIVE",
            discharges.prior_admissions.clip(upper=1),
            discharges.prior_admissions.clip(upper=5),
            np.sqrt(discharges.prior_ed_visits),
            *ends,
            (discharges.unstable_signs > 0) & (discharges.age >= 18),
            discharges.comorbidity_points.clip(upper=8),
            discharges.haemoglobin < 12,
            discharges.sodium < 135,
            discharges.ward_name == "Oncology",
            discharges.ward_name == "Maternity",
        ]
    ).astype(float)
