"""The access log proves itself: whatever is edited, deleted, moved or cut off is named, and what was acknowledged is there."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace

import pytest

from pipeline.errors import AuditBroken
from pipeline.governance import audit
from pipeline.governance.anchor import anchors
from pipeline.governance.audit import read_log, record, record_all
from pipeline.governance.audit_key import load_key
from pipeline.governance.mirror import mirror
from pipeline.governance.policy import load_policy
from pipeline.governance.verify import verify
from pipeline.refresh.run import look_after
from pipeline.settings import REPOSITORY, Settings, load_settings
from tests.governance.tampering import tampered, without_guards
from tests.governance.writer import event
from tests.lake import rows_of

FORMER = """
create table access_log (sequence integer primary key autoincrement, recorded_at text not null, viewer, role, action, purpose,
    outcome, tables, masked_columns, publication, row_count, query_hash, reason);
create trigger access_log_loses_no_line before delete on access_log begin select raise(abort, 'the access log is append only'); end;
insert into access_log values (1, '2026-01-02T03:04:05.678+00:00', 'ana', 'analyst', 'read', 'old', 'allowed',
    'gold.stays@1, gold.demographics@2', 'gold.stays.patient_id', 1, 5, 'abc', ''),
    (2, '2026-01-03T00:00:00.000+00:00', 'ana', 'analyst', 'refresh', 'older', 'denied', '', '', null, null, '', 'no');
"""


@pytest.fixture
def log(settings: Settings) -> Settings:
    """A home whose access log has six records."""
    for number in range(6):
        record(settings, event(f"viewer-{number}"))
    return settings


def test_ten_thousand_records_are_proven(settings):
    record_all(settings, [event()] * 10_000)
    proof = verify(settings)
    assert proof.record_count == 10_000
    assert proof.head == read_log(settings.access_log)[-1]["seal"]


def test_a_record_says_who_when_what_and_of_whom_and_holds_no_patient_number(log):
    kept = read_log(log.access_log)[0]
    assert kept["sequence"] == 1 and kept["kind"] == "read" and kept["recorded_at"].endswith("+00:00")
    assert kept["patients"] == load_key(log.audit_key_file, may_begin=False).pseudonyms(("P-ada",))
    assert b"P-ada" not in b"".join(path.read_bytes() for path in log.access_log.parent.iterdir())


def test_more_than_fifty_patients_are_counted_and_not_named(settings):
    record(settings, event(patients=tuple(f"P-{number}" for number in range(51))))
    record(settings, event(patients=()))
    record(settings, event(patients=None))
    found = [(len(line["patients"]), line["patient_count"]) for line in read_log(settings.access_log)]
    assert found == [(0, 51), (0, 0), (0, None)]


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        (["update access_log set body = replace(body, 'viewer-2', 'viewer-9') where sequence = 3"], "Record 3 was edited"),
        (["update access_log set seal = previous where sequence = 2"], "Record 2 was edited"),
        (["delete from access_log where sequence = 4"], "Record 4 is missing: deleted"),
        (["delete from access_log where sequence in (2, 3)"], "Records 2 to 3 are missing: deleted"),
        (["delete from access_log where sequence = 1"], "Record 1 is missing"),
        (
            ["delete from access_log where sequence = 4", "update access_log set sequence = sequence - 1 where sequence > 4"],
            "At place 4 stands record 5: records were reordered, or deleted and numbered anew",
        ),
        (
            [
                "update access_log set sequence = 99 where sequence = 2",
                "update access_log set sequence = 2 where sequence = 3",
                "update access_log set sequence = 3 where sequence = 99",
            ],
            "At place 2 stands record 3",
        ),
        (["delete from access_log_patients where sequence = 5"], "list of patients was edited: it does not fit record 5"),
        (["drop index access_log_by_time"], "not as they were made"),
    ],
)
def test_what_was_done_to_the_log_is_named(log, statements, says):
    tampered(log, *statements)
    with pytest.raises(AuditBroken, match=says):
        verify(log)


def test_a_cut_off_end_is_found_by_the_anchor(log):
    verify(log)
    tampered(log, "delete from access_log where sequence > 4", "delete from access_log_patients where sequence > 4")
    with pytest.raises(AuditBroken, match="ends at record 4, but record 6 was anchored: its end was cut off"):
        verify(log)


def test_a_log_that_is_gone_is_found_by_the_anchor(log):
    log.access_log.unlink()
    with pytest.raises(AuditBroken, match="The access log is gone"):
        verify(log)


def test_a_log_written_anew_with_the_stolen_key_is_found_by_the_anchor(log):
    verify(log)
    for path in log.access_log.parent.glob("access_log.sqlite*"):
        path.unlink()
    for number in range(7):
        record(log, event(f"innocent-{number}"))
    with pytest.raises(AuditBroken, match=r"Record [16] is not the one that was anchored"):
        verify(log)


def test_a_log_sealed_with_another_key_is_named_and_not_written_on(log):
    log.audit_key_file.unlink()
    load_key(log.audit_key_file, may_begin=True)
    with pytest.raises(AuditBroken, match="Record 1 was sealed with another key"):
        verify(log)
    with pytest.raises(AuditBroken, match="another key"):
        record(log, event())


def test_without_its_key_the_log_is_neither_proven_nor_written_on(log):
    log.audit_key_file.unlink()
    for attempt in (lambda: verify(log), lambda: record(log, event())):
        with pytest.raises(AuditBroken, match="key of the access log is gone"):
            attempt()


def test_no_byte_of_a_record_can_be_changed_unseen_with_sql(log):
    with closing(sqlite3.connect(log.access_log, isolation_level=None)) as connection:
        without_guards(connection)
        unseen = [
            (column, place)
            for column in ("body", "previous", "seal")
            for place in range(connection.execute(f"select length({column}) from access_log where sequence = 3").fetchone()[0])
            if not _is_found(log, connection, column, place)
        ]
    assert unseen == []


def _is_found(log: Settings, connection: sqlite3.Connection, column: str, place: int) -> bool:
    (before,) = connection.execute(f"select {column} from access_log where sequence = 3").fetchone()
    after = before[:place] + ("x" if before[place] != "x" else "y") + before[place + 1 :]
    try:
        connection.execute(f"update access_log set {column} = ? where sequence = 3", (after,))
    except sqlite3.OperationalError as refused:
        return "malformed JSON" in str(refused)
    try:
        verify(log)
    except AuditBroken as found:
        return "Record 3 was" in str(found)
    finally:
        connection.execute(f"update access_log set {column} = ? where sequence = 3", (before,))
    return False


@pytest.mark.parametrize("sequence", [1, 4, 6])
def test_no_byte_of_a_record_can_be_changed_unseen_in_the_file(log, sequence):
    with closing(sqlite3.connect(log.access_log)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
        row = connection.execute(f"select previous, body, seal from access_log where sequence = {sequence}").fetchone()
    whole = log.access_log.read_bytes()
    start = whole.index("".join(row).encode())
    unseen = []
    for place in range(start, start + len("".join(row).encode()), 3):
        log.access_log.write_bytes(whole[:place] + bytes([whole[place] ^ 0x21]) + whole[place + 1 :])
        try:
            verify(log)
            unseen.append(place)
        except AuditBroken:
            continue
    assert unseen == []


def test_four_processes_at_once_write_one_chain(settings):
    writers = [_writer(settings, f"w{number}", 40) for number in range(4)]
    assert [writer.wait() for writer in writers] == [0] * 4
    assert verify(settings).record_count == 160
    assert {line["viewer"] for line in read_log(settings.access_log)} == {"w0", "w1", "w2", "w3"}


@pytest.mark.slow
def test_twenty_killed_writers_lose_nothing_that_was_acknowledged(settings):
    acknowledged = 0
    for number in range(20):
        writer = _writer(settings, f"killed-{number}", 10_000)
        lines = [writer.stdout.readline() for _ in range(1 + number % 7)]
        os.kill(writer.pid, signal.SIGKILL)
        lines += writer.stdout.readlines()
        writer.wait()
        acknowledged += len([line for line in lines if line.endswith(b"\n")])
        assert verify(settings).record_count >= acknowledged
    assert acknowledged >= 60


def _writer(settings: Settings, name: str, count: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.governance.writer", str(settings.home), name, str(count)]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE)


def test_a_former_log_is_taken_over_with_its_times_and_says_so(settings):
    settings.access_log.parent.mkdir(parents=True)
    with closing(sqlite3.connect(settings.access_log)) as connection:
        connection.executescript(FORMER)
    record(settings, event("new"))
    said, first, second, new = read_log(settings.access_log)
    assert "next 2 records" in said["reason"]
    assert (first["recorded_at"], first["tables"]) == ("2026-01-02T03:04:05.678+00:00", ["gold.stays@1", "gold.demographics@2"])
    assert (second["kind"], second["outcome"], new["viewer"]) == ("refusal", "denied", "new")
    assert verify(settings).record_count == 4


def test_a_changed_policy_is_on_record_once(log, monkeypatch):
    other = replace(load_policy(), fingerprint="another file")
    monkeypatch.setattr(audit, "load_policy", lambda: other)
    record(log, event())
    record(log, event())
    changes = [line for line in read_log(log.access_log) if line["kind"] == "policy change"]
    assert [line["reason"] for line in changes] == [f"policy.yml is another file and was {load_policy().fingerprint}"]
    assert verify(log).record_count == 9


def test_key_log_and_anchor_are_made_for_their_owner_alone_and_a_loose_key_is_told(log):
    made = (log.audit_key_file, log.access_log, log.audit_anchor_file)
    assert [stat.S_IMODE(path.stat().st_mode) for path in made] == [0o600] * 3
    log.audit_key_file.chmod(0o644)
    assert "run chmod 600" in verify(log).sentence


def test_key_and_anchor_can_lie_elsewhere(tmp_path):
    elsewhere = {
        "MEDIPULSE_AUDIT_KEY_FILE": str(tmp_path / "safe" / "k"),
        "MEDIPULSE_AUDIT_ANCHOR_FILE": str(tmp_path / "far" / "a"),
    }
    settings = load_settings({"MEDIPULSE_HOME": str(tmp_path / "home"), **elsewhere})
    record(settings, event())
    assert [path.name for path in settings.access_log.parent.iterdir() if "sqlite" not in path.name] == []
    assert verify(settings).record_count == 1
    assert elsewhere.items() <= settings.child_environment().items()


def test_the_anchor_is_written_at_the_first_record_every_fifty_and_at_a_proof(settings):
    for _ in range(52):
        record(settings, event())
    verify(settings)
    assert [one.sequence for one in anchors(settings.audit_anchor_file)] == [1, 51, 52]


def test_a_damaged_anchor_is_named(log):
    with log.audit_anchor_file.open("a", encoding="utf-8") as stream:
        stream.write("{}\n")
    with pytest.raises(AuditBroken, match=r"Line 2 of the anchor anchor\.log"):
        verify(log)


def test_the_lake_gets_a_copy_in_batches_and_each_record_once(log):
    assert mirror(log) == 6
    record(log, event("late"))
    assert (mirror(log), mirror(log)) == (1, 0)
    copied = rows_of(log, "governance.access_log", sort_by=["sequence"])
    assert copied["sequence"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert copied["seal"].tolist() == [line["seal"] for line in read_log(log.access_log)]
    assert json.loads(copied["words"].iloc[6])["viewer"] == "late"


def test_maintenance_of_the_lake_keeps_the_copy(tiny_lake):
    for viewer in ("early", "late"):
        record(tiny_lake, event(viewer))
        mirror(tiny_lake)
    long_ago = time.time() - 3 * 24 * 3600
    for path in tiny_lake.lake.glob("governance/*/*.parquet"):
        os.utime(path, (long_ago, long_ago))
    look_after(tiny_lake)
    assert rows_of(tiny_lake, "governance.access_log", sort_by=["sequence"])["viewer"].tolist() == ["early", "late"]


def test_a_writer_that_finds_an_edited_head_says_so(log):
    with closing(sqlite3.connect(log.access_log, isolation_level=None)) as connection:
        without_guards(connection)
        connection.execute("update access_log set body = '[]' where sequence = 6")
    with pytest.raises(AuditBroken, match="Record 6 of the access log was edited"):
        record(log, event())


def test_the_same_patient_has_another_pseudonym_under_another_key():
    one, other = (load_key_of(text) for text in ("00" * 32, "11" * 32))
    assert one.pseudonyms(("P-ada",)) != other.pseudonyms(("P-ada",))
    assert replace(one).pseudonyms(("P-ada",)) == one.pseudonyms(("P-ada",))


def load_key_of(text: str):
    from pipeline.governance.audit_key import AuditKey

    return AuditKey(bytes.fromhex(text))
