"""Real data with a licence of its own is never part of this repository: where it lies is said in MEDIPULSE_REAL_DATA.

Without the variable a folder `shared/data` beside the checkout is tried; without either these tests are skipped.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.settings import REPOSITORY


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets."""
    folder = Path(os.environ.get("MEDIPULSE_REAL_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("no real data here; set MEDIPULSE_REAL_DATA to its folder")
    return folder
