"""The synthetic hospital's diagnoses and procedures: who can have them, how often they occur, what tells that a stay was planned.

Shares without a source are expectations of a general hospital, with room; codes stand without their dot.
"""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline.sources.synthetic.code_tables import diagnosis_codes, procedure_codes, reasons_for_care
from tests.sources import charlson
from tests.sources.conftest import Tables

ICD9_UNTIL = pd.Timestamp("2025-04-01")
ALWAYS_PLANNED = ("Z5111", "Z510")
# fmt: off
OPERATIONS = (
    "027034Z", "021209W", "02RF38Z", "02QG0ZZ", "02Q54ZZ", "03CK0ZZ", "04V03DZ", "0FT44ZZ", "0SR90JZ", "0SRC0JZ",
    "0YQ50ZZ", "0WQF0ZZ", "0SG0071", "0VT08ZZ", "0UT90ZZ", "0GTK0ZZ", "0DTF0ZZ", "0HTT0ZZ", "0VT00ZZ", "0TT00ZZ",
    "0BTC4ZZ", "0CTPXZZ", "0VSC0ZZ",
)
# fmt: on
ACUTE = ("A4", "I21", "I20", "I63", "J1", "J44", "J96", "K35", "K800", "K56", "K57", "K85", "N17", "N39", "S", "R", "E86", "F")


def _share(rows: pd.Series) -> float:
    return float(rows.mean())


@pytest.fixture(scope="module")
def stays(tables: Tables) -> pd.DataFrame:
    """Every ward stay with its principal diagnosis; patients whose age is not known are left out."""
    principal = tables.diagnoses[tables.diagnoses["rank"] == 1][["encounter_id", "system", "plain"]]
    wards = tables.encounters[tables.encounters.encounter_class == "INPATIENT"].dropna(subset=["age", "arrived_at"])
    return wards[wards.age >= 0].merge(principal, on="encounter_id")


@pytest.fixture(scope="module")
def coded(tables: Tables) -> pd.DataFrame:
    """Every diagnosis with the encounter's class, and the patient's age and sex."""
    known = tables.encounters[tables.encounters.age >= 0]
    columns = ["encounter_id", "patient_id", "site_name", "encounter_class", "arrived_at", "disposition", "age", "sex"]
    return tables.diagnoses.merge(known[columns], on="encounter_id")


@pytest.fixture(scope="module")
def following(stays: pd.DataFrame) -> pd.DataFrame:
    """Each stay beside the next one of the same patient, where that begins within 30 days of a discharge alive."""
    ordered = stays.sort_values(["patient_id", "arrived_at"])
    after = ordered.groupby("patient_id")[["encounter_id", "arrived_at", "admission_type", "plain", "site_name", "system"]].shift(
        -1
    )
    pairs = ordered.join(after.add_prefix("next_"))
    days = (pairs.next_arrived_at - pairs.discharged_at).dt.total_seconds() / 86_400
    return pairs[days.between(0, 30) & ~pairs.disposition.isin(["TRANSFER_ACUTE", "EXPIRED"])]


def test_every_encounter_has_one_principal_diagnosis(tables):
    principal = tables.diagnoses[tables.diagnoses["rank"] == 1].encounter_id
    assert not principal.duplicated().any()
    assert _share(tables.encounters.encounter_id.isin(principal)) > 0.99


def test_there_are_about_two_diagnoses_per_encounter_and_four_to_five_per_stay(tables):
    count = tables.encounters.encounter_id.map(tables.diagnoses.groupby("encounter_id").size()).fillna(0)
    ward = tables.encounters.encounter_class == "INPATIENT"
    assert 1.8 <= count.mean() <= 2.3
    assert 4.0 <= count[ward].mean() <= 5.2
    assert 1.0 <= count[~ward].mean() <= 1.3
    assert count.max() == 9


def test_codes_are_those_of_the_lists_as_each_site_writes_them(tables):
    lists = {"ICD-10": diagnosis_codes().icd10, "ICD-9": diagnosis_codes().icd9}
    plain = {system: {code.replace(".", "") for code in codes} for system, codes in lists.items()}
    for system, rows in tables.diagnoses.groupby("system"):
        assert set(rows.plain) <= plain[system]


def test_sites_write_their_codes_differently(coded):
    ten = coded[(coded.system == "ICD-10") & (coded.plain.str.len() > 3)]
    with_dot = ten.code.str.contains(".", regex=False).groupby(ten.site_name).mean()
    assert with_dot.to_dict() == {"Lakeside Paediatric": 1, "North Campus": 1, "Riverside": 1, "St Anne": 0}
    assert set(ten.code_system) == {"ICD-10-CM", "ICD10CM", "10"}


@pytest.mark.parametrize("feed", ["diagnoses", "procedures"])
def test_only_riverside_sends_icd_9_and_only_until_march_2025(tables, feed):
    sent = getattr(tables, feed).merge(tables.encounters[["encounter_id", "site_name", "arrived_at"]], on="encounter_id")
    sent = sent.dropna(subset=["arrived_at"])
    legacy = (sent.site_name == "Riverside") & (sent.arrived_at < ICD9_UNTIL)
    born = sent.arrived_at > pd.Timestamp("2024-11-01")
    assert ((sent.system == "ICD-9") == legacy)[born].all()
    assert 0.03 < _share(sent.system == "ICD-9") < 0.10


def test_names_have_no_commas():
    names = (*diagnosis_codes().names, *procedure_codes().names)
    assert not [name for name in names if "," in name or not name]


def test_everybody_finds_a_reason_in_every_group():
    """Each group has one that any patient of the right age can have, so that the draw never lands on an unfit one."""
    reasons = reasons_for_care()
    open_to_all = (reasons.weight > 0) & ((reasons.sex < 0) | pd.Series(reasons.group).str.contains("delivery|pregnant|Maternity"))
    groups = pd.Series(reasons.group)
    assert set(groups) == set(groups[open_to_all])


def test_births_and_pregnancies_are_womens_of_that_age(coded):
    pregnant = coded[(coded.system == "ICD-10") & coded.plain.str.startswith(("O", "Z33", "Z34", "Z37"))]
    assert len(pregnant) > 1_000
    assert "M" not in set(pregnant.sex) and "MALE" not in set(pregnant.sex)
    assert pregnant.age.min() >= 17 and pregnant.age.max() < 46


def test_births_are_about_four_percent_of_stays_and_on_the_maternity_ward(stays):
    births = stays[stays.plain.str.startswith(("O80", "O82", "O34", "O42", "O48", "O70"))]
    assert 0.03 <= len(births) / len(stays) <= 0.055
    assert _share(births.ward_name == "Maternity") > 0.98
    assert not births.disposition.isin(["SKILLED_NURSING", "TRANSFER_ACUTE", "HOSPICE"]).any()


def test_a_mother_gives_birth_once_a_year_at_most(stays):
    births = stays[stays.ward_name == "Maternity"].sort_values(["patient_id", "arrived_at"])
    gap = births.groupby("patient_id").arrived_at.diff().dropna()
    assert gap.empty or gap.min() > pd.Timedelta(days=280)


def test_pregnant_women_come_to_clinics_and_emergency_departments_before_they_give_birth(coded):
    pregnant = coded[(coded.system == "ICD-10") & coded.plain.str.startswith(("O", "Z33", "Z34"))]
    by_class = pregnant.drop_duplicates("encounter_id").encounter_class.value_counts()
    assert by_class["EMERGENCY"] > 200 and by_class["OUTPATIENT"] > 200


@pytest.mark.parametrize(
    ("codes", "from_years"),
    [
        (("F03", "G30"), 40),
        (("I252", "I2510"), 17),
        (("N183", "N184", "N185", "N186"), 17),
        (("C61",), 25),
        (("N40",), 50),
        (("M16", "M17"), 40),
    ],
    ids=["dementia", "coronary disease", "kidney disease", "prostate cancer", "enlarged prostate", "osteoarthritis"],
)
def test_diseases_of_the_old_are_not_childrens(coded, codes, from_years):
    """Conditions go by the age in the middle of the window, so an encounter can be a year before that of its band."""
    ages = coded.age[coded.plain.str.startswith(codes) & (coded.system == "ICD-10")]
    assert len(ages) > 30
    assert ages.min() >= from_years


@pytest.mark.parametrize(
    ("codes", "other"),
    [(("C61", "N40"), "F"), (("C50", "D25"), "M")],
    ids=["prostate is men's", "breast and uterus are women's here"],
)
def test_diseases_of_one_sex_are_not_the_others(coded, codes, other):
    found = coded[coded.plain.str.startswith(codes) & (coded.system == "ICD-10")]
    assert len(found) > 100
    assert not found.sex.str.startswith(other, na=False).any()


def test_every_kidney_code_says_its_stage(coded):
    kidneys = set(coded.plain[(coded.system == "ICD-10") & coded.plain.str.startswith("N18")])
    assert kidneys == {"N1830", "N1831", "N1832", "N184", "N185", "N186"}


@pytest.mark.parametrize(
    ("category", "of_adults", "of_seniors"),
    [
        ("heart failure", 0.11, 0.18),
        ("chronic pulmonary disease", 0.155, 0.20),
        ("diabetes", 0.075, 0.105),
        ("diabetes with end-organ damage", 0.085, 0.13),
        ("mild liver or kidney disease", 0.10, 0.165),
        ("severe liver or kidney disease", 0.043, 0.06),
        ("tumour", 0.085, 0.14),
        ("metastatic cancer", 0.035, 0.06),
        ("dementia", 0.038, 0.08),
        ("myocardial infarction", 0.073, 0.10),
        ("cerebrovascular disease", 0.055, 0.085),
        ("peripheral vascular disease", 0.043, 0.075),
        ("connective tissue disease", 0.03, 0.04),
    ],
)
def test_conditions_are_as_frequent_on_the_wards_as_meant(tables, stays, category, of_adults, of_seniors):
    """Pins what the generator is meant to give; the sizes are assumptions near US hospital statistics (conditions.py)."""
    found = charlson.conditions(tables.diagnoses)
    ill = stays.encounter_id.isin(found.encounter_id[found.category == category])
    assert _share(ill[stays.age >= 18]) == pytest.approx(of_adults, rel=0.25)
    assert _share(ill[stays.age >= 65]) == pytest.approx(of_seniors, rel=0.25)


def test_comorbidity_grows_with_age(tables, stays):
    points = stays.encounter_id.map(charlson.points(tables.diagnoses)).fillna(0)
    by_age = points.groupby(pd.cut(stays.age, [0, 18, 45, 65, 75, 120], right=False), observed=True).mean()
    assert by_age.is_monotonic_increasing
    assert by_age.iloc[0] < 0.5 and by_age.iloc[-1] > 2.5


def test_a_chronic_condition_comes_up_again_at_most_later_stays(coded, stays):
    """Heart failure once coded on a ward is coded again on nine later stays of ten; the rest is imperfect coding."""
    failing = coded[coded.plain.str.startswith(("I50", "428")) & (coded.encounter_class == "INPATIENT")]
    first = failing.groupby("patient_id").arrived_at.min().rename("first_at").reset_index()
    later = stays.merge(first, on="patient_id")
    later = later[later.arrived_at > later.first_at]
    assert len(later) > 300
    assert 0.75 <= _share(later.encounter_id.isin(failing.encounter_id)) <= 0.97


@pytest.mark.parametrize(
    ("codes", "fewest", "most"),
    [(("F2", "F31", "F32", "F33"), 0.02, 0.032), (("Z44101", "Z471"), 0.006, 0.016), (("Z5111", "Z510"), 0.004, 0.015)],
    ids=["psychiatric", "rehabilitation", "cancer treatment"],
)
def test_stays_that_an_index_leaves_out_have_their_share(stays, codes, fewest, most):
    ten = stays[stays.system == "ICD-10"]
    assert fewest <= _share(ten.plain.str.startswith(codes)) <= most


def test_both_halves_of_a_transfer_are_about_the_same(stays):
    ordered = stays.sort_values(["patient_id", "arrived_at"])
    after = ordered.groupby("patient_id")[["plain", "arrived_at", "system"]].shift(-1)
    moved = ordered.disposition.eq("TRANSFER_ACUTE") & after.plain.notna() & (ordered.system == after.system)
    moved &= (after.arrived_at - ordered.discharged_at).between(pd.Timedelta(0), pd.Timedelta(days=2))
    assert moved.sum() > 300
    # Corrected and refused lines make the difference.
    assert _share((ordered.plain == after.plain)[moved]) > 0.97


def test_about_half_of_the_stays_and_most_surgical_ones_have_a_procedure(tables, stays):
    has_one = stays.encounter_id.isin(tables.procedures.encounter_id)
    assert 0.42 <= _share(has_one) <= 0.52
    assert _share(has_one[stays.ward_name == "Surgical"]) > 0.78
    assert _share(has_one[(stays.ward_name == "Surgical") & (stays.admission_type == "ELECTIVE")]) > 0.98


def test_procedures_are_done_within_the_stay(tables, stays):
    done = tables.procedures.merge(stays[["encounter_id", "arrived_at", "discharged_at"]], on="encounter_id")
    done = done.dropna(subset=["performed_at", "discharged_at"])
    possible = done[done.discharged_at >= done.arrived_at]
    assert (possible.performed_at.between(possible.arrived_at, possible.discharged_at)).all()


def test_a_delivery_is_the_procedure_of_a_birth(tables, stays):
    delivered = tables.procedures[tables.procedures.plain.isin(["10E0XZZ", "10D00Z1"])]
    births = stays[stays.ward_name == "Maternity"]
    assert _share(delivered.encounter_id.isin(tables.encounters.encounter_id)) > 0.99
    assert _share(births.encounter_id.isin(delivered.encounter_id)) > 0.85


def test_planned_returns_show_in_their_codes(tables, following):
    """Two thirds of elective stays soon after another are cancer treatments or an operation without an acute diagnosis."""
    planned = following[(following.next_admission_type == "ELECTIVE") & (following.next_system == "ICD-10")]
    operated = planned.next_encounter_id.isin(tables.procedures.encounter_id[tables.procedures.plain.isin(OPERATIONS)])
    treated = planned.next_plain.str.startswith(ALWAYS_PLANNED)
    not_acute = ~planned.next_plain.str.startswith(ACUTE)
    assert len(planned) > 200
    assert _share(treated | (operated & not_acute)) > 0.65
    assert treated.sum() > 50


def test_unplanned_returns_are_never_for_planned_care(following):
    unplanned = following[(following.next_admission_type != "ELECTIVE") & (following.next_system == "ICD-10")]
    assert not unplanned.next_plain.str.startswith((*ALWAYS_PLANNED, "Z", "O80", "O82", "M16", "M17", "K802")).any()


def test_some_patients_are_back_the_same_day_at_the_same_site_with_the_same_disease(following):
    unplanned = following[following.next_admission_type != "ELECTIVE"]
    same_day = unplanned.next_arrived_at.dt.normalize() == unplanned.discharged_at.dt.normalize()
    same_disease = (unplanned.next_plain == unplanned.plain) & (unplanned.next_site_name == unplanned.site_name)
    assert 0.008 <= _share(same_day & same_disease) <= 0.025
    assert 0.22 <= _share(unplanned.next_plain == unplanned.plain) <= 0.40


def test_few_coded_lines_cannot_be(raw):
    sent = raw["diagnoses"]
    faulty = {
        "no code": sent.code == "",
        "impossible system": sent.code_system == "ICD-?",
        "rank 0": sent.diagnosis_rank == "0",
        "no rank": sent.diagnosis_rank == "",
        "unknown encounter": sent.encounter_id.str.startswith("EN-U"),
    }
    assert {name: rows.mean() for name, rows in faulty.items()} == pytest.approx(
        {"no code": 0.0006, "impossible system": 0.0006, "rank 0": 0.0005, "no rank": 0.0003, "unknown encounter": 0.0004},
        abs=0.0002,
    )
