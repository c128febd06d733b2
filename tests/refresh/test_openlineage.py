"""What is told of runs is OpenLineage, comes once for each run, and is not lost when nobody listens."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from openlineage.client import event_v2, facet_v2
from openlineage.client.serde import Serde

from pipeline.catalog.contract import load_contracts
from pipeline.catalog.lineage import known_lineage
from pipeline.errors import BadRequest
from pipeline.refresh.hand_over import hand_over
from pipeline.refresh.progress import RunLog
from pipeline.refresh.run import refresh
from pipeline.settings import Settings, load_settings

FACETS: dict[str, Callable] = {
    "schema": lambda fields: facet_v2.schema_dataset.SchemaDatasetFacet(
        fields=[facet_v2.schema_dataset.SchemaDatasetFacetFields(**one) for one in fields]
    ),
    "columnLineage": lambda fields, dataset: facet_v2.column_lineage_dataset.ColumnLineageDatasetFacet(
        fields={name: _field(**one) for name, one in fields.items()}, dataset=dataset
    ),
    "outputStatistics": facet_v2.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
    "errorMessage": facet_v2.error_message_run.ErrorMessageRunFacet,
}


def _field(inputFields: list[dict]) -> facet_v2.column_lineage_dataset.Fields:
    kinds = facet_v2.column_lineage_dataset
    return kinds.Fields(
        inputFields=[
            kinds.InputField(**{**one, "transformations": [kinds.Transformation(**how) for how in one["transformations"]]})
            for one in inputFields
        ]
    )


def as_the_library_writes_it(event: dict) -> dict:
    """The same event built with the classes of openlineage-python, which refuse what they do not know."""
    made = event_v2.RunEvent(
        eventType=event_v2.RunState[event["eventType"]],
        eventTime=event["eventTime"],
        producer=event["producer"],
        run=event_v2.Run(event["run"]["runId"], _facets(event["run"]["facets"])),
        job=event_v2.Job(**event["job"]),
        inputs=[event_v2.InputDataset(**one) for one in event["inputs"]],
        outputs=[
            event_v2.OutputDataset(
                one["namespace"], one["name"], facets=_facets(one["facets"]), outputFacets=_facets(one["outputFacets"])
            )
            for one in event["outputs"]
        ],
    )
    return json.loads(Serde.to_json(made))


def _facets(said: dict) -> dict:
    found = {}
    for name, facet in said.items():
        facts = {key: value for key, value in facet.items() if not key.startswith("_")}
        found[name] = FACETS[name](**facts)
        found[name]._producer = facet["_producer"]
    return found


def without_empty(value: object) -> object:
    """The library leaves out what is empty."""
    if isinstance(value, dict):
        kept = {name: without_empty(item) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item not in (None, [], {})}
    return [without_empty(item) for item in value] if isinstance(value, list) else value


def told(settings: Settings) -> list[dict]:
    return [json.loads(line) for line in settings.openlineage_file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def lineage_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lineage of every column, worked out once for all tests."""
    path = tmp_path_factory.mktemp("lineage") / "lineage.json"
    known_lineage(load_contracts(), path)
    return path


@pytest.fixture
def lake(tiny_lake: Settings, lineage_file: Path) -> Settings:
    """The tiny hospital after one run, a run that found nothing new, and one that failed; the lineage is known."""
    shutil.copy(lineage_file, tiny_lake.lineage_file)
    refresh(tiny_lake, requested_by="test")
    RunLog(tiny_lake, "test").finish("failed", "No space left.")
    hand_over(tiny_lake)
    return tiny_lake


def test_every_event_is_what_the_library_would_write(lake):
    for event in told(lake):
        assert without_empty(as_the_library_writes_it(event)) == without_empty(event)


def test_each_run_is_told_once_by_its_start_and_its_end(lake):
    hand_over(lake)
    events = told(lake)
    assert [event["eventType"] for event in events] == ["START", "COMPLETE", "START", "COMPLETE", "START", "FAIL"]
    assert len({event["run"]["runId"] for event in events}) == 3
    assert events[-1]["run"]["facets"]["errorMessage"]["message"] == "No space left."


def test_the_end_of_a_run_names_what_it_read_and_wrote_and_how_each_column_is_made(lake):
    first = told(lake)[1]
    outputs = {one["name"]: one for one in first["outputs"]}
    assert {"landing.encounters", "reference.sign_units"} <= {one["name"] for one in first["inputs"]}
    assert {"bronze.encounters", "silver.stays", "gold.high_risk_seniors"} <= set(outputs)
    assert outputs["silver.patients"]["outputFacets"]["outputStatistics"]["rowCount"] == 5
    lineage = outputs["gold.high_risk_seniors"]["facets"]["columnLineage"]["fields"]["heart_rate_bpm"]["inputFields"]
    assert [(one["name"], one["field"]) for one in lineage] == [("gold.encounter_risks", "heart_rate_bpm")]
    sources = {one["name"] for output in outputs.values() for one in _input_fields(output)}
    assert not any(name.startswith("typed.") or "._" in name for name in sources)


def _input_fields(output: dict) -> list[dict]:
    fields = output["facets"].get("columnLineage", {"fields": {}})["fields"]
    return [one for field in fields.values() for one in field["inputFields"]]


def test_a_run_that_changed_nothing_has_no_output(lake):
    assert told(lake)[3]["outputs"] == []


def test_what_could_not_be_sent_is_noted_and_sent_after_the_next_run(lake):
    received: list[dict] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    address = f"http://127.0.0.1:{server.server_port}/api/v1/lineage"
    hand_over(replace(lake, openlineage_url="http://127.0.0.1:9/nobody"))
    assert "not sent, tried again" in lake.openlineage_file.with_suffix(".log").read_text(encoding="utf-8")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for _ in range(2):
        hand_over(replace(lake, openlineage_url=address))
    server.shutdown()
    server.server_close()
    assert received == told(lake)


def test_an_address_that_is_none_is_refused():
    with pytest.raises(BadRequest, match="MEDIPULSE_OPENLINEAGE_URL is “marquez”"):
        load_settings({"MEDIPULSE_OPENLINEAGE_URL": "marquez"})
