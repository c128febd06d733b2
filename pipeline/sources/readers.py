"""Which function reads a format that is no table of rows. Imported only when a file of that format lands."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from pipeline.errors import FileRefused
from pipeline.sources.records import Reader

READERS = {
    "fhir": "pipeline.sources.fhir.reader",
    "hl7": "pipeline.sources.hl7.reader",
}
"""Format to the module that has a function `read(path)`; see `records`."""

ON_THE_HOSPITALS_CLOCK = frozenset({"hl7"})
"""Formats whose times may come without an offset; their `read` is told where the hospital is."""


def reader_of(format_name: str, time_zone: str) -> Reader:
    """The function that reads files of a format. Raises FileRefused where this version has none."""
    try:
        read = import_module(READERS[format_name]).read
        return partial(read, time_zone=time_zone) if format_name in ON_THE_HOSPITALS_CLOCK else read
    except ModuleNotFoundError as absent:
        raise FileRefused(f"Files of the format {format_name} cannot be read by this version. Leave them out.") from absent
