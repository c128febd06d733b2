"""A foreign file becomes canonical rows by its mapping, whatever it is written in; what does not convert is told."""

from __future__ import annotations

import gzip
import json

import pyarrow as pa
import pytest
from pyarrow import parquet

from pipeline.catalog.contract import FURTHER_ROW
from pipeline.refresh import take_in
from pipeline.refresh.run import refresh
from pipeline.sources import readers
from pipeline.sources.records import NotUnderstood, Record, Unreadable
from tests.lake import publish_landed, rows_of
from tests.refresh.foreign import HEADER, VISITS, abroad, clinic_text


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    """The clinic's seven visits, taken in and published."""
    settings = abroad(tmp_path_factory.mktemp("clinic"))
    (settings.landing / "klinik_2025.csv").write_bytes(clinic_text().encode("cp1252"))
    publish_landed(settings)
    return settings


def test_one_line_gives_a_patient_an_encounter_a_vital_set_and_its_diagnoses(clinic):
    files = rows_of(clinic, "ops.files").set_index("feed")["line_count"].to_dict()
    assert files == {"patients": 6, "encounters": 7, "vital_sets": 6, "diagnoses": 4}
    ledger = rows_of(clinic, "ops.row_ledger")
    assert dict(zip(*(ledger[ledger["layer"] == "bronze"][name] for name in ("table_name", "received_count")), strict=True)) == {
        "bronze.patients": 6, "bronze.encounters": 7, "bronze.vital_sets": 6, "bronze.diagnoses": 4,
    }  # fmt: skip


def test_local_times_become_utc(clinic):
    arrived = rows_of(clinic, "silver.encounters").set_index("encounter_id")["arrived_at"]
    assert f"{arrived['K-1']:%Y-%m-%d %H:%M}" == "2025-07-01 10:30"


@pytest.mark.parametrize(
    ("visit", "text"),
    [
        ("K-3", "no time in Europe/Berlin: 30.03.2025 02:30"),
        ("K-4", "two times in Europe/Berlin: 26.10.2025 02:30"),
        ("K-6", "not as its mapping says: 03/04/2025 13:05"),
    ],
)
def test_a_time_that_cannot_be_told_is_quarantined_and_never_guessed(clinic, visit, text):
    sent = rows_of(clinic, "bronze.encounters").set_index("encounter_id")["arrived_at"]
    refused = rows_of(clinic, "silver.quarantine").query("feed == 'encounters'").set_index("encounter_id")["reasons"]
    assert sent[visit] == text
    assert refused[visit].startswith("arrived_at cannot be read as a date and time")


def test_codes_numbers_and_units_are_converted(clinic):
    vitals = rows_of(clinic, "silver.vital_sets").set_index("encounter_id")
    assert [float(vitals.loc["K-1", name]) for name in ("heart_rate_bpm", "systolic_bp_mmhg", "temperature_c")] == [
        88,
        120.01,
        37.5,
    ]
    assert set(rows_of(clinic, "silver.patients").set_index("patient_id")["sex"].items()) == {("p1", "Female"), ("p6", "Male")}


def test_what_does_not_convert_is_refused_with_its_column(clinic):
    reasons = rows_of(clinic, "silver.quarantine").groupby(["feed", "_row"])["reasons"].first()
    assert reasons["patients", 6] == "sex cannot be read as a known code"
    assert reasons["vital_sets", 8] == "temperature cannot be read as a number"


def test_quarantine_shows_the_row_as_it_was_received(clinic):
    rows = rows_of(clinic, "silver.quarantine")
    shown = rows[(rows["feed"] == "vital_sets") & (rows["_row"] == 8)]["row_text"].item()
    assert shown == "fall=7; beginn=05.01.2025 10:00; puls=0; temperatur=37.5"


def test_a_birth_date_reckoned_from_an_age_says_so(clinic):
    patients = rows_of(clinic, "silver.patients").set_index("patient_id")
    assert (str(patients.loc["p1", "birth_date"]), patients.loc["p1", "birth_date_basis"]) == ("1955-07-01", "from age")
    assert (str(patients.loc["p6", "birth_date"]), patients.loc["p6", "birth_date_basis"]) == ("1935-01-05", "from age band")


def test_columns_that_nothing_reads_stay_with_the_first_row_and_are_told(clinic):
    kept = rows_of(clinic, "bronze.patients").set_index("_row")["_extra"]
    assert kept[2] == "zimmer=12"
    assert rows_of(clinic, "bronze.encounters").set_index("_row")["_extra"].dropna().to_dict() == {3: "zimmer=12"}
    told = rows_of(clinic, "ops.not_understood").set_index("what")["record_count"]
    assert told.to_dict() == {"column zimmer": 7}


def test_two_rows_of_one_line_can_be_told_apart(clinic):
    rows = rows_of(clinic, "bronze.diagnoses", sort_by=["_row"])
    assert list(rows["_row"]) == [2, 4, 5, 2 + FURTHER_ROW]


def as_parquet(path):
    columns = zip(*(line.split(";") for line in VISITS), strict=True)
    parquet.write_table(pa.table(dict(zip(HEADER.upper().split(";"), map(list, columns), strict=True))), path)


def as_ndjson(path):
    lines = [json.dumps(dict(zip(HEADER.split(";"), line.split(";"), strict=True))) for line in VISITS]
    path.write_text("\n".join(lines) + "\n", encoding="cp1252")


FORMS = {
    "klinik.csv.gz": lambda path: path.write_bytes(gzip.compress(clinic_text().encode("cp1252"))),
    "klinik_windows.csv": lambda path: path.write_bytes(clinic_text().replace("\n", "\r\n").encode("cp1252")),
    "klinik_macintosh.csv": lambda path: path.write_bytes(clinic_text().replace("\n", "\r").encode("cp1252")),
    "klinik_mixed.csv": lambda path: path.write_bytes(clinic_text().replace("\n", "\r\n", 3).encode("cp1252")),
    "klinik_reordered.csv": lambda path: path.write_bytes(
        "\n".join(";".join(reversed(line.split(";"))) for line in clinic_text().splitlines()).encode("cp1252") + b"\n"
    ),
    "klinik.parquet": as_parquet,
    "klinik.ndjson": as_ndjson,
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_a_file_gives_the_same_rows(name, clinic, tmp_path):
    settings = abroad(tmp_path)
    FORMS[name](settings.landing / name)
    publish_landed(settings)
    for table, key in (
        ("bronze.encounters", "encounter_id"),
        ("bronze.vital_sets", "encounter_id"),
        ("bronze.patients", "patient_id"),
    ):
        columns = [column for column in rows_of(settings, table).columns if not column.startswith("_")]
        assert rows_of(settings, table, sort_by=[key])[columns].equals(rows_of(clinic, table, sort_by=[key])[columns]), table


def test_other_encodings_skipped_lines_and_names_from_the_mapping_are_read(tmp_path):
    settings = abroad(tmp_path)
    mapping = settings.feeds / "clinic.yml"
    own = mapping.read_text(encoding="utf-8").replace("encoding: cp1252", "encoding: utf-16, skip_lines: 2")
    names = HEADER.replace(";", ", ")
    mapping.write_text(own.replace('decimal_mark: ","', f'decimal_mark: ",", header: [{names}]'), encoding="utf-8")
    text = "Bericht der Klinik\n\n" + "\n".join([*VISITS[:2], "cut;off", VISITS[6]]) + "\n"
    (settings.landing / "klinik.txt").write_bytes(text.encode("utf-16"))

    run = refresh(settings, requested_by="test")

    assert run.status == "succeeded", run.message
    assert list(rows_of(settings, "bronze.encounters", sort_by=["_row"])["_row"]) == [3, 4, 6]
    assert list(rows_of(settings, "bronze.unreadable_lines")["_row"]) == [5]
    assert rows_of(settings, "silver.encounters")["ward_name"].iloc[0] == "Chirurgie Süd"


def test_lines_with_nothing_in_them_are_told(tmp_path):
    settings = abroad(tmp_path)
    (settings.landing / "klinik.csv").write_bytes(clinic_text(*VISITS[:2], "", *VISITS[6:]).encode("cp1252"))
    assert refresh(settings, requested_by="test").status == "succeeded"
    unreadable = rows_of(settings, "bronze.unreadable_lines")
    assert list(unreadable[["_feed", "_row", "reason"]].itertuples(index=False)) == [("patients", 4, "the line is empty")]
    assert list(rows_of(settings, "bronze.encounters", sort_by=["_row"])["_row"]) == [2, 3, 5]


BAD = {
    "klinik_crc.csv.gz": (gzip.compress(clinic_text().encode("cp1252"))[:-8] + b"\0" * 8, "its checksum is wrong"),
    "klinik_cut.csv.gz": (gzip.compress(clinic_text().encode("cp1252"))[:-20], "cannot be unpacked: it is cut off"),
    "klinik_no.csv.gz": (b"not compressed", "no gzip file"),
    "klinik_bomb.csv.gz": (gzip.compress(clinic_text().encode() + b"0" * (70 << 20)), "unpacks to more than 250 times its size"),
    "klinik_cut.csv": (clinic_text().encode("cp1252")[:-1], "its last line does not end with a line break"),
    "klinik_lacks.csv": (clinic_text(header=HEADER.replace("beginn", "start")).encode("cp1252"), "lacks the column beginn"),
    "klinik_twice.csv": (clinic_text(header=HEADER.replace("zimmer", "puls")).encode("cp1252"), "names a column twice"),
    "klinik_cut.parquet": (b"PAR1\x15\x00\x15", "is no whole Parquet file"),
    "klinik_list.jsonl": (b"[1, 2]\n[3]\n", "lacks the column"),
    "labor.csv": (b"a,b\n1,2\n", 'python -m pipeline feed draft "labor.csv"'),
}


@pytest.fixture(scope="module")
def beside_bad_files(tmp_path_factory):
    settings = abroad(tmp_path_factory.mktemp("bad"))
    (settings.landing / "klinik_2025.csv").write_bytes(clinic_text().encode("cp1252"))
    for name, (content, _) in BAD.items():
        (settings.landing / name).write_bytes(content)
    publish_landed(settings)
    return settings


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_trusted_is_refused_with_its_reason(name, beside_bad_files):
    files = rows_of(beside_bad_files, "ops.files").set_index("file_name")
    assert files.loc[name, "status"] == "refused"
    assert BAD[name][1] in files.loc[name, "reason"]


def test_the_good_file_beside_them_is_taken_and_no_copy_stays(beside_bad_files):
    assert len(rows_of(beside_bad_files, "bronze.encounters")) == 7
    assert [path for path in beside_bad_files.scratch.rglob("*") if path.is_file()] == []


def test_the_same_content_under_another_name_is_reported_not_loaded(clinic, tmp_path):
    settings = abroad(tmp_path)
    for name in ("klinik_a.csv", "klinik_b.csv"):
        (settings.landing / name).write_bytes(clinic_text().encode("cp1252"))
    refresh(settings, requested_by="test")
    (settings.landing / "klinik_c.csv").write_bytes(clinic_text().encode("cp1252"))
    refresh(settings, requested_by="test")
    files = rows_of(settings, "ops.files").groupby("file_name")["status"].first()
    assert files.to_dict() == {"klinik_a.csv": "loaded", "klinik_b.csv": "repeated", "klinik_c.csv": "repeated"}
    assert len(rows_of(settings, "bronze.encounters")) == 7


def test_a_run_that_died_between_two_tables_is_finished_by_the_next(tmp_path, monkeypatch):
    settings = abroad(tmp_path)
    (settings.landing / "klinik.csv").write_bytes(clinic_text().encode("cp1252"))
    real = take_in.take_in_feed

    def dying(store, contract, batch, staged):
        if contract.name == "patients":
            raise RuntimeError("the machine stopped")
        return real(store, contract, batch, staged)

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr("pipeline.refresh.run.take_in_feed", dying)
        refresh(settings, requested_by="doomed")
    assert len(rows_of(settings, "bronze.diagnoses")) == 4

    assert refresh(settings, requested_by="test").status == "succeeded"
    counts = [len(rows_of(settings, f"bronze.{feed}")) for feed in ("patients", "encounters", "vital_sets", "diagnoses")]
    assert counts == [6, 7, 6, 4]


def test_a_refused_file_is_looked_at_again_once_a_mapping_knows_it(tmp_path):
    settings = abroad(tmp_path)
    mapping = settings.feeds / "clinic.yml"
    said = mapping.read_text(encoding="utf-8")
    mapping.unlink()
    (settings.landing / "klinik.csv").write_bytes(clinic_text().encode("cp1252"))
    refresh(settings, requested_by="test")
    assert list(rows_of(settings, "ops.files")["status"]) == ["refused"]
    refresh(settings, requested_by="test")
    assert len(rows_of(settings, "ops.files")) == 1
    mapping.write_text(said, encoding="utf-8")
    assert refresh(settings, requested_by="test").status == "succeeded"
    assert len(rows_of(settings, "bronze.encounters")) == 7


def test_a_broken_mapping_is_told_with_its_line_and_stops_no_other(tmp_path):
    settings = abroad(tmp_path)
    (settings.landing / "klinik.csv").write_bytes(clinic_text().encode("cp1252"))
    (settings.feeds / "other.yml").write_text("description: x\nfiles: [a]\nformat: dlimited\nrows: []\n", encoding="utf-8")
    run = refresh(settings, requested_by="test")
    assert run.status == "succeeded"
    told = rows_of(settings, "ops.files").set_index("file_name").loc["feeds/other.yml", "reason"]
    assert told.startswith("The mapping other.yml cannot be used: line 3: ")


RECORDS = [
    Record("patients", 1, {"patient_id": "p1", "birth_date": "1950-01-01", "updated_at": "2025-01-01 00:00:00"}, "PID|1"),
    Record(
        "encounters",
        1,
        {
            "encounter_id": "e1", "patient_id": "p1", "site_name": "N", "encounter_class": "IMP", "bed": "7",
            "arrived_at": "2025-01-01 00:00:00", "updated_at": "2025-01-01 00:00:00",
        },
    ),
    *(
        Record(
            "diagnoses",
            1,
            {
                "encounter_id": "e1", "diagnosis_rank": str(rank), "code_system": "ICD-10", "code": "I10",
                "updated_at": "2025-01-01 00:00:00",
            },
        )
        for rank in (1, 2)
    ),
    *(NotUnderstood("segment ZXY", "no use for it") for _ in range(3)),
    Unreadable(2, "no message type", "MSH|?"),
]  # fmt: skip


@pytest.fixture
def with_reader(tmp_path, monkeypatch):
    """A home whose hl7 reader is the given function."""

    def landed(read):
        settings = abroad(tmp_path)
        monkeypatch.setattr(readers, "reader_of", lambda *_: read)
        monkeypatch.setattr("pipeline.lakehouse.record_file.reader_of", lambda *_: read)
        (settings.landing / "adt.hl7").write_bytes(b"MSH|^~\\&|")
        (settings.landing / "klinik.csv").write_bytes(clinic_text().encode("cp1252"))
        publish_landed(settings)
        return settings

    return landed


def test_the_records_of_a_format_with_a_reader_become_rows_of_every_feed(with_reader, monkeypatch):
    monkeypatch.setattr("pipeline.lakehouse.record_file.BATCH_ITEMS", 3)
    settings = with_reader(lambda path: iter(RECORDS))
    files = rows_of(settings, "ops.files").query("mapping == 'hl7_v2'").set_index("feed")["line_count"].to_dict()
    assert files == {"patients": 2, "encounters": 1, "diagnoses": 2}
    encounter = rows_of(settings, "bronze.encounters").query("_file == 'adt.hl7'").iloc[0]
    assert (encounter["_row"], encounter["_extra"]) == (1, "bed=7")
    diagnoses = rows_of(settings, "bronze.diagnoses", sort_by=["_row"]).query("_file == 'adt.hl7'")
    assert list(diagnoses["_row"]) == [1, 1 + FURTHER_ROW]
    told = rows_of(settings, "ops.not_understood").query("file_name == 'adt.hl7'")
    assert list(told[["what", "record_count"]].itertuples(index=False)) == [("segment ZXY", 3)]
    assert list(rows_of(settings, "bronze.unreadable_lines")["line_text"]) == ["MSH|?"]


def breaking(path):
    yield RECORDS[0]
    raise KeyError("PID-3")


def test_a_reader_that_fails_refuses_its_file_and_no_other(with_reader):
    settings = with_reader(breaking)
    files = rows_of(settings, "ops.files").groupby("file_name")[["status", "reason"]].first()
    assert files.loc["adt.hl7", "status"] == "refused"
    assert "adt.hl7 cannot be read as hl7 (KeyError)" in files.loc["adt.hl7", "reason"]
    assert len(rows_of(settings, "bronze.patients")) == 6


def test_a_file_that_changes_while_it_is_read_is_refused_and_taken_when_it_is_complete(tmp_path, monkeypatch):
    settings = abroad(tmp_path)
    landed = settings.landing / "klinik.csv"
    landed.write_bytes(clinic_text(*VISITS[:2]).encode("cp1252"))
    (settings.landing / "klinik_other.csv").write_bytes(clinic_text(*VISITS[6:]).encode("cp1252"))
    real = take_in.take_rows

    def still_arriving(duck, file, arrival):
        taken = real(duck, file, arrival)
        if file.path == landed:
            landed.write_bytes(clinic_text().encode("cp1252"))
        return taken

    with monkeypatch.context() as patch:
        patch.setattr(take_in, "take_rows", still_arriving)
        run = refresh(settings, requested_by="test")
    assert "klinik.csv changed while it was read" in run.message
    assert set(rows_of(settings, "bronze.encounters")["_file"]) == {"klinik_other.csv"}
    assert refresh(settings, requested_by="test").status == "succeeded"
    assert len(rows_of(settings, "bronze.encounters").query("_file == 'klinik.csv'")) == 7
