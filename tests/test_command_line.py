"""The command line as its user meets it: words, files and exit codes, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from pipeline.settings import REPOSITORY, Settings


def run(settings: Settings, *words: str, **environment: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pipeline", *words]
    return subprocess.run(
        command,
        cwd=REPOSITORY,
        env=settings.child_environment() | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_from_raw_files_to_a_status_that_programs_can_read(settings):
    made = run(settings, "generate", "--encounters", "300", "--seed", "3")
    assert made.returncode == 0 and "300 encounters" in made.stdout
    refreshed = run(settings, "refresh")
    assert refreshed.returncode == 0, refreshed.stderr
    assert "ok    Silver encounters" in refreshed.stdout

    said = json.loads(run(settings, "status", "--json").stdout)

    assert said["publication"] == 1 and said["is_synthetic"]
    silver = said["tables"]["silver.encounters"]
    assert 285 <= silver["rows"] <= 300 and silver["version"] >= 0
    assert all(
        line["received_count"]
        == line["accepted_count"] + line["quarantined_count"] + line["duplicate_count"] + line["superseded_count"]
        for line in said["ledger"]
    )


def test_a_report_and_an_export_of_the_same_publication(shared_tiny_lake, tmp_path):
    assert run(shared_tiny_lake, "report", "--out", str(tmp_path / "r.pdf")).returncode == 0
    assert run(shared_tiny_lake, "export", "--out", str(tmp_path / "r.json")).returncode == 0
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF-")
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "words, code, sentence",
    [
        (("status",), 7, "Nothing is published yet"),
        (("status", "--publication", "9"), 2, "Publication 9 is not kept"),
        (("maintain",), 7, "Nothing has been published yet"),
        (("feed", "again", "x.csv"), 4, "x.csv is not among the loaded files"),
        (("refresh",), 6, "No encounters file was taken in"),
        (("report", "--out", "x.pdf"), 7, "Nothing has been published yet"),
        (("report", "--out", "x.pdf", "--role", "visitor"), 9, "no role in the policy"),
        (("generate", "--encounters", "0"), 2, "encounters"),
        (("fly",), 2, "No such command"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_an_exit_code(words, code, sentence, settings):
    done = run(settings, *words)
    assert done.returncode == code
    assert sentence in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "environment, sentence",
    [
        ({"MEDIPULSE_THREADS": "many"}, "MEDIPULSE_THREADS is “many”"),
        ({"MEDIPULSE_HOME": "/proc/nowhere"}, "No such file or directory"),
        ({"MEDIPULSE_MEMORY_LIMIT": "lots"}, "MEDIPULSE_MEMORY_LIMIT"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_sentence(environment, sentence, settings, tiny_landing):
    done = run(settings, "refresh", **environment)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_on_a_terminal_it_draws_a_bar(settings, tiny_landing):
    command = ["script", "-qec", f"{sys.executable} -m pipeline refresh", "/dev/null"]
    terminal = settings.child_environment() | {"TERM": "xterm"}
    done = subprocess.run(command, cwd=REPOSITORY, env=terminal, capture_output=True, text=True, timeout=60, check=False)
    assert "━" in done.stdout and "Publication 1 is current." in done.stdout


@pytest.mark.parametrize(("place", "code"), [("North/Cardiology", 0), ("North", 0), ("", 9), ("Nowhere/Cardiology", 9)])
def test_a_role_of_own_places_reports_on_the_place_that_is_named(place, code, shared_tiny_lake, tmp_path):
    done = run(shared_tiny_lake, "export", "--out", str(tmp_path / "x.json"), "--role", "triage_nurse", "--place", place)
    assert done.returncode == code
    assert ("names no site or ward" in done.stderr) == (code == 9)
