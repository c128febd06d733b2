"""Which function reads a format that is no table of rows. Imported only when a file of that format lands."""

from __future__ import annotations

from importlib import import_module

from pipeline.errors import FileRefused
from pipeline.sources.records import Reader

READERS = {
    "fhir": "pipeline.sources.fhir.reader",
    "hl7": "pipeline.sources.hl7.reader",
}
"""Format to the module that has a function `read(path)`; see `records`."""


def reader_of(format_name: str) -> Reader:
    """The function that reads files of a format. Raises FileRefused where this version has none."""
    try:
        return import_module(READERS[format_name]).read
    except ModuleNotFoundError as absent:
        raise FileRefused(f"Files of the format {format_name} cannot be read by this version. Leave them out.") from absent
