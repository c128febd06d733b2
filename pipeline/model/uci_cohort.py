"""The real yardstick: the stays of UCI Diabetes 130-US (Strack et al. 2014, doi:10.24432/C5230J, CC BY 4.0), read from its file.

It has no vital signs and no dates, so it tests the method and gives no model that scores a hospital's stays.
"""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import pandas as pd
import pyarrow as pa

from pipeline.catalog.contract import Contract, feeds, load_contracts, read_contract
from pipeline.errors import BadRequest, FileRefused
from pipeline.lakehouse.delimited import identifier, received
from pipeline.lakehouse.duck import Duck, plain_failures
from pipeline.lakehouse.foreign_file import RECEIVERS
from pipeline.lakehouse.store import load_reference
from pipeline.model.cohort import Cohort, feature_frame, known_features, numbered
from pipeline.model.evaluation import HOSPITAL, LACE, PublishedResult
from pipeline.settings import REFERENCE, Settings
from pipeline.sources.landing import landed_paths
from pipeline.sources.mappings import load_mappings
from pipeline.sources.recognise import ForeignFile, recognise

NAME = "uci_diabetes130"
"""Of the shipped mapping that knows the file, and of the cohort."""

FOLDER = Path(__file__).resolve().parent / NAME
CODE_LISTS = ("code_groups", "charlson_weights", "diagnosis_chapters", "lace_points", "hospital_points")
"""What its SQL reads of data/reference."""

RECEIVED = "staged.diabetic_received"


def uci_cohort(settings: Settings, file: Path | None = None) -> Cohort:
    """Every stay that the patient left alive and not for a hospice; the file in the landing folder unless one is named.

    Raises BadRequest without a file and FileRefused for another one.
    """
    contract = read_contract(FOLDER / "features.yml")
    rows, unreadable = _stays(settings, _recognised(settings, file), contract)
    kept = rows["first_exclusion"].isna()
    stays, known = rows[kept].reset_index(drop=True), known_features(contract.columns)
    return Cohort(
        name=NAME,
        description="Inpatient stays of patients with diabetes in 130 US hospitals, 1999-2008",
        source="UCI Machine Learning Repository, doi:10.24432/C5230J (Strack et al. 2014), CC BY 4.0",
        outcome="Readmitted in less than 30 days, as the file says it; planned returns are not told apart.",
        is_synthetic=False,
        publication=None,
        known=known,
        features=feature_frame(stays, known),
        is_readmitted=stays["is_readmitted"].to_numpy(bool),
        patient=numbered(stays["patient_id"]),
        ended_at=stays["placed_at"].to_numpy("int64"),
        discharge_date=None,
        groups=stays[["sex", "age_band", "race"]],
        scores=pd.DataFrame({LACE: stays["lace_score"], HOSPITAL: stays["hospital_score"]}).astype("float64"),
        score_titles={
            LACE: "LACE-like (emergency visits of a year, conditions of three diagnoses)",
            HOSPITAL: "HOSPITAL-like (without haemoglobin and sodium)",
        },
        flow=_flow(rows["first_exclusion"], unreadable),
        features_fingerprint=_fingerprint(),
        published=published_results(),
    )


def published_results() -> tuple[PublishedResult, ...]:
    """What others reported on the same file, the best that can be trusted first."""
    with (FOLDER / "published.csv").open(encoding="utf-8", newline="") as stream:
        rows = [PublishedResult(**{**row, "auroc": float(row["auroc"])}) for row in csv.DictReader(stream)]
    return tuple(sorted(rows, key=lambda row: (bool(row.leaks), -row.auroc)))


def _recognised(settings: Settings, file: Path | None) -> ForeignFile:
    contracts = load_contracts()
    mappings = load_mappings(settings.feeds, feeds(contracts))
    for path in [file] if file is not None else landed_paths(settings.landing):
        try:
            found = recognise(path, feeds(contracts), mappings, settings.scratch)
        except FileRefused:
            if file is not None:
                raise
            continue
        if isinstance(found, ForeignFile) and found.mapping.name == NAME:
            return found
    raise BadRequest(
        f"No file of UCI Diabetes 130-US is in {settings.landing.name}/. Put diabetic_data.csv there, or name it: --file PATH"
    )


def _flow(excluded_because: pd.Series, unreadable: int) -> tuple[tuple[str, int], ...]:
    why = tuple((str(reason), int(count)) for reason, count in excluded_because.value_counts().items())
    return (("Line that cannot be read", unreadable), *why) if unreadable else why


def _stays(settings: Settings, file: ForeignFile, contract: Contract) -> tuple[pd.DataFrame, int]:
    """All rows of the SELECT, in the order of their encounter numbers, and how many lines gave none."""
    duck = Duck.for_builds(settings)
    try:
        got = RECEIVERS[file.format](duck, file, settings.scratch, RECEIVED)
        columns = ", ".join(f"{received(name)} as {identifier(name)}" for name in file.header)
        with plain_failures(f"reading {file.path.name}"):
            duck.define("staged.diabetic_data", f"select {columns} from {RECEIVED}")
            load_reference(duck, load_contracts())
            duck.hold("staged.diabetic_diagnoses", (FOLDER / "diagnoses.sql").read_text(encoding="utf-8"))
            found: pa.Table = duck.arrow(f"select * from ({contract.sql}) order by placed_at")
    finally:
        duck.close()
    return found.to_pandas(), len(got.unreadable)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in [*sorted(FOLDER.glob("*.sql")), *(REFERENCE / f"{name}.csv" for name in CODE_LISTS)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
