"""The default hospital, 100,000 encounters: what the product publishes equals an independent recount of its raw files."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from pipeline.catalog.contract import feeds, load_contracts
from pipeline.governance.policy import Viewer
from pipeline.refresh.run import refresh
from pipeline.serving.filters import ALL_SITES, PERIODS, Filters
from pipeline.serving.readmissions import readmissions
from pipeline.serving.readmissions.population import POPULATIONS
from pipeline.serving.readmissions.waterfall import ALL_STAYS, INDEX_STAYS, READMITTED
from pipeline.settings import load_settings
from pipeline.sources.synthetic_hospital import generate
from tests.lake import publish_landed, rows_of, versions_of
from tests.recount.from_raw_files import recounted
from tests.recount.stays_from_raw_files import pregnant_encounters, recounted_rates

pytestmark = pytest.mark.slow

VIEWER = Viewer("test", "clinician")

AGGREGATES = ("ingestion_volume", "demographics", "vital_averages", "age_heart_rate_cells")


@pytest.fixture(scope="module")
def default_lake(tmp_path_factory):
    settings = load_settings({"MEDIPULSE_HOME": str(tmp_path_factory.mktemp("default")), "MEDIPULSE_THREADS": "2"})
    generate(settings.landing)
    publish_landed(settings)
    return settings


@pytest.fixture(scope="module")
def recount(default_lake):
    return recounted(default_lake.landing, pregnant_encounters(default_lake.landing))


@pytest.mark.parametrize("name", AGGREGATES)
def test_every_cell_of_the_table_equals_the_recount(name, default_lake, recount):
    columns = [column.name for column in load_contracts()[f"gold.{name}"].columns]
    published = _comparable(rows_of(default_lake, f"gold.{name}")[columns])
    counted = _comparable(recount[name][columns])
    pd.testing.assert_frame_equal(published, counted, check_dtype=False, atol=1e-6, rtol=0)


def test_every_readmission_count_equals_the_recount(default_lake):
    columns = [column.name for column in load_contracts()["gold.readmission_rates"].columns]
    published = _comparable(rows_of(default_lake, "gold.readmission_rates")[columns])
    pd.testing.assert_frame_equal(published, _comparable(recounted_rates(default_lake.landing)[columns]), check_dtype=False)


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("population", POPULATIONS)
def test_the_waterfall_adds_up_to_the_stays_at_every_site(period, population, default_lake, monkeypatch):
    monkeypatch.setenv("MEDIPULSE_HOME", str(default_lake.home))
    stays = rows_of(default_lake, "gold.index_stays")
    for site_name in (ALL_SITES, *sorted(stays["site_name"].unique())):
        shown = readmissions(VIEWER, Filters(period, site_name), population, listed=READMITTED)
        months = pd.to_datetime(stays["stay_month"]).dt.date.between(shown.provenance.first_month, shown.provenance.last_month)
        asked = stays[months & ((stays["site_name"] == site_name) | (site_name == ALL_SITES))]
        steps = {step.name: step for step in shown.waterfall}
        assert steps[ALL_STAYS].stay_count == len(asked)
        assert sum(step.stay_count for step in shown.waterfall if step.kind in ("excluded", "index")) == len(asked)
        assert sum(step.stay_count for step in shown.waterfall if step.kind == "outcome") == steps[INDEX_STAYS].stay_count


def test_every_line_of_the_raw_files_is_in_bronze_or_told_of(default_lake):
    said = json.loads((default_lake.landing / "synthetic_hospital.json").read_text(encoding="utf-8"))["files"]
    lines = sum(len(path.read_bytes().splitlines()) - 1 for path in default_lake.landing.glob("*.csv"))
    bronze = sum(len(rows_of(default_lake, f"bronze.{feed}")) for feed in feeds(load_contracts()))
    assert lines == bronze + len(rows_of(default_lake, "bronze.unreadable_lines"))
    assert lines == sum(file["lines"] for file in said.values())


def test_the_raw_files_hold_100_000_encounters(default_lake):
    unreadable = rows_of(default_lake, "bronze.unreadable_lines")
    cut_off = unreadable[unreadable["_feed"] == "encounters"]["line_text"].str.split(",").str[0]
    assert len(set(rows_of(default_lake, "bronze.encounters")["encounter_id"].dropna()) | set(cut_off)) == 100_000


def test_two_refreshes_in_a_row_change_nothing_the_second_time(default_lake):
    before = versions_of(default_lake)
    assert refresh(default_lake, requested_by="test").status == "unchanged"
    assert versions_of(default_lake) == before


def _comparable(frame: pd.DataFrame) -> pd.DataFrame:
    """Dates as text, numbers as floats with 0 for the sum of nothing, rows in one order."""
    as_text = {name: frame[name].astype(str).str[:10] for name in frame.columns if name.endswith(("_month", "_date"))}
    as_number = {name: frame[name].astype(float) for name in frame.columns if name.endswith(("_count", "_sum", "_years", "_bpm"))}
    as_number |= {name: values.fillna(0.0) for name, values in as_number.items() if name.endswith("_sum")}
    plain = frame.assign(**as_text, **as_number)
    return plain.sort_values(list(plain.columns)).reset_index(drop=True)
