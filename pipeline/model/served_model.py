"""What MLflow loads when somebody asks it for the model: probabilities from the specification's text, nothing else.

A script and no module of the house: MLflow runs it beside a copy of `pipeline.model.specification`.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

from pipeline.model.specification import from_json


class AdditiveModel(PythonModel):
    """One row of features in, the probability of an unplanned return within 30 days out (0-1)."""

    def load_context(self, context) -> None:
        self.specification = from_json(Path(context.artifacts["specification"]).read_text(encoding="utf-8"))

    def predict(self, context, model_input: pd.DataFrame, params: dict | None = None):
        return self.specification.probabilities(model_input)


set_model(AdditiveModel())
