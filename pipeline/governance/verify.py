"""Proves the access log: every seal, every number, everything that was anchored outside. Reads it as it lies there."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.errors import AuditBroken
from pipeline.governance.anchor import anchor, anchors
from pipeline.governance.audit import open_log
from pipeline.governance.audit_file import fault_beside_the_records, links, reading
from pipeline.governance.audit_key import load_key
from pipeline.governance.chain import check
from pipeline.governance.secret_file import is_readable_by_others
from pipeline.settings import Settings


@dataclass(frozen=True)
class Proof:
    """A log that is whole: how many records, the seal of the last one, how many of its anchors were compared."""

    record_count: int
    head: str
    anchor_count: int
    warning: str = ""

    @property
    def sentence(self) -> str:
        """What is proven."""
        if not self.record_count:
            return "The access log has no record yet."
        records = "1 record" if self.record_count == 1 else f"{self.record_count:,} records"
        said = f"OK: the access log is whole: {records}, the last with the seal {self.head}."
        return f"{said} Anchors that agree: {self.anchor_count:,}.{self.warning}"


def verify(settings: Settings) -> Proof:
    """The proof, whose head is anchored. Raises AuditBroken with the first record that is wrong, and how."""
    known = anchors(settings.audit_anchor_file)
    if not settings.access_log.exists():
        if known:
            raise AuditBroken(f"The access log is gone, but record {max(one.sequence for one in known)} of it was anchored.")
        return Proof(0, "", 0)
    key = load_key(settings.audit_key_file, may_begin=False)
    with reading(settings.access_log) as connection:
        found = check(key.seal_secret, key.id, links(connection), known)
        fault = found.fault or fault_beside_the_records(connection)
    if fault is not None:
        raise AuditBroken(f"The access log is not as it was written. {fault} {found.record_count:,} records before it are whole.")
    if found.record_count:
        anchor(settings.audit_anchor_file, found.record_count, found.head)
    return Proof(found.record_count, found.head, len(known), _warning(settings))


def take_over_former_log(settings: Settings) -> None:
    """Brings a log of an earlier version into the chain, so that there is something to prove."""
    if settings.access_log.exists():
        open_log(settings)


def _warning(settings: Settings) -> str:
    if not is_readable_by_others(settings.audit_key_file):
        return ""
    return f" Other accounts of this machine can read {settings.audit_key_file.name}: run chmod 600 on it."
