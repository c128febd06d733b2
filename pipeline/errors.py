"""The one family of errors a person may read.

    MediPulseError
    ├── BadRequest          the words of a command, a URL or a filter are off
    ├── ContractBroken      a table's contract and its SELECT do not fit (found before anything runs)
    ├── FileRefused         a landed file cannot be taken as a whole
    ├── CheckFailed         new rows break a rule that must hold; nothing is published
    ├── RefreshFailed       a run stopped; the last publication stands
    ├── NotPublished        there is nothing to read yet
    ├── LakeDamaged         a published table cannot be read as it was published
    ├── ModelRefused        a model may not be trained, promoted or used as it is
    ├── AuditBroken         the access log does not prove itself, or cannot be sealed
    └── AccessDenied        the policy does not let this role do this

A message says what happened, on what, and what to do next. It never holds a value from a patient's row.
"""

from __future__ import annotations


class MediPulseError(Exception):
    """Something a person can act on; its text is the sentence they read."""

    exit_code = 1


class BadRequest(MediPulseError):
    """A command, URL or filter asks for something that does not exist."""

    exit_code = 2


class ContractBroken(MediPulseError):
    """A table's contract and its SELECT disagree, or a contract cannot be read."""

    exit_code = 3


class FileRefused(MediPulseError):
    """A file in the landing folder cannot be taken; the others are."""

    exit_code = 4


class CheckFailed(MediPulseError):
    """New rows break a rule that must hold, so nothing of this run was published."""

    exit_code = 5


class RefreshFailed(MediPulseError):
    """A run stopped before it could publish; what was published before still stands."""

    exit_code = 6


class NotPublished(MediPulseError):
    """Nothing has been published yet."""

    exit_code = 7


class LakeDamaged(MediPulseError):
    """A published table cannot be read as it was published."""

    exit_code = 8


class AccessDenied(MediPulseError):
    """The policy refuses; the text names the rule and whom to ask, never the hidden value."""

    exit_code = 9


class ModelRefused(MediPulseError):
    """A model cannot be trained, promoted or used as it is; the rules carry on without it."""

    exit_code = 10


class AuditBroken(MediPulseError):
    """The access log is not what it was written as, or its key is not there; the text says which record and how."""

    exit_code = 11
