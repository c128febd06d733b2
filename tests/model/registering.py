"""A process of its own that logs a training and registers its version: python -m tests.model.registering HOME."""

from __future__ import annotations

import sys

from pipeline.model.registry import Registry
from pipeline.settings import load_settings
from tests.model.evaluations import evaluation
from tests.model.test_registry import logged

if __name__ == "__main__":
    registry = Registry(load_settings({"MEDIPULSE_HOME": sys.argv[1]}))
    print(registry.register(registry.log(logged(evaluation())), {}).number)
