"""Looks at the landing folder: which files are new, what each is, and which repeat what is loaded already.

Refusals are results here, not errors: one bad file never stops the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pipeline.catalog.contract import Contract, feeds
from pipeline.errors import FileRefused
from pipeline.lakehouse.store import Store
from pipeline.refresh.file_records import LOADED_NOW
from pipeline.sources.canonical import CANONICAL, LandedFile
from pipeline.sources.landing import Fingerprint, LandingIndex, fingerprint, landed_paths, synthetic_hashes
from pipeline.sources.mappings import BrokenMapping, Mappings, load_mappings, mappings_fingerprint
from pipeline.sources.recognise import ForeignFile, recognise
from pipeline.sources.records import NotUnderstood


@dataclass(frozen=True)
class MetFile:
    """What became of one file. status: new, loaded, repeated, refused, or known (its run died after it was recorded).

    line_counts: by feed, how many of its records give a row or should have; not_understood: what of it was not used.
    """

    path: Path
    mark: Fingerprint | None
    status: str
    source: str
    reason: str | None = None
    landed: LandedFile | ForeignFile | None = None
    label: str = ""
    line_counts: Mapping[str, int] = field(default_factory=dict)
    not_understood: tuple[NotUnderstood, ...] = ()


@dataclass(frozen=True)
class Batch:
    """The files one run takes in. mappings: the fingerprint of the mappings they were recognised by."""

    run_id: str
    received_at: datetime
    files: tuple[MetFile, ...] = field(default=())
    mappings: str = ""

    def of_feed(self, feed: str) -> tuple[MetFile, ...]:
        """The canonical files of one feed that are still to be read."""
        canonical = (file for file in self.files if file.status == "new" and isinstance(file.landed, LandedFile))
        return tuple(file for file in canonical if file.landed.feed == feed)

    @property
    def foreign(self) -> tuple[MetFile, ...]:
        """The files that mappings know, still to be read."""
        return tuple(file for file in self.files if file.status == "new" and isinstance(file.landed, ForeignFile))


def meet_files(store: Store, index: LandingIndex, batch: Batch) -> Batch:
    """Looks at every file that no earlier run settled, and at the mappings where there is one."""
    own = store.settings.feeds
    known_by = mappings_fingerprint(own)
    unknown = [path for path in landed_paths(store.settings.landing) if not _is_settled(index, path, known_by)]
    if not unknown:
        return replace(batch, mappings=known_by)
    arriving, synthetic = feeds(store.contracts), synthetic_hashes(store.settings.landing)
    mappings = load_mappings(own, arriving)
    with ThreadPoolExecutor(store.settings.threads) as readers:
        met = list(readers.map(lambda path: _met(store, path, arriving, mappings, synthetic), unknown))
    met += [_as_met(broken) for broken in mappings.broken if not _is_settled(index, broken.path, known_by)]
    return replace(batch, files=tuple(_told_apart(store, met)), mappings=known_by)


def remember(index: LandingIndex, files: Iterable[MetFile], mappings: str) -> None:
    """Keeps, once a run is through, every file that need not be opened again."""
    settled = [file for file in files if file.mark is not None and file.status != "new"]
    index.remember(
        {file.path.name: file.mark for file in settled if file.status != "refused"},
        refused={file.path.name: file.mark for file in settled if file.status == "refused"},
        mappings=mappings,
    )


def _is_settled(index: LandingIndex, path: Path, mappings: str) -> bool:
    try:
        return index.knows(path, mappings)
    except FileRefused:
        return False


def _met(store: Store, path: Path, arriving: Mapping[str, Contract], mappings: Mappings, synthetic: frozenset[str]) -> MetFile:
    mark = None
    try:
        mark = fingerprint(path)
        landed = recognise(path, arriving, mappings, store.settings.scratch)
    except FileRefused as refusal:
        return MetFile(path, mark, "refused", "received", str(refusal))
    source = "synthetic" if landed.content_hash in synthetic else "received"
    counts = {landed.feed: landed.line_count} if isinstance(landed, LandedFile) else {}
    return MetFile(path, mark, "new", source, landed=landed, label=path.name, line_counts=counts)


def _as_met(broken: BrokenMapping) -> MetFile:
    """A mapping that cannot be used is told like a file that cannot be taken."""
    label = f"feeds/{broken.path.name}"
    return MetFile(broken.path, fingerprint(broken.path), "refused", "received", broken.sentence, label=label)


def _told_apart(store: Store, met: Sequence[MetFile]) -> Iterator[MetFile]:
    """Content that is already in bronze, or twice in this batch, is reported and not loaded again."""
    arriving: dict[str, str] = {}
    loaded = _loaded_files(store)
    labels = set(loaded.values())
    for file in met:
        if file.landed is None:
            yield file
            continue
        identity = file.landed.identity
        if loaded.get(identity) == file.path.name:
            yield replace(file, status="known")
        elif identity in loaded:
            yield replace(
                file, status="repeated", reason=f"{file.path.name} has the content of {loaded[identity]}, which is loaded."
            )
        elif identity in arriving:
            yield replace(file, status="repeated", reason=f"{file.path.name} has the same content as {arriving[identity]}.")
        else:
            arriving[identity] = file.path.name
            yield replace(file, label=_free_label(file, labels))


def _loaded_files(store: Store) -> dict[str, str]:
    """Identity of every file that is recorded as loaded, and the label that its bronze rows carry."""
    store.lay_over_current("ops.files")
    found = store.duck.rows(
        f"select case when coalesce(mapping, '{CANONICAL}') = '{CANONICAL}' then feed else mapping end || ':' || content_hash,"
        f" file_name from ({LOADED_NOW})"
    )
    return dict(found)


def _free_label(file: MetFile, labels: set[str]) -> str:
    label = file.path.name if file.path.name not in labels else f"{file.path.name} ({file.landed.content_hash[:8]})"
    labels.add(label)
    return label
