"""The only reader of the environment: one frozen object, made once and passed in."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zoneinfo import available_timezones

from pipeline.errors import BadRequest

REPOSITORY = Path(__file__).resolve().parent.parent
REFERENCE = REPOSITORY / "data" / "reference"
TABLES = REPOSITORY / "pipeline" / "tables"

DEFAULT_TIME_ZONE = "UTC"
DEFAULT_MEMORY_LIMIT = "3GB"
"""What DuckDB may hold during a build before it spills to the lake's temporary folder."""


@dataclass(frozen=True)
class Settings:
    """Where everything the program writes goes, and how much of the machine a build may use."""

    home: Path
    threads: int
    memory_limit: str
    time_zone: str = DEFAULT_TIME_ZONE
    """Where the hospital is: days of a stay, ages and return windows are counted in its calendar days."""
    tracking_uri: str | None = None
    """The MLflow server that keeps training runs; None for the database of this home."""
    audit_key: Path | None = None
    audit_anchor: Path | None = None
    pseudonym_key: Path | None = None
    openlineage_url: str = ""
    """Where the OpenLineage events of runs are sent to, beside their file; empty for nowhere."""

    @property
    def landing(self) -> Path:
        """The folder that senders drop their files into."""
        return self.home / "landing"

    @property
    def feeds(self) -> Path:
        """The user's own mappings of foreign files; they win over shipped ones of the same name."""
        return self.home / "feeds"

    @property
    def lake(self) -> Path:
        """The Delta tables, one folder per layer and table."""
        return self.home / "lake"

    @property
    def publication_file(self) -> Path:
        """The current publication: every table's version and files, replaced in one rename."""
        return self.lake / "publication.json"

    @property
    def runs(self) -> Path:
        """One event file per run, followed by the screen while the run goes on."""
        return self.home / "runs"

    @property
    def scratch(self) -> Path:
        """Where DuckDB spills during a build; emptied by each run."""
        return self.home / "scratch"

    @property
    def landing_index(self) -> Path:
        """What is known of the files in the landing folder, so that a refresh with nothing new opens none."""
        return self.home / "landing_index.json"

    @property
    def lineage_file(self) -> Path:
        """Where every column comes from, kept until a definition changes."""
        return self.home / "lineage.json"

    @property
    def openlineage_file(self) -> Path:
        """The OpenLineage events of every run, one a line."""
        return self.runs / "openlineage.ndjson"

    @property
    def lock_file(self) -> Path:
        """Held by the one refresh that may write."""
        return self.home / "refresh.lock"

    @property
    def access_log(self) -> Path:
        """Every read by a person, append only."""
        return self.home / "governance" / "access_log.sqlite"

    @property
    def audit_key_file(self) -> Path:
        """What seals the records of the access log; a site should move it away from the log."""
        return self.audit_key or self.home / "governance" / "audit.key"

    @property
    def audit_anchor_file(self) -> Path:
        """Where the head of the access log is noted; a site should let it lead to another machine."""
        return self.audit_anchor or self.home / "governance" / "anchor.log"

    @property
    def pseudonym_key_file(self) -> Path:
        """What makes pseudonyms of patients' and encounters' numbers; a site should move it away from the data."""
        return self.pseudonym_key or self.home / "governance" / "pseudonym.key"

    @property
    def mlflow(self) -> Path:
        """Training runs and the model registry, where no tracking server is named."""
        return self.home / "mlflow"

    @property
    def champion_file(self) -> Path:
        """The one model that scores stays, replaced in one rename when another is promoted."""
        return self.home / "model" / "champion.json"

    @property
    def evidence_file(self) -> Path:
        """What is known of that model, for its card and the alert budget."""
        return self.home / "model" / "evidence.json"

    @property
    def revoked_sign_ins(self) -> Path:
        """Sign-ins that were ended before their token, so that a copied cookie stays refused."""
        return self.home / "governance" / "revoked_sign_ins.ndjson"

    @property
    def alert_budgets(self) -> Path:
        """How many stays a day the team can follow up, each choice with who and why; the last line counts."""
        return self.home / "governance" / "alert_budgets.ndjson"

    def child_environment(self) -> dict[str, str]:
        """The environment of a process that is to work in the same home."""
        mine = {"MEDIPULSE_HOME": str(self.home), "MEDIPULSE_THREADS": str(self.threads), "MEDIPULSE_TIME_ZONE": self.time_zone}
        moved = {
            "MEDIPULSE_AUDIT_KEY_FILE": self.audit_key,
            "MEDIPULSE_AUDIT_ANCHOR_FILE": self.audit_anchor,
            "MEDIPULSE_PSEUDONYM_KEY_FILE": self.pseudonym_key,
        }
        mine |= {name: str(path) for name, path in moved.items() if path is not None}
        mine["MEDIPULSE_OPENLINEAGE_URL"] = self.openlineage_url
        return {**os.environ, **mine, "MEDIPULSE_MEMORY_LIMIT": self.memory_limit}


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process.

    MEDIPULSE_HOME moves everything that is written (default: the `data` folder of this checkout); MEDIPULSE_THREADS and
    MEDIPULSE_MEMORY_LIMIT bound a build; MEDIPULSE_TIME_ZONE (such as America/New_York) says in which calendar days are
    counted; MEDIPULSE_AUDIT_KEY_FILE and MEDIPULSE_AUDIT_ANCHOR_FILE move the key and the anchor of the access log to where the
    log's own disk does not reach, MEDIPULSE_PSEUDONYM_KEY_FILE that of pseudonyms; MEDIPULSE_OPENLINEAGE_URL (such as
    http://marquez:5000/api/v1/lineage) is where the lineage of runs is sent to; MLFLOW_TRACKING_URI is MLflow's own. Raises
    BadRequest for a value that cannot be used.
    """
    return Settings(
        home=Path(environ.get("MEDIPULSE_HOME") or REPOSITORY / "data").expanduser().resolve(),
        threads=_threads(environ.get("MEDIPULSE_THREADS")),
        memory_limit=_memory_limit(environ.get("MEDIPULSE_MEMORY_LIMIT")),
        time_zone=_time_zone(environ.get("MEDIPULSE_TIME_ZONE")),
        tracking_uri=environ.get("MLFLOW_TRACKING_URI") or None,
        audit_key=_path(environ.get("MEDIPULSE_AUDIT_KEY_FILE")),
        audit_anchor=_path(environ.get("MEDIPULSE_AUDIT_ANCHOR_FILE")),
        pseudonym_key=_path(environ.get("MEDIPULSE_PSEUDONYM_KEY_FILE")),
        openlineage_url=_web_address(environ.get("MEDIPULSE_OPENLINEAGE_URL")),
    )


def keep_mlflow_at_home() -> None:
    """Before mlflow is imported: it would otherwise tell its makers that it is used, and trace what nobody asked it to."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")


def _path(said: str | None) -> Path | None:
    return Path(said).expanduser().resolve() if said else None


def _web_address(said: str | None) -> str:
    if said and not re.match(r"https?://\S+$", said):
        raise BadRequest(f"MEDIPULSE_OPENLINEAGE_URL is “{said}”. Set it to an address that begins with http, or leave it out.")
    return said or ""


def _threads(said: str | None) -> int:
    if not said:
        return os.cpu_count() or 2
    if not said.isdigit() or int(said) == 0:
        raise BadRequest(f"MEDIPULSE_THREADS is “{said}”. Set it to a whole number of threads, or leave it out.")
    return int(said)


def _memory_limit(said: str | None) -> str:
    if not said:
        return DEFAULT_MEMORY_LIMIT
    if not re.fullmatch(r"[0-9]+ ?[KMGT]i?B", said):
        raise BadRequest(f"MEDIPULSE_MEMORY_LIMIT is “{said}”. Write it like 3GB, or leave it out.")
    return said


@cache
def known_time_zones() -> set[str]:
    """The names of all time zones. Listed once: it reads a folder of hundreds of files, and a page reads its settings often."""
    return available_timezones()


def _time_zone(said: str | None) -> str:
    if not said:
        return DEFAULT_TIME_ZONE
    if said not in known_time_zones():
        raise BadRequest(f"MEDIPULSE_TIME_ZONE is “{said}”. Set it to a name such as Europe/Berlin, or leave it out for UTC.")
    return said
