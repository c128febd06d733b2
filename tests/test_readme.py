"""What the README says exists, exists."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from pipeline.settings import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
PATHS = sorted(
    set(re.findall(r"`((?:pages|pipeline|data|tests|app)[\w./]*)`", README)) | set(re.findall(r"\]\(([\w./]+)\)", README))
)
COMMANDS = sorted(set(re.findall(r"python -m pipeline (\w+)", README)))
TARGETS = sorted(set(re.findall(r"^make (\w+)", README, flags=re.MULTILINE)))


@pytest.mark.parametrize("path", [path for path in PATHS if path != "data/landing/"])
def test_every_path_in_it_exists(path):
    assert (REPOSITORY / path).exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_in_it_exists(command):
    done = subprocess.run([sys.executable, "-m", "pipeline", command, "--help"], cwd=REPOSITORY, capture_output=True, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_in_it_exists(target):
    assert re.search(rf"^{target}:", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_it_names_every_room_of_the_house():
    rooms = {
        f"pipeline/{path.name}/" for path in (REPOSITORY / "pipeline").iterdir() if path.is_dir() and path.name != "__pycache__"
    }
    assert {room for room in rooms if room not in README} == set()


def test_the_top_level_is_the_one_that_was_asked_for():
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=False).stdout.splitlines()
    top = {name.split("/")[0] for name in listed}
    assert top <= {
        "app.py", "pages", "pipeline", "data", "tests", ".streamlit", "requirements.txt", "README.md",
        "pyproject.toml", "Makefile", "LICENSE", ".ci", ".gitignore",
    }  # fmt: skip
