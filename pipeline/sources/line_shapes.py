"""Finds the lines of a delimited-text file that do not have the fields of its header, by counting delimiters in bytes.

Only for files without quotes, where every delimiter separates; knowing the odd lines beforehand lets a reader number
the good ones in a single pass.
"""

from __future__ import annotations

import numpy as np

LINE_END = ord("\n")


class LineShapes:
    """Takes a file chunk by chunk; `odd_lines` are the numbers of the lines with other than the header's fields.

    One delimiter too many at the very end of a line opens a field that says nothing, so that line is not odd.
    """

    def __init__(self, delimiter: str = ",") -> None:
        self._delimiter = delimiter.encode()
        self._lines_before = 0
        self._open_delimiters = 0
        self._open_tail = b"\n"  # before the first line there is a line end, as it were
        self._expected: int | None = None
        self.odd_lines: list[int] = []
        self.blank_lines: list[int] = []

    def add(self, chunk: bytes) -> None:
        """Counts the delimiters of every line that ends in this chunk. Memory: three arrays of the chunk's size."""
        chunk_tail, text = self._open_tail, np.frombuffer(chunk, dtype=np.uint8)
        self._open_tail = (chunk_tail + chunk[-2:])[-2:]
        ends = np.flatnonzero(text == LINE_END)
        delimiters = np.flatnonzero(text == self._delimiter[0])
        if len(ends) == 0:
            self._open_delimiters += len(delimiters)
            return
        upto = np.searchsorted(delimiters, ends)
        counts = np.diff(upto, prepend=0)
        counts[0] += self._open_delimiters
        if self._expected is None:
            self._expected = int(counts[0])
        self._note_blank_lines(chunk, ends, chunk_tail)
        for index in np.flatnonzero(counts != self._expected):
            line_end = (chunk_tail + chunk[max(0, ends[index] - 2) : ends[index]])[-2:].rstrip(b"\r")
            if not (counts[index] == self._expected + 1 and line_end.endswith(self._delimiter)):
                self.odd_lines.append(self._lines_before + int(index) + 1)
        self._lines_before += len(ends)
        self._open_delimiters = len(delimiters) - int(upto[-1])

    def _note_blank_lines(self, chunk: bytes, ends: np.ndarray, chunk_tail: bytes) -> None:
        """Between two line ends lies nothing, or a carriage return."""
        lengths = np.diff(ends, prepend=-1) - 1
        for index in np.flatnonzero(lengths <= 1):
            line_end = (chunk_tail + chunk[max(0, ends[index] - 2) : ends[index]])[-2:]
            if line_end.endswith(b"\n") or line_end == b"\n\r":
                self.blank_lines.append(self._lines_before + int(index) + 1)
