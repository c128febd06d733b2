"""One Delta table on disk: what a commit adds, replaces and remembers, and what damage looks like."""

from __future__ import annotations

from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from pipeline.catalog.contract import load_contracts
from pipeline.errors import LakeDamaged
from pipeline.lakehouse.delta import DeltaFolder, has_newer_version
from pipeline.lakehouse.duck import Duck

DEMOGRAPHICS = load_contracts()["gold.demographics"]
CONTRACT = replace(DEMOGRAPHICS, columns=DEMOGRAPHICS.columns[:-1])
"""With one count."""


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "gold" / "demographics"


@pytest.fixture
def write(settings, folder):
    """Writes rows with the given counts as Parquet into the table's folder."""
    duck = Duck.for_builds(settings)

    def written(*counts: int):
        values = ", ".join(f"(date '2025-01-01', 'North', 'Adult', 'Female', 'Low', {count})" for count in counts)
        columns = ", ".join(column.name for column in CONTRACT.columns)
        return duck.write_parquet(f"select * from (values {values}) as t ({columns})", CONTRACT, folder)

    return written


def counts_at(folder, version: int | None = None) -> list[int]:
    return sorted(DeltaTable(folder, version=version).to_pandas()["encounter_count"])


def test_append_adds_and_replace_takes_the_place(folder, write):
    table = DeltaFolder(folder, CONTRACT)
    table.commit(write(1), replace=False, run_id="run-1")
    table.commit(write(2, 3), replace=False, run_id="run-2")
    assert counts_at(folder) == [1, 2, 3]
    table.commit(write(9), replace=True, run_id="run-3")
    assert counts_at(folder) == [9]


@pytest.mark.parametrize("replaces", [True, False])
def test_a_table_of_an_older_definition_takes_on_the_new_columns(replaces, folder, write, settings):
    older = replace(CONTRACT, columns=CONTRACT.columns[:-2] + CONTRACT.columns[-1:], write="append")
    newer = replace(CONTRACT, write="append")
    duck = Duck.for_builds(settings)
    first = duck.write_parquet("select date '2025-01-01' as arrival_month, 'North' as site_name, 'Adult' as age_group,"
                               " 'Female' as sex, 7 as encounter_count", older, folder)  # fmt: skip
    before = DeltaFolder(folder, older).commit(first, replace=False, run_id="run-1")
    duck.lay_over("gold.before", newer, [file.path for file in before.files])
    assert duck.rows("select risk_level, encounter_count from gold.before") == [(None, 7)]
    after = DeltaFolder(folder, newer).commit(write(8), replace=replaces, run_id="run-2")
    duck.lay_over("gold.after", newer, [file.path for file in after.files])
    kept = [] if replaces else [(None, 7)]
    assert sorted(duck.rows("select risk_level, encounter_count from gold.after"), key=lambda row: row[1]) == [*kept, ("Low", 8)]
    assert "risk_level" in DeltaTable(folder).to_pandas().columns


def test_rows_lie_in_the_order_of_the_contract(folder, settings):
    sorted_contract = replace(CONTRACT, sorted_by=("encounter_count",))
    shuffled = "select date '2025-01-01' as arrival_month, 'North' as site_name, 'Adult' as age_group, 'Female' as sex," \
               " 'Low' as risk_level, (n * 7919) % 10007 as encounter_count from range(10000) as r (n)"  # fmt: skip
    [written] = Duck.for_builds(settings).write_parquet(shuffled, sorted_contract, folder)
    counts = pq.read_table(written.path)["encounter_count"].to_pylist()
    assert counts == sorted(counts)


def test_every_older_version_stays_readable_version_0_too(folder, write):
    table = DeltaFolder(folder, CONTRACT)
    table.ensure()
    table.commit(write(1), replace=True, run_id="run-1")
    table.commit(write(2), replace=True, run_id="run-2")
    assert [file.row_count for file in table.at(1).files] == [1]
    assert (table.at(0).version, table.at(0).row_count) == (0, 0)
    assert counts_at(folder, version=1) == [1]


def test_a_table_holds_exactly_what_it_is_told_to(folder, write):
    table = DeltaFolder(folder, CONTRACT)
    first = table.commit(write(1), replace=True, run_id="run-1")
    table.commit(write(2, 3), replace=True, run_id="run-2")

    back = DeltaFolder(folder, CONTRACT).hold_exactly(first.files, write(4), run_id="run-3")

    assert sorted(file.row_count for file in back.files) == [1, 1]
    assert sorted(DeltaTable(folder).to_pandas()["encounter_count"]) == [1, 4]


def test_nothing_is_committed_when_a_table_already_holds_that(folder, write):
    table = DeltaFolder(folder, CONTRACT)
    version = table.commit(write(1), replace=True, run_id="run-1")
    assert table.hold_exactly(version.files, (), run_id="run-2").version == version.version
    assert not has_newer_version(folder, version.version)


def test_a_commit_keeps_its_run_and_its_statistics(folder, write):
    DeltaFolder(folder, CONTRACT).commit(write(4, 7), replace=True, run_id="run-5")
    table = DeltaTable(folder)
    assert table.history(1)[0]["run_id"] == "run-5"
    pruned = table.to_pandas(filters=[("encounter_count", ">", 7)])
    assert pruned.empty


def test_the_protocol_is_the_oldest_so_that_any_reader_can_read(folder, write):
    DeltaFolder(folder, CONTRACT).commit(write(1), replace=True, run_id="run-1")
    protocol = DeltaTable(folder).protocol()
    assert (protocol.min_reader_version, protocol.min_writer_version) == (1, 2)


def test_a_cut_off_log_entry_is_named_with_its_mend(folder, write):
    DeltaFolder(folder, CONTRACT).commit(write(1), replace=True, run_id="run-1")
    (folder / "_delta_log" / "00000000000000000002.json").write_text('{"add": {"pa', encoding="utf-8")
    with pytest.raises(LakeDamaged, match=r"gold\.demographics cannot be read.*remove that file"):
        DeltaFolder(folder, CONTRACT)


def test_a_table_before_its_first_commit_has_no_version(folder):
    table = DeltaFolder(folder, CONTRACT)
    assert table.current() is None


def test_a_contract_of_times_is_stored_as_utc_instants(settings, tmp_path):
    contract = replace(load_contracts()["ops.runs"])
    duck = Duck.for_builds(settings)
    moment = "timestamp '2025-03-30 01:30:00'"
    select = f"select 'r' run_id, 'x' requested_by, {moment} started_at, {moment} finished_at, 's' status, null message"
    target = tmp_path / "ops" / "runs"
    DeltaFolder(target, contract).commit(duck.write_parquet(select, contract, target), replace=False, run_id="run-1")
    assert str(DeltaTable(target).to_pandas()["started_at"][0]) == "2025-03-30 01:30:00+00:00"
