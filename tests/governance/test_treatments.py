"""What a value becomes for a role that does not see it as it is, at the bounds of the rules that say so."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, date, datetime

import duckdb
import pytest

from pipeline.catalog.contract import Column, Contract, load_contracts
from pipeline.governance import access
from pipeline.governance.policy import YEARS, Viewer, load_policy
from pipeline.governance.pseudonym_key import paddings
from pipeline.governance.secret_file import read_secret
from pipeline.governance.shown import shown_as
from pipeline.governance.treatments import MASK, OLDEST_AGE

NUMBERS = {"patient_id", "encounter_id", "stay_id"}
ABOUT_US = {"_received_at", "refused_at", "recorded_at"}
"""When our own run took a file in, or a person read: nothing that happened to a patient."""

ABOUT_ALL_DATA = {"first_date"}
"""The same in every row: since when there are data at all."""

DATED = ("_at", "_date", "_month", "_on")


def is_of_single_patients(contract: Contract) -> bool:
    """Whether a row is about one patient, encounter or stay: its key or an identifier says which."""
    names_somebody = any(column.sensitivity == "identifier" for column in contract.columns)
    return not contract.is_intermediate and (names_somebody or bool(NUMBERS & set(contract.key)))


def dates_of(contract: Contract) -> list[Column]:
    """Its columns that tell when something happened to somebody, of whatever type."""
    dated = [column for column in contract.columns if column.type in ("date", "timestamp") or column.name.endswith(DATED)]
    return [column for column in dated if column.name not in ABOUT_US | ABOUT_ALL_DATA]


SINGLE = [name for name, contract in load_contracts().items() if is_of_single_patients(contract)]
GENERALISING = [role for role in load_policy().roles if load_policy().by_role[role].shows["quasi"] != "show"]


def becomes(value: object, type_: str, treatment: str, **given: object) -> object:
    """The value after the engine treated it."""
    column = Column("one", type_, "a value", "identifier")
    sql = f"select {shown_as(column, treatment).sql(dialect='duckdb')} from (select cast($value as {type_}) as one)"
    return duckdb.execute(sql, {"value": value, **given}).fetchone()[0]


@pytest.mark.parametrize(
    ("code", "area"), [("12345", "123"), ("12345-6789", "123"), ("03601", "000"), ("SW1A 1AA", None), ("0360", None), (None, None)]
)
def test_a_postal_code_tells_three_digits_and_of_small_areas_none(code, area):
    assert becomes(code, "varchar", "postal area") == area


@pytest.mark.parametrize(("age", "told"), [(0, 0), (89, 89), (90, 90), (91, 90), (101, 90), (None, None)])
def test_no_age_over_ninety_is_told(age, told):
    assert becomes(age, "integer", "age") == told


def test_a_year_of_birth_that_tells_an_age_over_89_is_left_out():
    year = datetime.now(UTC).year
    assert becomes(date(year - OLDEST_AGE, 12, 31), "date", "year of birth") is None
    assert becomes(date(year - OLDEST_AGE + 1, 12, 31), "date", "year of birth") == date(year - OLDEST_AGE + 1, 1, 1)


def test_of_a_moment_the_year_is_left():
    assert becomes(datetime(2025, 3, 17, 13, 47, 11), "timestamp", "year") == datetime(2025, 1, 1)
    assert becomes(None, "timestamp", "year") is None


def test_a_pseudonym_is_the_keyed_hash_of_what_it_stands_for(tmp_path):
    given = paddings(tmp_path / "pseudonym.key")
    key = hmac.new(read_secret(tmp_path / "pseudonym.key"), b"medipulse pseudonym", hashlib.sha256).digest()
    expected = hmac.new(key, b"patient|P-ada", hashlib.sha256).hexdigest()[:16]
    assert becomes("P-ada", "varchar", "patient pseudonym", **given) == expected
    assert becomes("P-ada", "varchar", "encounter pseudonym", **given) != expected


def test_another_key_gives_other_pseudonyms(tmp_path):
    one, other = (becomes("P-ada", "varchar", "patient pseudonym", **paddings(tmp_path / name)) for name in ("a.key", "b.key"))
    assert one != other


@pytest.mark.parametrize(
    ("treatment", "type_", "told"),
    [
        ("mask", "varchar", MASK),
        ("mask", "integer", None),
        ("hide", "varchar", None),
        ("year", "varchar", MASK),
        ("age", "double", None),
    ],
)
def test_what_cannot_be_generalised_so_is_masked(treatment, type_, told):
    assert becomes("7", type_, treatment) == told


def test_the_tables_of_single_patients_are_found():
    rows = {"high_risk_seniors", "encounter_risks", "index_stays", "stay_facts", "stay_scores", "risk_features", "risk_scores"}
    sums = {"readmission_rates", "demographics", "vital_averages", "ingestion_volume", "score_calibration", "feature_bins"}
    assert {f"gold.{name}" for name in rows} | {"silver.stays", "silver.encounters", "bronze.encounters"} <= set(SINGLE)
    assert not {f"gold.{name}" for name in sums | {"age_heart_rate_cells"}} & set(SINGLE)


@pytest.mark.parametrize("table", SINGLE)
def test_no_date_about_one_patient_is_operational(table):
    assert not [column.name for column in dates_of(load_contracts()[table]) if column.sensitivity == "operational"]


@pytest.mark.parametrize("role", GENERALISING)
@pytest.mark.parametrize("table", SINGLE)
def test_a_role_without_dates_is_told_no_more_than_the_year_of_any(role, table):
    told = {load_policy().treatment(role, column) for column in dates_of(load_contracts()[table])}
    assert told <= {*YEARS, "mask", "hide"}


@pytest.mark.parametrize("role", ["analyst", "auditor"])
@pytest.mark.parametrize("table", [table for table in SINGLE if load_policy().may_read("analyst", table)])
def test_what_such_a_role_reads_of_one_patient_holds_years_and_no_month(role, table, shared_tiny_lake):
    rows = access.read(Viewer("eve", role), f"select * from {table}", purpose="test", settings=shared_tiny_lake)
    told = {str(value) for column in dates_of(load_contracts()[table]) for value in rows[column.name].dropna()}
    assert not [value for value in told if len(value) != 4 or not value.isdigit()]


def test_months_of_sums_are_told(shared_tiny_lake):
    asked = "select arrival_month from gold.demographics"
    told = access.read(Viewer("eve", "analyst"), asked, purpose="test", settings=shared_tiny_lake)["arrival_month"]
    assert {month.day for month in told} == {1} and {month.month for month in told} != {1}
