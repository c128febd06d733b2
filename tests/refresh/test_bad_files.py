"""A file that cannot be trusted is refused as a whole with its reason; the other files are taken."""

from __future__ import annotations

import gzip

import pytest

from pipeline.lakehouse.reader import open_published
from pipeline.refresh.run import refresh
from pipeline.settings import load_settings
from tests.conftest import ENCOUNTERS, PATIENTS, land_tiny_hospital
from tests.lake import rows_of

HEADER = ENCOUNTERS.splitlines()[0]
ROW = "E-9,P-di,South,Clinic,AMB,ELECTIVE,2025-02-28 09:00:00,2025-02-28 10:00:00,HOME,2025-02-28 10:00:00"
TABBED = ROW.replace(",", "\t")
BROKEN = ROW.replace("Clinic", '"Cli\nnic"')

BAD_FILES = {
    "encounters_empty.csv": (b"", "is empty"),
    "encounters_header_only.csv": (f"{HEADER}\n".encode(), "has a header and no rows"),
    "encounters_cut.csv": (f"{HEADER}\n{ROW}\n{ROW[:40]}".encode(), "seems to be cut off: its last line"),
    "encounters_open_quote.csv": (f'{HEADER}\n"{ROW}\n{ROW}\n'.encode(), "a quoted field never ends"),
    "encounters_binary.csv": (b"PK\x03\x04\x00\x00\x00", "is not text"),
    "encounters_latin1.csv": (f"{HEADER}\n{ROW}\n".replace("South", "Süd").encode("latin-1"), "is not UTF-8"),
    "encounters_utf16.csv": (f"{HEADER}\n{ROW}\n".encode("utf-16"), "is not text"),
    "encounters_no_header.csv": (f"{ROW}\n{ROW}\n".encode(), "lacks the column encounter_id"),
    "encounters_lacks_column.csv": (f"{HEADER.replace('arrived_at', 'came_at')}\n{ROW}\n".encode(), "lacks the column arrived_at"),
    "encounters_twice.csv": (f"{HEADER},ward_name\n{ROW},x\n".encode(), "names a column twice"),
    "encounters_semicolons.csv": (f"{HEADER}\n{ROW}\n".replace(",", ";").encode(), "lacks the column encounter_id"),
    "encounters_tabs_in_rows.csv": (f"{HEADER}\n{TABBED}\n{TABBED}\n".encode(), "do not have the fields"),
    "encounters_line_break_in_field.csv": (f"{HEADER}\n{BROKEN}\n".encode(), "A row must be one line"),
    "encounters_long_line.csv": (f"{HEADER}\n{'x' * 400_000}\n".encode(), "has a line of more than 64 KiB"),
    "lab_orders.csv": (b"a,b\n1,2\n", "belongs to no feed that is known here"),
    "encounters.xlsx": (b"PK\x03\x04", "belongs to no feed that is known here"),
}  # fmt: skip


@pytest.fixture(scope="module")
def beside_bad_files(tmp_path_factory):
    """The tiny hospital after a refresh that met every bad file at once, and the run."""
    settings = load_settings({"MEDIPULSE_HOME": str(tmp_path_factory.mktemp("bad")), "MEDIPULSE_THREADS": "2"})
    landing = land_tiny_hospital(settings)
    for name, (content, _) in BAD_FILES.items():
        (landing / name).write_bytes(content)
    return settings, refresh(settings, requested_by="test")


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_with_its_reason(name, beside_bad_files):
    files = rows_of(beside_bad_files[0], "ops.files").set_index("file_name")
    assert files.loc[name, "status"] == "refused"
    assert BAD_FILES[name][1] in files.loc[name, "reason"]


def test_the_other_files_are_taken(beside_bad_files):
    settings, run = beside_bad_files
    assert run.status == "succeeded"
    assert f"{len(BAD_FILES)} files were refused" in run.message
    assert len(rows_of(settings, "silver.encounters")) == 6
    assert set(rows_of(settings, "bronze.encounters")["_file"]) == {"encounters_2025q1.csv"}


def test_a_refused_file_is_on_record_for_readers_although_no_data_changed(tiny_lake):
    (tiny_lake.landing / "encounters_cut.csv").write_text("encounter_id", encoding="utf-8")
    assert refresh(tiny_lake, requested_by="test").status == "unchanged"
    published = open_published(tiny_lake)
    states = published.query("select file_name, status from ops.files where status = 'refused'").to_pylist()
    assert (states, published.publication.number) == ([{"file_name": "encounters_cut.csv", "status": "refused"}], 1)


def test_a_file_that_is_gone_when_it_is_read_is_told(settings, tiny_landing):
    (tiny_landing / "encounters_gone.csv").symlink_to(tiny_landing / "nowhere.csv")
    run = refresh(settings, requested_by="test")
    assert run.status == "succeeded"
    assert "encounters_gone.csv is gone or cannot be opened" in run.message


def test_a_landing_folder_without_encounters_is_a_plain_failure(settings, tiny_landing):
    (tiny_landing / "encounters_2025q1.csv").unlink()
    run = refresh(settings, requested_by="test")
    assert run.status == "failed"
    assert "No encounters file was taken in" in run.message


def test_an_empty_home_says_what_to_do(settings):
    run = refresh(settings, requested_by="test")
    assert run.status == "failed"
    assert "python -m pipeline generate" in run.message


def test_columns_are_matched_by_name_and_unknown_ones_are_kept(settings, tiny_landing):
    lines = [line.split(",") for line in ENCOUNTERS.splitlines()[:3]]
    turned = [",".join([*reversed(line), extra]) for line, extra in zip(lines, ("Bed", "12a", "7"), strict=True)]
    (tiny_landing / "encounters_2025q1.csv").write_text("\n".join(turned) + "\n", encoding="utf-8")

    refresh(settings, requested_by="test")

    assert list(rows_of(settings, "silver.encounters")["encounter_id"]) == ["E-ada", "E-ben"]
    assert list(rows_of(settings, "bronze.encounters", sort_by=["_row"])["_extra"]) == ["bed=12a", "bed=7"]


def test_one_empty_field_too_many_is_dropped_and_a_full_one_is_not(settings, tiny_landing):
    lines = [HEADER, f"{ROW},", f"{ROW.replace('E-9', 'E-10')},x"]
    (tiny_landing / "encounters_2025q1.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    refresh(settings, requested_by="test")
    assert list(rows_of(settings, "silver.encounters")["encounter_id"]) == ["E-9"]
    assert list(rows_of(settings, "bronze.unreadable_lines")["_row"]) == [3]


def test_windows_line_ends_and_a_byte_order_mark_are_read(settings, tiny_landing):
    text = "\ufeff" + ENCOUNTERS.replace("\n", "\r\n")
    (tiny_landing / "encounters_2025q1.csv").write_bytes(text.encode("utf-8"))
    refresh(settings, requested_by="test")
    assert len(rows_of(settings, "silver.encounters")) == 6


def test_every_row_carries_the_number_of_its_line(settings, tiny_landing):
    good = ENCOUNTERS.splitlines()[1:3] * 200
    bad_at = [5, 6, 90, 401]
    for line in bad_at:
        good.insert(line - 2, "cut,off")
    (tiny_landing / "encounters_2025q1.csv").write_text("\n".join([HEADER, *good]) + "\n", encoding="utf-8")

    refresh(settings, requested_by="test")

    kept = rows_of(settings, "bronze.encounters", sort_by=["_row"])
    cut = rows_of(settings, "bronze.unreadable_lines", sort_by=["_row"])
    assert list(cut["_row"]) == bad_at
    assert list(kept["_row"]) == [line for line in range(2, len(good) + 2) if line not in bad_at]
    assert [f"E-{'ada' if 'E-ada' in good[row - 2] else 'ben'}" for row in kept["_row"]] == list(kept["encounter_id"])


def test_added_columns_are_told_and_a_reordered_header_swaps_nothing(settings, tiny_landing):
    header, *rows = PATIENTS.splitlines()
    turned = [",".join(reversed(line.split(","))) for line in (header, *rows)]
    turned = [f"{line},{'language' if place == 0 else 'de'}" for place, line in enumerate(turned)]
    (tiny_landing / "patients.csv").write_text("\n".join(turned) + "\n", encoding="utf-8")
    refresh(settings, requested_by="test")
    told = rows_of(settings, "ops.not_understood")
    assert list(told[["file_name", "what", "record_count"]].itertuples(index=False)) == [("patients.csv", "column language", 7)]
    patients = rows_of(settings, "silver.patients").set_index("patient_id")
    assert (patients.loc["P-ada", "family_name"], str(patients.loc["P-ada", "birth_date"])) == ("Ash", "1950-02-28")


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(lambda text: ("encounters_2025q1.csv.gz", gzip.compress(text.encode())), id="compressed"),
        pytest.param(lambda text: ("encounters_2025q1.csv", text.replace("\n", "\r").encode()), id="macintosh"),
        pytest.param(lambda text: ("encounters_2025q1.csv", text.replace("\n", "\r\n", 4).encode()), id="mixed line ends"),
    ],
)
def test_a_canonical_file_is_the_same_in_every_wrapping(packed, settings, tiny_landing):
    (tiny_landing / "encounters_2025q1.csv").unlink()
    name, content = packed(ENCOUNTERS)
    (tiny_landing / name).write_bytes(content)
    assert refresh(settings, requested_by="test").status == "succeeded"
    assert len(rows_of(settings, "silver.encounters")) == 6
    assert list(rows_of(settings, "bronze.unreadable_lines")["_row"]) == [11]
    assert set(rows_of(settings, "ops.files")["mapping"]) == {"canonical"}


def test_a_canonical_file_with_a_wrong_checksum_is_refused(settings, tiny_landing):
    whole = gzip.compress(ENCOUNTERS.encode())
    (tiny_landing / "encounters_crc.csv.gz").write_bytes(whole[:-8] + b"1234" + whole[-4:])
    run = refresh(settings, requested_by="test")
    assert "encounters_crc.csv.gz cannot be unpacked" in run.message
