"""Real files go from the landing folder to published tables with one refresh, and say there what they say outside.

UCI Diabetes 130-US (CC BY 4.0), CDC NHAMCS ED 2015-2020 (NCHS terms: statistics only), MIMIC-IV demo 2.2 (ODbL 1.0).
Expected figures were computed from the files themselves, without this program.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.lakehouse.reader import PublishedTables, open_published
from pipeline.settings import load_settings
from tests.lake import publish_landed

pytestmark = pytest.mark.slow

NHAMCS_PULSE = {
    "<1": (2927, 92.4, 143.2, 23.9), "1-4": (7244, 93.0, 125.7, 24.6), "5-11": (7208, 93.7, 100.6, 20.1),
    "12-17": (6533, 92.8, 87.5, 17.8), "18-29": (19944, 92.1, 88.1, 16.9), "30-44": (20814, 92.6, 88.0, 16.4),
    "45-64": (22672, 92.6, 85.5, 16.8), "65-74": (7128, 93.1, 82.2, 17.4), "75-84": (4750, 93.2, 80.5, 17.2),
    "85+": (2784, 92.5, 78.7, 16.2),
}  # fmt: skip
"""By age: visits, % with a pulse, mean and standard deviation of those from 20 to 300 a minute."""

AGE_BAND = """case when e.age_years < 1 then '<1' when e.age_years < 5 then '1-4' when e.age_years < 12 then '5-11'
    when e.age_years < 18 then '12-17' when e.age_years < 30 then '18-29' when e.age_years < 45 then '30-44'
    when e.age_years < 65 then '45-64' when e.age_years < 75 then '65-74' when e.age_years < 85 then '75-84' else '85+' end"""


@pytest.fixture(scope="module")
def landed(real_data, tmp_path_factory):
    """Drops files into a new landing folder and refreshes once."""

    def published(*names: str) -> PublishedTables:
        settings = load_settings({"MEDIPULSE_HOME": str(tmp_path_factory.mktemp("real")), "MEDIPULSE_THREADS": "2"})
        settings.landing.mkdir(parents=True)
        for name in names:
            shutil.copyfile(real_data / name, settings.landing / Path(name).name)
        run = publish_landed(settings)
        assert "refused" not in run.message
        return open_published(settings)

    return published


@pytest.fixture(scope="module")
def uci(landed):
    return landed("uci_diabetes130/diabetic_data.csv.gz")


@pytest.fixture(scope="module")
def nhamcs(landed):
    return landed("nhamcs_ed/nhamcs_ed_2015_2020.parquet")


def test_uci_every_encounter_and_patient_arrives(uci):
    assert _one(uci, "select count(*) as n, count(distinct patient_id) as people from silver.encounters") == (101_766, 71_518)
    assert _one(uci, "select count(*) as n from silver.patients") == (71_518,)
    assert _one(uci, "select count(*) as n from silver.quarantine") == (0,)


def test_uci_the_files_own_readmission_label_is_kept_beside_each_encounter(uci):
    """One target takes what nothing reads, so the label is in the patient's or in the encounter's row, once a line."""
    rows = "(select _extra from bronze.patients union all select _extra from bronze.encounters)"
    early = f"select count(*) filter (where _extra like '%; readmitted=<30') as early, count(_extra) as n from {rows}"
    assert _one(uci, early) == (11_357, 101_766)


def test_uci_missing_shares_are_those_of_the_file(uci):
    shares = _one(
        uci,
        "select round(100.0 * count(*) filter (where ward_name is null) / count(*), 1) as ward,"
        " count(*) filter (where admission_type is null) as no_type from silver.encounters",
    )
    assert (float(shares[0]), shares[1]) == (49.1, 5291 + 4785 + 320 + 10)
    assert _one(uci, "select count(*) as n from silver.patients where sex = 'Unknown'")[0] <= 3


def test_uci_nothing_assumed_looks_sent(uci):
    assert _all(uci, "select distinct time_basis from silver.encounters") == [("assumed",)]
    assert _all(uci, "select distinct birth_date_basis from silver.patients") == [("from age band",)]


def test_uci_length_of_stay_is_the_files(uci):
    stay = "select avg(datediff(discharge_date, arrival_date)) as mean, max(datediff(discharge_date, arrival_date)) as longest"
    mean, longest = _one(uci, f"{stay} from silver.encounters")
    assert (round(float(mean), 2), longest) == (4.40, 14)


def test_uci_diagnoses_are_those_of_the_file(uci):
    """21 first, 358 second and 1,423 third diagnoses are missing."""
    found = _all(uci, "select diagnosis_rank, count(*) as n from silver.diagnoses group by diagnosis_rank order by 1")
    assert found == [(1, 101_766 - 21), (2, 101_766 - 358), (3, 101_766 - 1_423)]


def test_nhamcs_every_visit_arrives(nhamcs):
    assert _one(nhamcs, "select count(*) as n from silver.encounters") == (102_004,)
    seniors = "select count(*) filter (where age_group = 'Senior') as n, count(*) filter (where age_group = 'Pediatric') as c"
    assert _one(nhamcs, f"{seniors} from silver.encounters") == (7128 + 4750 + 2784, 2927 + 7244 + 7208 + 6533)
    assert _all(nhamcs, "select distinct time_basis from silver.encounters") == [("assumed",)]


def test_nhamcs_visits_lie_in_their_year(nhamcs):
    found = _all(nhamcs, "select year(arrived_at) as y, count(*) as n from silver.encounters group by 1 order by 1")
    assert found == [(2015, 19447), (2016, 18126), (2017, 15275), (2018, 18199), (2019, 17715), (2020, 13242)]


def test_nhamcs_missing_shares_are_those_of_the_file(nhamcs):
    signs = ("heart_rate", "temperature", "systolic_bp", "respiratory_rate", "spo2")
    empty = ", ".join(f"round(100.0 * count(*) filter (where {sign} is null) / count(*), 1) as {sign}" for sign in signs)
    # heart_rate: 7.2 % blank and 38 rows taken by Doppler
    assert [float(share) for share in _one(nhamcs, f"select {empty} from bronze.vital_sets")] == [7.3, 6.5, 12.1, 5.4, 7.7]


@pytest.mark.parametrize("band", NHAMCS_PULSE)
def test_nhamcs_heart_rate_by_age_is_that_of_the_file(nhamcs, band):
    found = _one(
        nhamcs,
        "select count(*) as n, round(100.0 * count(v.heart_rate) / count(*), 1) as has,"
        " round(avg(cast(v.heart_rate as double)) filter (where cast(v.heart_rate as double) between 20 and 300), 1) as mean,"
        " round(stddev(cast(v.heart_rate as double)) filter (where cast(v.heart_rate as double) between 20 and 300), 1) as sd"
        " from bronze.vital_sets as v inner join silver.encounters as e on v.encounter_id = e.encounter_id"
        f" where {AGE_BAND} = '{band}'",
    )
    count, has, mean, deviation = NHAMCS_PULSE[band]
    assert found[0] == count
    assert [float(value) for value in found[1:]] == pytest.approx([has, mean, deviation], abs=0.11)


def test_nhamcs_temperatures_are_converted_from_tenths_of_fahrenheit(nhamcs):
    adults = "from silver.vital_sets as v inner join silver.encounters as e on v.encounter_id = e.encounter_id"
    mean = _one(nhamcs, f"select avg(v.temperature_c) as mean {adults} where e.age_years between 18 and 64")[0]
    assert float(mean) * 9 / 5 + 32 == pytest.approx(98.2, abs=0.05)


def test_nhamcs_a_years_own_file_gives_the_same_visits_as_the_joint_one(landed, nhamcs):
    year = landed("nhamcs_ed/features_2018.csv.gz")
    told = "select count(*) as n, sum(cast(heart_rate as double)) as pulses, count(spo2) as with_spo2 from bronze.vital_sets"
    assert _one(year, told) == _one(nhamcs, f"{told} where measured_at like '2018-%'")


@pytest.mark.parametrize("name", ["derived_encounters.csv", "derived_encounters.parquet"])
def test_mimic_demo_stays_and_raw_returns_are_the_files_own(landed, name):
    mimic = landed(f"mimic_iv_demo_meds/{name}")
    assert _one(mimic, "select count(*) as n, count(distinct patient_id) as people from silver.stays") == (275, 100)
    returns = "select sum(raw_return_count) as returns, sum(raw_index_count) as stays from gold.readmission_rates"
    assert tuple(map(int, _one(mimic, returns))) == (53, 260)
    assert _all(mimic, "select distinct time_basis from silver.encounters") == [(None,)]
    bases = {basis for (basis,) in _all(mimic, "select distinct birth_date_basis from silver.patients")}
    assert bases <= {"from age", "from age band"}


def _all(published: PublishedTables, sql: str) -> list[tuple]:
    return [tuple(row.values()) for row in published.query(sql).to_pylist()]


def _one(published: PublishedTables, sql: str) -> tuple:
    return _all(published, sql)[0]


def test_mimic_demo_vital_readings_that_name_no_stay_wait_in_quarantine(landed):
    """81,223 readings; 5,524 and 5,525 of an arterial line and 8,342 means are not used and counted."""
    mimic = landed("mimic_iv_demo_meds/derived_encounters.csv", "mimic_iv_demo_meds/derived_vitals_long.parquet")
    waiting = "select count(*) as n, count(distinct reasons) as reasons, min(reasons) as reason from silver.quarantine"
    assert _one(mimic, f"{waiting} where feed = 'vital_signs'") == (61_832, 1, "encounter_id is missing")
    told = (
        "select sum(record_count) as n from ops.not_understood where what = 'lines' and file_name = 'derived_vitals_long.parquet'"
    )
    assert _one(mimic, told)[0] == 5_524 + 5_525 + 8_342
