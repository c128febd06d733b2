"""The code is linted and formatted as pyproject.toml asks."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline.settings import REPOSITORY


@pytest.mark.parametrize("words", [("check",), ("format", "--check")], ids=" ".join)
def test_ruff_is_content(words):
    done = subprocess.run([sys.executable, "-m", "ruff", *words, "."], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
