"""Real data with a licence of its own is never part of this repository: MEDIPULSE_REAL_DATA names the folder where it lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets; without it these tests are skipped."""
    if not os.environ.get("MEDIPULSE_REAL_DATA"):
        pytest.skip("no real data here; MEDIPULSE_REAL_DATA names its folder")
    return Path(os.environ["MEDIPULSE_REAL_DATA"])
