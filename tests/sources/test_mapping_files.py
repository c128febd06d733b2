"""A mapping that cannot work is refused with its line; the shipped ones work, and the user's own win."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml

from pipeline.catalog.contract import feeds, load_contracts
from pipeline.catalog.dictionary import DICTIONARY
from pipeline.errors import ContractBroken
from pipeline.sources.mapping_file import SCHEMA, SHIPPED, read_mapping
from pipeline.sources.mappings import load_mappings, mappings_fingerprint

FEEDS = feeds(load_contracts())

GOOD = """\
description: x
files: ["x*.csv"]
format: delimited
rows:
  - feed: patients
    columns:
      patient_id: a
      birth_date: b
      updated_at: {received: true}
"""

WRONG = {
    "description: x: y": (1, "mapping values are not allowed"),
    GOOD.replace("format: delimited", "format: excel"): (3, "none of the forms"),
    GOOD.replace("files:", "file:"): (1, "file"),
    GOOD.replace("feed: patients", "feed: people"): (5, "people is no feed"),
    GOOD.replace("patient_id: a", "patient_number: a"): (7, "patient_number is no column of patients"),
    GOOD.replace("      birth_date: b\n", ""): (6, "patients need birth_date"),
    GOOD + "      birth_date_basis: c\n": (10, "birth_date_basis is filled by the program"),
    GOOD.replace("birth_date: b", 'birth_date: {column: b, format: "%Q"}'): (8, "%Q is no format of a time"),
    GOOD.replace("birth_date: b", "birth_date: {column: b, time_zone: Mars}"): (8, "Mars is no time zone"),
    GOOD.replace("birth_date: b", "birth_date: {column: b, unit: stones}"): (8, "none of the forms"),
    GOOD.replace("patient_id: a", "patient_id: {age: a, at: b}"): (7, "an age can only give a birth_date"),
    GOOD.replace("patient_id: a", 'patient_id: {text: "{a"}'): (7, "a brace is left open"),
    GOOD.replace("rows:", "text: {encoding: klingon}\nrows:"): (4, "klingon is no encoding"),
    GOOD.replace("rows:", "text: {encoding: base64}\nrows:"): (4, "base64 is no encoding"),
    GOOD.replace("rows:", "text: {delimiter: abc}\nrows:"): (4, "one plain character"),
    GOOD.replace("rows:", "time_zone: Berlin\nrows:"): (4, "Berlin is no time zone"),
    GOOD.replace("rows:", 'from_name: "("\nrows:'): (4, "the pattern cannot be read"),
    GOOD.replace("rows:", "values: {v: w, w: a}\nrows:"): (4, "w is a named value that comes later"),
    "description: x\nfiles: [a]\nformat: delimited\n": (1, "it has no rows"),
    "just a word": (1, "is not of type 'object'"),
    "": (1, "is not of type 'object'"),
}


def written(tmp_path, text: str):
    path = tmp_path / "mine.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_mapping_is_read(tmp_path):
    mapping = read_mapping(written(tmp_path, GOOD), FEEDS)
    assert (mapping.name, mapping.feeds, mapping.source_columns) == ("mine", ("patients",), ("a", "b"))


@pytest.mark.parametrize("text", WRONG)
def test_a_mapping_that_cannot_work_is_refused_with_its_line(text, tmp_path):
    line, why = WRONG[text]
    with pytest.raises(ContractBroken) as refused:
        read_mapping(written(tmp_path, text), FEEDS)
    assert str(refused.value).startswith(f"The mapping mine.yml cannot be used: line {line}: ")
    assert why in str(refused.value)


def test_a_mapping_changed_in_its_place_is_judged_by_what_it_says_now(tmp_path):
    path = written(tmp_path, GOOD)
    for _ in range(2):
        path.write_text(GOOD.replace("files:", "file:"), encoding="utf-8")
        with pytest.raises(ContractBroken, match="line 1"):
            read_mapping(path, FEEDS)
        path.write_text(GOOD, encoding="utf-8")
        assert read_mapping(path, FEEDS).feeds == ("patients",)


def test_a_mapping_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "mine.yml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ContractBroken, match="cannot be read as UTF-8 text"):
        read_mapping(path, FEEDS)


def test_codes_that_yaml_takes_for_truth_stay_texts(tmp_path):
    said = GOOD + "      sex: {column: s, values: {no: F, yes: M, 1: O}}\n"
    assert read_mapping(written(tmp_path, said), FEEDS).targets[0].columns["sex"].values == {"no": "F", "yes": "M", "1": "O"}


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yml")), ids=lambda path: path.stem)
def test_every_shipped_mapping_can_be_used(path):
    assert read_mapping(path, FEEDS).files


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yml")), ids=lambda path: path.stem)
def test_an_editor_that_reads_numbers_as_numbers_finds_no_fault_either(path):
    schema = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    said = json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))
    assert [error.message for error in schema.iter_errors(said)] == []


def test_the_users_own_mapping_wins_over_the_shipped_one_of_its_name(tmp_path):
    own = tmp_path / "uci_diabetes130.yml"
    own.write_text(GOOD, encoding="utf-8")
    known = {mapping.name: mapping for mapping in load_mappings(tmp_path, FEEDS).known}
    assert known["uci_diabetes130"].is_users_own
    assert not known["nhamcs_ed"].is_users_own


def test_a_broken_own_mapping_does_not_bring_the_shipped_one_back(tmp_path):
    before = mappings_fingerprint(tmp_path)
    (tmp_path / "uci_diabetes130.yml").write_text("x", encoding="utf-8")
    mappings = load_mappings(tmp_path, FEEDS)
    assert [broken.path.name for broken in mappings.broken] == ["uci_diabetes130.yml"]
    assert "uci_diabetes130" not in {mapping.name for mapping in mappings.known}
    assert mappings_fingerprint(tmp_path) != before


def test_the_mapping_that_the_guide_shows_can_be_used(tmp_path):
    guide = DICTIONARY.read_text(encoding="utf-8")
    shown = guide.partition("```yaml\n")[2].partition("```")[0]
    assert read_mapping(written(tmp_path, shown), FEEDS).feeds == ("patients", "encounters", "vital_sets")
