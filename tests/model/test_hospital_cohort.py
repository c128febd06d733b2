"""The hospital's cohort is the published index stays, with features and labels of the tables."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.catalog.contract import load_contracts
from pipeline.errors import ModelRefused, NotPublished
from pipeline.lakehouse.duck import Duck
from pipeline.lakehouse.reader import open_published
from pipeline.model.additive import fit_additive
from pipeline.model.compiled import scores_select
from pipeline.model.evaluation import HOSPITAL, LACE, VITAL_INSTABILITY
from pipeline.model.features import feature_columns, features_fingerprint
from pipeline.model.golden_rows import refused_by_engine
from pipeline.model.golden_values import with_golden_rows
from pipeline.model.hospital_cohort import hospital_cohort
from pipeline.model.leaks import scan
from pipeline.model.specification import from_json
from tests.lake import synthetic_hospital
from tests.model.models import promoted

ENCOUNTERS = 6_000


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return synthetic_hospital(tmp_path_factory, encounters=ENCOUNTERS, seed=11)


@pytest.fixture(scope="module")
def cohort(published):
    return hospital_cohort(published)


def test_before_the_first_publication_there_is_no_cohort(settings):
    with pytest.raises(NotPublished):
        hospital_cohort(settings)


def test_five_patients_are_too_few(shared_tiny_lake):
    with pytest.raises(ModelRefused, match="too few"):
        hospital_cohort(shared_tiny_lake)


def test_every_index_stay_is_there_once_with_its_label(cohort, published):
    counted = "select count(*) as n, count(*) filter (where is_readmitted) as back from gold.index_stays where is_index"
    (row,) = open_published(published).query(counted).to_pylist()
    assert (len(cohort.features), int(cohort.is_readmitted.sum())) == (row["n"], row["back"])


def test_stays_and_exclusions_are_all_stays(cohort, published):
    (row,) = open_published(published).query("select count(*) as n from gold.index_stays").to_pylist()
    assert len(cohort.features) + sum(count for _, count in cohort.flow) == row["n"]


def test_its_features_are_those_that_say_when_they_are_known(cohort):
    assert list(cohort.features.columns) == [column.name for column in feature_columns(load_contracts())]
    assert cohort.features_fingerprint == features_fingerprint(load_contracts())
    assert not {"stay_id", "patient_id", "discharged_at"} & set(cohort.features.columns)


def test_missing_stays_missing(cohort, published):
    asked = "select count(*) as n from gold.risk_features as f inner join gold.index_stays as i on f.stay_id = i.stay_id"
    (row,) = open_published(published).query(f"{asked} where i.is_index and f.haemoglobin_g_dl is null").to_pylist()
    assert cohort.features["haemoglobin_g_dl"].isna().sum() == row["n"] > 0
    assert set(cohort.scores) == {VITAL_INSTABILITY, LACE, HOSPITAL}
    assert cohort.scores[HOSPITAL].isna().any()


def test_stays_lie_in_the_order_of_their_ends_and_keep_their_day(cohort):
    assert (np.diff(cohort.ended_at) >= np.timedelta64(0)).all()
    assert cohort.discharge_date.dtype == np.dtype("datetime64[D]")
    assert cohort.is_synthetic
    assert cohort.publication == 1


def test_the_same_publication_gives_the_same_fingerprint(cohort, published):
    assert hospital_cohort(published).content_fingerprint == cohort.content_fingerprint


def test_its_features_know_no_outcome(cohort):
    assert scan(cohort) == ()


def test_a_model_trained_on_it_scores_the_published_stays_alike_in_sql(cohort, published):
    """Stay for stay, through the SELECT that the refresh runs, and through the golden rows that it asks first."""
    contracts = load_contracts()
    fingerprint = cohort.features_fingerprint
    model = fit_additive(cohort.features, cohort.kinds, cohort.is_readmitted, seed=1, fingerprint=fingerprint)
    model = from_json(with_golden_rows(model, seed=1).to_json())
    scored = (
        f"select s.readmission_probability from ({scores_select(model, 1, contracts)}) as s"
        " inner join gold.index_stays as i on s.stay_id = i.stay_id where i.is_index order by i.discharged_at, i.stay_id"
    )
    found = open_published(published).query(scored)["readmission_probability"].to_numpy()
    assert np.abs(found - model.probabilities(cohort.features)).max() < 1e-6
    assert refused_by_engine(Duck.for_builds(published), promoted(model), contracts) is None
