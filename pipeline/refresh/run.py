"""One refresh, from landed files to the publication. The only place that knows the order of a run.

It holds the lock of the home folder, tells its progress, and publishes everything or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from pipeline.catalog.contract import Contract, feeds, load_contracts
from pipeline.catalog.plan import build_order
from pipeline.errors import MediPulseError
from pipeline.lakehouse.publication import Publication
from pipeline.lakehouse.store import Store
from pipeline.model.deployed import deployed_model
from pipeline.refresh.build import built_anew
from pipeline.refresh.changed import changeable, changed
from pipeline.refresh.maintain import DUE_AFTER_PUBLICATIONS, Maintained, maintain
from pipeline.refresh.met_files import Batch, MetFile, meet_files, remember
from pipeline.refresh.needs import FOREIGN_FILES, needs_of_tasks
from pipeline.refresh.progress import Listener, RunLog, RunProgress
from pipeline.refresh.publish import (
    Built,
    definitions_fingerprint,
    publish,
    readable_publication,
    record_files,
    record_not_understood,
    record_run,
    show_files,
)
from pipeline.refresh.rescore import as_published, rescored
from pipeline.refresh.scoring import Scoring, asked_for, chosen_scoring, scored_steps, scoring_mark
from pipeline.refresh.single_flight import single_flight
from pipeline.refresh.take_in import Staged, stage_foreign_files, take_in_feed
from pipeline.refresh.unfinished import take_back_unfinished
from pipeline.settings import Settings
from pipeline.sources.landing import LandingIndex, landed_paths
from pipeline.sources.synthetic_hospital import generate


def refresh(
    settings: Settings, *, requested_by: str, full: bool = False, demo: bool = False, listener: Listener | None = None
) -> RunProgress:
    """Takes in what is new, brings up to date what depends on it and publishes.

    full builds every table anew from bronze even when nothing is new; otherwise only rows that the new files touch are
    computed. demo first generates the default synthetic hospital when nothing has landed and nothing is published. Returns
    the finished run: succeeded, unchanged, or failed with the sentence that says why. Raises RefreshFailed when another
    refresh is running.
    """
    with single_flight(settings):
        log = RunLog(settings, requested_by, listener)
        try:
            return _run(settings, log, full=full, demo=demo)
        except MediPulseError as failure:
            return _failed(settings, log, str(failure))
        except Exception as failure:
            _failed(settings, log, f"An unexpected error stopped the run ({type(failure).__name__}); see the log of the run.")
            raise


def look_after(settings: Settings) -> Maintained:
    """Compacts the lake and deletes what nothing needs, as no refresh runs. Raises RefreshFailed when one does."""
    now = datetime.now(UTC)
    with single_flight(settings), Store(settings, load_contracts()) as store:
        return maintain(store, f"maintenance-{now:%Y%m%dT%H%M%S}", now)


def _run(settings: Settings, log: RunLog, *, full: bool, demo: bool) -> RunProgress:
    contracts = load_contracts()
    steps = build_order(contracts)
    is_first_demo = demo and not landed_paths(settings.landing) and not settings.publication_file.exists()
    tasks = _all_tasks(contracts, steps, is_first_demo=is_first_demo)
    log.plan(tasks, needs_of_tasks(contracts, [name for name, _ in tasks]))
    if is_first_demo:
        with log.task("generate") as counted:
            counted(generate(settings.landing).encounter_count)
    with Store(settings, contracts) as store:
        files = _take_in(store, log)
        definitions = definitions_fingerprint(contracts, settings.time_zone)
        model = deployed_model(settings, contracts)
        if not full and not _is_due(store, definitions, scoring_mark(model, contracts)):
            if files:
                show_files(store)
            return log.finish("unchanged", _nothing_new(files))
        scoring = chosen_scoring(store.duck, model, contracts)
        publication = _build_and_publish(store, log, scoring.steps(steps), definitions, scoring=scoring, full=full)
        _look_after(store, log, publication)
        run = log.finish("succeeded", _published(publication, files))
        record_run(store, run)
        return run


def _all_tasks(contracts: Mapping[str, Contract], steps: Sequence[Contract], *, is_first_demo: bool) -> list[tuple[str, str]]:
    """Every step a run can have, in order: name and title. Known from the start, so that progress never jumps back."""
    first = [("generate", "Generate the synthetic hospital")] if is_first_demo else []
    arriving = feeds(contracts).values()
    return [
        *first,
        ("landing", "Look at new files"),
        (FOREIGN_FILES, "Read files of other senders"),
        *((feed.table, f"Bronze {_words(feed)}") for feed in arriving),
        *((f"typed.{feed.name}", f"Read {_words(feed)}") for feed in arriving),
        *((step.table, f"{step.layer.capitalize()} {_words(step)}") for step in steps if not step.is_intermediate),
        ("ledger", "Balance the row ledger"),
        ("publish", "Publish"),
        ("maintain", "Look after the lake"),
    ]


def _take_in(store: Store, log: RunLog) -> tuple[MetFile, ...]:
    """New files into bronze, feed by feed; then what became of every file is on record, and the batch counts."""
    index = LandingIndex.load(store.settings.landing_index)
    batch = Batch(log.run.run_id, log.run.started_at)
    with log.task("landing") as counted:
        take_back_unfinished(store, readable_publication(store), batch.run_id)
        batch = meet_files(store, index, batch)
        counted(len(batch.files))
    settled = [file for file in batch.files if file.status != "new"]
    staged = _stage_foreign_files(store, log, batch)
    settled.extend(staged.files)
    for feed in feeds(store.contracts).values():
        settled.extend(_take_in_one(store, log, feed, batch, staged))
    told = tuple(file for file in settled if file.status != "known")
    record_not_understood(store, batch.run_id, told)
    record_files(store, batch.run_id, told)
    remember(index, settled, batch.mappings)
    return told


def _stage_foreign_files(store: Store, log: RunLog, batch: Batch) -> Staged:
    if not batch.foreign:
        log.skip(FOREIGN_FILES)
        return Staged()
    with log.task(FOREIGN_FILES) as counted:
        staged = stage_foreign_files(store, batch)
        counted(staged.row_count)
    return staged


def _take_in_one(store: Store, log: RunLog, feed: Contract, batch: Batch, staged: Staged) -> tuple[MetFile, ...]:
    if not batch.of_feed(feed.name) and not staged.of_feed(feed.name):
        log.skip(feed.table)
        return ()
    with log.task(feed.table) as counted:
        files, row_count = take_in_feed(store, feed, batch, staged)
        counted(row_count)
    return files


def _is_due(store: Store, definitions: str, scoring: str) -> bool:
    """Whether bronze, the definitions or the deployed model have changed since the publication, whoever changed them."""
    publication = store.publication()
    if publication is None or publication.definitions != definitions or asked_for(publication.scoring) != scoring:
        return True
    return _has_news(store, publication)


def _has_news(store: Store, publication: Publication) -> bool:
    bronze = [contract.table for contract in store.contracts.values() if contract.layer == "bronze"]
    return any(store.has_news(table, publication.versions.get(table)) for table in bronze)


def _build_and_publish(
    store: Store, log: RunLog, steps: Sequence[Contract], definitions: str, *, scoring: Scoring, full: bool
) -> Publication:
    """Changes what is published where the batch touches it; builds everything where there is nothing to change."""
    publication = None if full else changeable(store, definitions)
    if publication is None:
        of_both, because = f"{definitions} {scoring.mark}", scoring.not_scored_because
        built = built_anew(store, log, steps, of_both, not_scored_because=because)
    else:
        built = _changed(store, log, steps, publication, scoring)
    with log.task("publish"):
        return publish(store, built, run_id=log.run.run_id, definitions=definitions, scoring=scoring.mark)


def _changed(store: Store, log: RunLog, steps: Sequence[Contract], publication: Publication, scoring: Scoring) -> Built:
    """What the batch touches, computed again; with another model than the published one every stay is scored again."""
    because = scoring.not_scored_because
    if scoring.mark == publication.scoring:
        return changed(store, log, steps, publication, not_scored_because=because)
    anew = scored_steps(steps)
    others = [step for step in steps if step not in anew]
    has_news = _has_news(store, publication)
    built = changed(store, log, others, publication) if has_news else as_published(store, log, publication)
    return rescored(store, log, anew, built, scoring)


def _look_after(store: Store, log: RunLog, publication: Publication) -> None:
    """Once in a while. What was published stands, so a failure here is the task's and not the run's."""
    if publication.number % DUE_AFTER_PUBLICATIONS:
        log.skip("maintain")
        return
    with suppress(MediPulseError, OSError), log.task("maintain") as counted:
        counted(maintain(store, log.run.run_id, datetime.now(UTC)).deleted_file_count)


def _failed(settings: Settings, log: RunLog, message: str) -> RunProgress:
    run = log.finish("failed", message)
    try:
        with Store(settings, load_contracts()) as store:
            record_run(store, run)
    except Exception:  # the event file already tells of the failure; the history must not hide its cause
        return run
    return run


def _nothing_new(files: tuple[MetFile, ...]) -> str:
    return "Nothing new: the published data already holds every readable file." + _refusals(files)


def _published(publication: Publication, files: tuple[MetFile, ...]) -> str:
    return f"Publication {publication.number} is current." + _refusals(files)


def _refusals(files: tuple[MetFile, ...]) -> str:
    refused = [file for file in files if file.status == "refused"]
    if not refused:
        return ""
    count = "1 file was refused" if len(refused) == 1 else f"{len(refused)} files were refused, the first"
    return f" {count}: {refused[0].reason}"


def _words(contract: Contract) -> str:
    return contract.name.replace("_", " ")
