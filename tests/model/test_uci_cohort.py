"""UCI's file becomes a cohort: made-up lines in its form, each of whose features can be told by hand."""

from __future__ import annotations

import csv
import gzip
import random

import pytest

from pipeline.catalog.contract import read_contract
from pipeline.errors import BadRequest, FileRefused
from pipeline.model.evaluation import HOSPITAL, LACE
from pipeline.model.uci_cohort import FOLDER, published_results, uci_cohort

DRUGS = (
    "metformin", "repaglinide", "nateglinide", "chlorpropamide", "glimepiride", "acetohexamide", "glipizide", "glyburide",
    "tolbutamide", "pioglitazone", "rosiglitazone", "acarbose", "miglitol", "troglitazone", "tolazamide", "examide",
    "citoglipton", "insulin", "glyburide-metformin", "glipizide-metformin", "glimepiride-pioglitazone",
    "metformin-rosiglitazone", "metformin-pioglitazone",
)  # fmt: skip

LINE = {
    "race": "?", "gender": "Female", "age": "[70-80)", "weight": "?", "admission_type_id": "1", "discharge_disposition_id": "1",
    "admission_source_id": "7", "time_in_hospital": "4", "payer_code": "MC", "medical_specialty": "?",
    "num_lab_procedures": "40", "num_procedures": "1", "num_medications": "12", "number_outpatient": "0",
    "number_emergency": "0", "number_inpatient": "0", "diag_1": "428", "diag_2": "250.4", "diag_3": "?",
    "number_diagnoses": "5", "max_glu_serum": "None", "A1Cresult": ">8", **dict.fromkeys(DRUGS, "No"), "insulin": "Up",
    "metformin": "Steady", "change": "Ch", "diabetesMed": "Yes", "readmitted": "NO",
}  # fmt: skip

STORY = (
    {"encounter_id": "900000001", "patient_nbr": "P-ada", "readmitted": ">30"},
    {"encounter_id": "900000005", "patient_nbr": "P-ada", "readmitted": "<30", "number_inpatient": "2", "number_emergency": "1",
     "diag_1": "8", "diag_2": "V45.1", "time_in_hospital": "8", "medical_specialty": "Oncology", "num_procedures": "0"},
    {"encounter_id": "900000003", "patient_nbr": "P-bob", "discharge_disposition_id": "11"},
    {"encounter_id": "900000004", "patient_nbr": "P-cy", "discharge_disposition_id": "13"},
    {"encounter_id": "900000006", "patient_nbr": "P-di", "admission_type_id": "6", "race": "Asian", "gender": "Unknown/Invalid"},
)  # fmt: skip
"""Ada comes twice, Bob dies, Cy goes to a hospice, of Di the type of admission is not known. A crowd and a cut line follow."""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("uci") / "diabetic_data.csv.gz"
    chance = random.Random(4)
    crowd = [
        {
            "encounter_id": str(1000 + number),
            "patient_nbr": f"C-{number // 2}",
            "readmitted": chance.choice(["<30", "NO", ">30", "NO"]),
        }
        for number in range(1_200)
    ]
    with gzip.open(path, "wt", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["encounter_id", "patient_nbr", *LINE])
        writer.writeheader()
        writer.writerows(LINE | line for line in [*STORY, *crowd])
        stream.write("900000009,P-cut,Asian\r\n")
    return path


@pytest.fixture
def cohort(settings, file):
    return uci_cohort(settings, file)


def test_deaths_and_hospices_are_out_and_counted(cohort):
    assert len(cohort.features) == 1_200 + 3
    assert dict(cohort.flow) == {"Line that cannot be read": 1, "Died in hospital": 1, "Discharged to a hospice": 1}


def test_stays_lie_in_the_order_of_their_numbers(cohort):
    assert (cohort.ended_at[1:] > cohort.ended_at[:-1]).all()
    assert list(cohort.ended_at[-3:]) == [900000001, 900000005, 900000006]
    assert list(cohort.is_readmitted[-3:]) == [False, True, False]


def test_a_first_stay_has_no_history(cohort):
    first = cohort.features.iloc[-3]
    assert first["earlier_stay_count"] == 0
    assert first[["earlier_days", "previous_length_of_stay_days", "encounters_since_previous"]].isna().all()
    assert first["previous_chapter"] is None


def test_a_second_stay_knows_the_first_and_not_whether_it_was_followed(cohort):
    second = cohort.features.iloc[-2]
    assert (second["earlier_stay_count"], second["earlier_days"], second["previous_length_of_stay_days"]) == (1, 4, 4)
    assert second["encounters_since_previous"] == 3, "Bob, Cy and itself"
    assert second["added_admission_count"] == 2
    assert (second["previous_chapter"], second["same_cause_as_previous"]) == ("Circulatory", 0)
    assert second["heart_failure"] == 1, "coded in the first stay"
    assert not any("readmitted" in name or "payer" in name for name in cohort.features.columns)


def test_codes_get_their_lost_zeros_back(cohort):
    assert list(cohort.features["principal_category"].iloc[-3:-1]) == ["428", "008"]
    assert list(cohort.features["principal_chapter"].iloc[-3:-1]) == ["Circulatory", "Infections"]
    assert cohort.features["diabetes_with_damage"].iloc[-3] == 1
    assert cohort.features["third_category"].iloc[-3] is None


def test_drugs_are_counted(cohort):
    first = cohort.features.iloc[-3]
    assert (first["drug_count"], first["drug_change_count"], first["insulin"], first["on_diabetes_drug"]) == (2, 1, "Up", 1)


def test_scores_follow_their_tables_and_are_missing_without_a_type_of_admission(cohort):
    """Ada's first stay. LACE: 4 days 4, emergency 3, heart failure 2 and organ damage 2 make 5. HOSPITAL: urgent 1, procedure 1."""
    assert cohort.scores[LACE].iloc[-3] == 4 + 3 + 5
    assert cohort.scores[HOSPITAL].iloc[-3] == 2
    assert cohort.scores[HOSPITAL].iloc[-2] == 1 + 2 + 2 + 2, "urgent, oncology, 8 days, 2 stays before"
    assert cohort.scores.iloc[-1].isna().all()


def test_race_is_a_group_and_no_feature(cohort):
    assert cohort.groups["race"].iloc[-1] == "Asian"
    assert cohort.groups["race"].iloc[:-1].isna().all()
    assert "race" not in cohort.features


def test_the_file_in_the_landing_folder_is_found_by_its_name(settings, file):
    settings.landing.mkdir(parents=True)
    (settings.landing / "notes.txt").write_text("nothing")
    (settings.landing / file.name).write_bytes(file.read_bytes())
    assert len(uci_cohort(settings).features) == 1_203


def test_without_the_file_it_says_where_to_put_it(settings):
    with pytest.raises(BadRequest, match="Put diabetic_data"):
        uci_cohort(settings)


def test_another_file_is_refused(settings, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(FileRefused):
        uci_cohort(settings, other)


def test_its_features_are_those_of_the_contract(cohort):
    columns = read_contract(FOLDER / "features.yml").columns
    assert list(cohort.features.columns) == [column.name for column in columns if column.available is not None]


def test_results_of_others_are_told_with_their_leaks():
    told = published_results()
    assert [bool(one.leaks) for one in told] == sorted(bool(one.leaks) for one in told)
    assert max(one.auroc for one in told if not one.leaks) < 0.70
