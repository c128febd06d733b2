"""The hospital's own cohort: the index stays of the current publication, with what was known of each at discharge."""

from __future__ import annotations

import itertools

import pandas as pd

from pipeline.catalog.contract import load_contracts
from pipeline.errors import NotPublished
from pipeline.lakehouse.reader import PublishedTables, open_published
from pipeline.model.cohort import Cohort, Feature, feature_frame, known_features, numbered
from pipeline.model.evaluation import HOSPITAL, LACE, VITAL_INSTABILITY
from pipeline.model.features import FEATURES, feature_columns, features_fingerprint
from pipeline.settings import Settings

NAME = "hospital"

BANDS = (18, 45, 65, 75, 85)
"""Ages in completed years at which a band begins; the last one is open, so that no very old patient stands alone."""

STAYS = """
select {features}, f.patient_id, i.age_years as age_at_admission, i.sex as recorded_sex, i.site_name, i.discharged_at,
    i.discharge_date, i.is_readmitted, s.unstable_vital_count as unstable_vitals, s.lace_score, s.hospital_score
from gold.index_stays as i
inner join {table} as f on i.stay_id = f.stay_id
left join gold.stay_scores as s on i.stay_id = s.stay_id
where i.is_index
order by i.discharged_at, i.stay_id
"""

EXCLUSIONS = """
select first_exclusion, count(*) as stay_count
from gold.index_stays
where first_exclusion is not null
group by first_exclusion
order by stay_count desc, first_exclusion
"""


def hospital_cohort(settings: Settings) -> Cohort:
    """Every index stay that is published. Raises NotPublished before the features are, and ModelRefused for too few stays."""
    published, contracts = open_published(settings), load_contracts()
    if FEATURES not in published.publication.tables:
        raise NotPublished(f"{FEATURES} is not published yet. Run: python -m pipeline refresh --full")
    known = known_features(feature_columns(contracts))
    stays = _stays(published, known)
    names = {VITAL_INSTABILITY: "unstable_vitals", LACE: "lace_score", HOSPITAL: "hospital_score"}
    return Cohort(
        name=NAME,
        description="Index stays of adults under the CMS-style readmission measure (gold.index_stays)",
        source=f"publication {published.publication.number} of this hospital",
        outcome=None,
        is_synthetic=published.publication.is_synthetic,
        publication=published.publication.number,
        known=known,
        features=feature_frame(stays, known),
        is_readmitted=stays["is_readmitted"].to_numpy(bool),
        patient=numbered(stays["patient_id"]),
        ended_at=stays["discharged_at"].to_numpy("datetime64[us]"),
        discharge_date=stays["discharge_date"].to_numpy("datetime64[D]"),
        groups=_groups(stays),
        scores=pd.DataFrame({score: stays[column].astype("float64") for score, column in names.items()}),
        score_titles={VITAL_INSTABILITY: "Unstable vital signs (count)", LACE: "LACE", HOSPITAL: "HOSPITAL (2016)"},
        flow=tuple((row["first_exclusion"], row["stay_count"]) for row in published.query(EXCLUSIONS).to_pylist()),
        features_fingerprint=features_fingerprint(contracts),
    )


def _stays(published: PublishedTables, known: tuple[Feature, ...]) -> pd.DataFrame:
    """One row per index stay; a name that features and facts share is given twice under two names."""
    columns = ", ".join(f"f.{feature.name}" for feature in known)
    return published.query(STAYS.format(features=columns, table=FEATURES)).to_pandas()


def _groups(stays: pd.DataFrame) -> pd.DataFrame:
    ends = [f"{start}-{end - 1}" for start, end in itertools.pairwise(BANDS)]
    band = pd.cut(stays["age_at_admission"], [*BANDS, float("inf")], right=False, labels=[*ends, f"{BANDS[-1]} and over"])
    return pd.DataFrame({"sex": stays["recorded_sex"], "age_band": band.astype("object"), "site": stays["site_name"]})
