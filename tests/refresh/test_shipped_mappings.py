"""Each shipped mapping on a few lines written like the files it knows, all in one landing folder.

The files have the columns of the published schemas and invented values.
"""

from __future__ import annotations

import pytest

from pipeline.settings import load_settings
from tests.lake import publish_landed, rows_of

FILES = {
    "admissions.csv": """\
subject_id,hadm_id,admittime,dischtime,deathtime,admission_type,admit_provider_id,admission_location,discharge_location,insurance,\
language,marital_status,race,edregtime,edouttime,hospital_expire_flag
1,201,2150-03-01 10:00:00,2150-03-04 12:00:00,,EW EMER.,P1,EMERGENCY ROOM,HOME,Medicare,ENGLISH,,WHITE,,,0
1,202,2150-03-20 02:30:00,2150-03-21 12:00:00,,EU OBSERVATION,P1,EMERGENCY ROOM,PSYCH FACILITY,Medicare,ENGLISH,,WHITE,,,0
2,203,2151-01-01 10:00:00,2151-01-02 12:00:00,2151-01-02 12:00:00,ELECTIVE,P1,,DIED,Medicare,ENGLISH,,WHITE,,,1
""",
    "patients.csv": """\
subject_id,gender,anchor_age,anchor_year,anchor_year_group,dod
1,F,60,2150,2014 - 2016,
2,M,91,2151,2014 - 2016,2151-01-02
""",
    "diagnoses_icd.csv": """\
subject_id,hadm_id,seq_num,icd_code,icd_version
1,201,1,I5021,10
1,201,2,4280,9
""",
    "procedures_icd.csv": """\
subject_id,hadm_id,seq_num,chartdate,icd_code,icd_version
1,201,1,2150-03-02,B245ZZZ,10
""",
    "labevents.csv": """\
labevent_id,subject_id,hadm_id,specimen_id,itemid,order_provider_id,charttime,storetime,value,valuenum,valueuom,ref_range_lower,\
ref_range_upper,flag,priority,comments
1,1,201,7,51222,P1,2150-03-02 06:00:00,2150-03-02 07:00:00,10.5,10.5,g/dL,12,16,abnormal,STAT,
2,1,,7,51222,P1,2150-02-02 06:00:00,2150-02-02 07:00:00,10.5,10.5,g/dL,12,16,abnormal,STAT,
3,1,201,7,51301,P1,2150-03-02 06:00:00,2150-03-02 07:00:00,___,,K/uL,4,11,,STAT,
""",
    "edstays.csv": """\
subject_id,hadm_id,stay_id,intime,outtime,gender,race,arrival_transport,disposition
1,201,301,2150-03-01 06:00:00,2150-03-01 10:00:00,F,WHITE,WALK IN,ADMITTED
""",
    "vitalsign.csv": """\
subject_id,stay_id,charttime,temperature,heartrate,resprate,o2sat,sbp,dbp,rhythm,pain
1,301,2150-03-01 06:10:00,98.6,88,16,97,120,70,Sinus,3
""",
    "triage.csv": """\
subject_id,stay_id,temperature,heartrate,resprate,o2sat,sbp,dbp,pain,acuity,chiefcomplaint
1,301,98.6,90,16,97,121,70,3,3,Dyspnea
""",
    "patients_synthea.csv": """\
Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,LAST,SUFFIX,MAIDEN,MARITAL,RACE,ETHNICITY,GENDER,BIRTHPLACE,ADDRESS,CITY,\
STATE,COUNTY,ZIP,LAT,LON,HEALTHCARE_EXPENSES,HEALTHCARE_COVERAGE
s-1,1960-05-05,,999-11-2222,,,Mrs.,Ana,Syn,,,M,white,nonhispanic,F,B,1 Road,Boston,Massachusetts,Suffolk,02108,42.3,-71.0,1.5,0.5
""",
    "encounters_synthea.csv": """\
Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,PAYER,ENCOUNTERCLASS,CODE,DESCRIPTION,BASE_ENCOUNTER_COST,TOTAL_CLAIM_COST,\
PAYER_COVERAGE,REASONCODE,REASONDESCRIPTION
s-e1,2019-08-09T15:02:18Z,2019-08-09T15:32:18Z,s-1,o-1,p-1,y-1,wellness,162673000,General examination of patient,129.16,129.16,0.0,,
s-e2,2019-09-09T15:02:18Z,2019-09-12T15:32:18Z,s-1,o-1,p-1,y-1,inpatient,183452005,Emergency hospital admission,129.16,129.16,0.0,,
s-e3,2019-10-09T15:02:18Z,2019-10-12T15:32:18Z,s-1,o-1,p-1,y-1,snf,449214001,Transfer to nursing home,129.16,129.16,0.0,,
""",
    "observations.csv": """\
DATE,PATIENT,ENCOUNTER,CATEGORY,CODE,DESCRIPTION,VALUE,UNITS,TYPE
2019-09-10T08:00:00Z,s-1,s-e2,laboratory,718-7,Hemoglobin [Mass/volume] in Blood,12.345678,g/dL,numeric
2019-09-10T08:00:00Z,s-1,s-e2,vital-signs,8867-4,Heart rate,88.0,/min,numeric
2019-09-10T08:00:00Z,s-1,s-e2,vital-signs,8480-6,Systolic Blood Pressure,121.0,mm[Hg],numeric
2019-09-10T08:00:00Z,s-1,s-e2,vital-signs,8302-2,Body Height,170.1,cm,numeric
2019-09-10T08:00:00Z,s-1,s-e2,survey,72166-2,Tobacco smoking status NHIS,Never smoker,,text
""",
    "conditions.csv": """\
START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION
2019-09-09,,s-1,s-e2,88805009,Chronic congestive heart failure (disorder)
2019-09-09,,s-1,s-e2,44054006,Diabetes
""",
    "procedures_synthea.csv": """\
START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,BASE_COST,REASONCODE,REASONDESCRIPTION
2019-09-10T09:00:00Z,2019-09-10T09:30:00Z,s-1,s-e2,40701008,Echocardiography,500.0,,
""",
    "diabetic_data.csv": """\
encounter_id,patient_nbr,race,gender,age,weight,admission_type_id,discharge_disposition_id,time_in_hospital,medical_specialty,\
diag_1,diag_2,diag_3,readmitted
900,u-1,Asian,Female,[70-80),?,1,1,3,?,428,250.01,?,NO
100,u-1,Asian,Female,[60-70),?,6,11,2,Cardiology,410,?,?,<30
500,u-2,?,Unknown/Invalid,[0-10),?,3,18,1,?,?,?,?,>30
""",
    "features_2018.csv": """\
AGE,SEX,ARREMS,TEMPF,PULSE,BPSYS,BPDIAS,RESPR,POPCT,RFV1,NOCHRON,TOTCHRON
5.0,2.0,2.0,1015.0,140.0,-9.0,-9.0,20.0,98.0,10100.0,1.0,0.0
94.0,1.0,1.0,-9.0,998.0,120.0,998.0,-9.0,-9.0,10100.0,1.0,0.0
""",
    "derived_encounters.csv": """\
encounter_id,subject_id,sex,age,admittime,dischtime,adm_type,adm_loc,dispo,next_adm,readmit30
d-1,10,F,52,2180-05-06 22:23:00,2180-05-07 17:15:00,URGENT,TRANSFER FROM HOSPITAL,HOME,2180-06-26 18:27:00,false
d-2,10,F,53,2180-06-26 18:27:00,2180-06-27 18:49:00,EW EMER.,EMERGENCY ROOM,DIED,,false
""",
    "emergency_2025.csv": """\
encounter_id,patient_id,patient_age,heart_rate,is_readmitted,gender,ingestion_time
f-1,f-p1,71,104,1,Female,2025-03-01 10:00:00
f-2,f-p2,,,0,Male,2025-03-01 11:00:00
""",
}  # fmt: skip

FILLS = {
    "admissions.csv": ("mimic_admissions", {"encounters": 3}),
    "patients.csv": ("mimic_patients", {"patients": 2}),
    "diagnoses_icd.csv": ("mimic_diagnoses", {"diagnoses": 2}),
    "procedures_icd.csv": ("mimic_procedures", {"procedures": 1}),
    "labevents.csv": ("mimic_labevents", {"lab_results": 1}),
    "edstays.csv": ("mimic_edstays", {"encounters": 1}),
    "vitalsign.csv": ("mimic_vitalsign", {"vital_sets": 1}),
    "triage.csv": ("mimic_triage", {"vital_sets": 1}),
    "patients_synthea.csv": ("synthea_patients", {"patients": 1}),
    "encounters_synthea.csv": ("synthea_encounters", {"encounters": 3}),
    "observations.csv": ("synthea_observations", {"lab_results": 1, "vital_signs": 2}),
    "conditions.csv": ("synthea_conditions", {"diagnoses": 2}),
    "procedures_synthea.csv": ("synthea_procedures", {"procedures": 1}),
    "diabetic_data.csv": ("uci_diabetes130", {"patients": 2, "encounters": 3, "diagnoses": 3}),
    "features_2018.csv": ("nhamcs_ed_year", {"patients": 2, "encounters": 2, "vital_sets": 2}),
    "derived_encounters.csv": ("mimic_demo_encounters", {"patients": 1, "encounters": 2}),
    "emergency_2025.csv": ("flat_encounters", {"patients": 2, "encounters": 2, "vital_sets": 1}),
}


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory):
    """Files of many senders, taken in and published together."""
    settings = load_settings({"MEDIPULSE_HOME": str(tmp_path_factory.mktemp("senders")), "MEDIPULSE_THREADS": "2"})
    settings.landing.mkdir(parents=True)
    for name, text in FILES.items():
        (settings.landing / name).write_text(text, encoding="utf-8")
    publish_landed(settings)
    return settings


@pytest.mark.parametrize("name", FILES)
def test_a_file_finds_its_mapping_by_its_header_and_fills_its_feeds(name, everywhere):
    files = rows_of(everywhere, "ops.files").query("file_name == @name")
    mapping, counts = FILLS[name]
    assert set(files["mapping"]) == {mapping}
    assert files.set_index("feed")["line_count"].to_dict() == counts


def test_mimic_admissions_keep_their_times_and_words(everywhere):
    found = rows_of(everywhere, "silver.encounters").set_index("encounter_id")
    columns = ["admission_type", "disposition", "age_years"]
    assert list(found.loc["201", columns]) == ["Emergency", "Home", 60]
    assert found.loc["202", columns[:2]].isna().all()
    assert list(found.loc["203", columns]) == ["Elective", "Died", 91]
    assert f"{found.loc['202', 'arrived_at']:%Y-%m-%d %H:%M}" == "2150-03-20 02:30"
    assert found.loc["ED-301", "encounter_class"] == "Emergency"


def test_mimic_ages_give_birth_dates_that_say_so(everywhere):
    patients = rows_of(everywhere, "silver.patients").set_index("patient_id")
    assert [str(patients.loc["1", "birth_date"]), patients.loc["1", "birth_date_basis"]] == ["2090-01-01", "from age"]
    assert patients.loc["2", "birth_date_basis"] == "from age band"


def test_mimic_vital_signs_are_in_celsius_and_triage_without_time_waits_in_quarantine(everywhere):
    vitals = rows_of(everywhere, "silver.vital_sets").set_index("encounter_id")
    assert float(vitals.loc["ED-301", "temperature_c"]) == 37.0
    waiting = rows_of(everywhere, "silver.quarantine").query("_file == 'triage.csv'")
    assert list(waiting["reasons"]) == ["measured_at is missing"]


def test_what_gives_no_row_is_counted(everywhere):
    told = rows_of(everywhere, "ops.not_understood").query("what == 'lines'").set_index("file_name")["record_count"]
    assert told.to_dict() == {"labevents.csv": 2, "observations.csv": 2}


def test_synthea_times_are_utc_and_a_nursing_home_is_no_hospital(everywhere):
    encounters = rows_of(everywhere, "silver.encounters").set_index("encounter_id")
    assert f"{encounters.loc['s-e2', 'arrived_at']:%Y-%m-%d %H:%M:%S}" == "2019-09-09 15:02:18"
    assert list(encounters.loc[["s-e1", "s-e2"], "encounter_class"]) == ["Outpatient", "Inpatient"]
    refused = rows_of(everywhere, "silver.quarantine").query("_file == 'encounters_synthea.csv'")
    assert list(refused["reasons"]) == ["encounter_class cannot be read as a known code"]


def test_synthea_conditions_are_ranked_in_their_encounter(everywhere):
    rows = rows_of(everywhere, "bronze.diagnoses").query("_file == 'conditions.csv'").sort_values("_row")
    assert list(rows["diagnosis_rank"]) == ["1", "2"]


def test_synthea_vital_signs_sent_one_at_a_time_make_a_set(everywhere):
    vitals = rows_of(everywhere, "silver.vital_sets").set_index("encounter_id")
    assert [float(vitals.loc["s-e2", name]) for name in ("heart_rate_bpm", "systolic_bp_mmhg")] == [88.0, 121.0]


def test_long_decimals_of_a_laboratory_are_rounded_and_kept_as_received(everywhere):
    row = rows_of(everywhere, "bronze.lab_results").query("_file == 'observations.csv'").iloc[0]
    assert row["value"] == "12.3457"
    assert "value=12.345678" in row["_source_text"]


def test_uci_encounters_are_placed_in_the_order_of_their_numbers(everywhere):
    """Three of them share the ten years from 1999 on: each lies in the middle of its third."""
    found = rows_of(everywhere, "silver.encounters").set_index("encounter_id").loc[["100", "500", "900"]]
    assert list(found["arrived_at"].dt.strftime("%Y-%m")) == ["2000-08", "2004-01", "2007-05"]
    assert [(there - came).days for came, there in zip(found["arrival_date"], found["discharge_date"], strict=True)] == [2, 1, 3]
    assert set(found["time_basis"]) == {"assumed"}


def test_uci_bands_of_ages_codes_and_marks_for_missing_are_read(everywhere):
    patients = rows_of(everywhere, "silver.patients").set_index("patient_id")
    assert list(patients.loc[["u-1", "u-2"], "sex"]) == ["Female", "Unknown"]
    assert set(patients.loc[["u-1", "u-2"], "birth_date_basis"]) == {"from age band"}
    encounters = rows_of(everywhere, "silver.encounters").set_index("encounter_id")
    assert list(encounters.loc[["100", "500", "900"], "age_years"]) == [60, 0, 66]  # the band of the first encounter counts
    assert list(encounters.loc[["100", "900"], "disposition"]) == ["Died", "Home"]
    assert encounters.loc["500", ["disposition", "ward_name"]].isna().all()


def test_nhamcs_takes_the_year_from_the_files_name_and_codes_for_missing_from_the_mapping(everywhere):
    encounters = rows_of(everywhere, "silver.encounters").set_index("encounter_id")
    visits = [f"features_2018.csv-{line}" for line in (2, 3)]
    assert list(encounters.loc[visits, "arrived_at"].dt.strftime("%Y-%m")) == ["2018-04", "2018-10"]
    vitals = rows_of(everywhere, "silver.vital_sets").set_index("encounter_id")
    assert float(vitals.loc[visits[0], "temperature_c"]) == 38.61
    assert vitals.loc[visits[1], ["heart_rate_bpm", "diastolic_bp_mmhg", "temperature_c", "spo2_pct"]].isna().all()
    patients = rows_of(everywhere, "silver.patients").set_index("patient_id")
    assert list(patients.loc[visits, "sex"]) == ["Male", "Female"]
    assert list(patients.loc[visits, "birth_date_basis"]) == ["from age", "from age band"]


def test_the_mimic_demos_stays_keep_their_sent_times(everywhere):
    found = rows_of(everywhere, "silver.encounters").set_index("encounter_id")
    assert list(found.loc[["d-1", "d-2"], "disposition"]) == ["Home", "Died"]
    assert found.loc[["d-1", "d-2"], "time_basis"].isna().all()
    assert str(rows_of(everywhere, "silver.patients").set_index("patient_id").loc["10", "birth_date"]) == "2128-05-06"


def test_the_flat_table_says_that_its_times_are_assumed(everywhere):
    found = rows_of(everywhere, "silver.encounters").set_index("encounter_id")
    assert (found.loc["f-1", "time_basis"], found.loc["f-1", "age_years"]) == ("assumed", 71)
    assert "f-2" not in found.index  # no age, so no birth date, so no patient
    extra = rows_of(everywhere, "bronze.patients").query("_file == 'emergency_2025.csv'").sort_values("_row")["_extra"]
    assert list(extra) == ["is_readmitted=1", "is_readmitted=0"]
