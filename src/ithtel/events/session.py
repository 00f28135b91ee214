"""Events of a session: its start and end, its environment, and losses."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from ithtel.events.base import Digest, Event, Json, Number, Private, Sha256, Timestamp
from ithtel.plain_text import short


class SessionStart(Event, tag="session.start", frozen=True, kw_only=True):
    """Recording begins: the program, the machine and the settings."""

    free_text: ClassVar[tuple[str, ...]] = ("experiment_id", "argv", "environment", "config")
    paths: ClassVar[tuple[str, ...]] = ("cwd", "notebook")

    session_id: Annotated[str, Meta(description="`sess_20260125_120000_3f9a1c`")]
    name: Annotated[str, Meta(description="names the file: `{name}.jsonl`")]
    experiment_id: str | None
    start_time: Timestamp
    ithtel_version: str
    schema_version: int
    python: Annotated[str, Meta(description="implementation and version")]
    platform: str
    cpu: str | None
    cpu_count: int | None
    argv: list[str]
    cwd: str
    notebook: Annotated[str | None, Meta(description="the notebook's file, if the host tells")]
    timezone: str
    locale: str | None
    hash_seed: Annotated[str | None, Meta(description="PYTHONHASHSEED, or null if it was not set")]
    environment: Annotated[
        dict[str, str],
        Meta(description="variables that affect numerical results: PYTHON*, OMP_*, MKL_*, OPENBLAS_*, NUMBA_*"),
    ]
    config: Annotated[Json, Meta(description="the settings of this session")]
    config_hash: Digest
    follows: Annotated[
        Sha256 | None, Meta(description="of the last line that was in the file before this one; absent if none was")
    ] = None

    def sentence(self) -> str:
        """Name the session and the version."""
        return f"session {self.name} started (ithtel {self.ithtel_version})"


class CellPrior(Event, tag="cell.prior", frozen=True, kw_only=True):
    """A cell that ran before recording began, from IPython's history."""

    free_text: ClassVar[tuple[str, ...]] = ("source",)
    private: ClassVar[Private] = {"source": "absent"}

    execution_count: int
    source: str

    def sentence(self) -> str:
        """Name the cell."""
        return f"cell {self.execution_count} ran before recording: {short(self.source)}"


class EnvironmentChanged(Event, tag="environment.changed", frozen=True, kw_only=True):
    """Packages were imported, or the number of threads changed."""

    level: ClassVar[str] = "DEBUG"

    packages: Annotated[dict[str, str], Meta(description="name → version of newly imported packages")]
    threads: Annotated[dict[str, int], Meta(description="library → number of threads")]

    def sentence(self) -> str:
        """Name what was imported."""
        names = ", ".join(f"{name} {version}" for name, version in sorted(self.packages.items()))
        return f"imported {names}" if names else "number of threads changed"


class GitState(Event, tag="git.state", frozen=True, kw_only=True):
    """The state of the repository that the session runs in."""

    level: ClassVar[str] = "DEBUG"
    free_text: ClassVar[tuple[str, ...]] = ("branch",)

    sha: Annotated[str | None, Meta(description="40 hexadecimal digits")]
    branch: Annotated[str | None, Meta(description="null on a detached head")]
    is_dirty: bool | None
    diff_sha256: Annotated[Sha256 | None, Meta(description="of `git diff HEAD`; null if there is no difference")]

    def sentence(self) -> str:
        """Name the commit and the branch."""
        dirty = " with uncommitted changes" if self.is_dirty else ""
        commit = self.sha[:8] if self.sha else "without a commit"
        return f"git {commit} on {self.branch or 'a detached head'}{dirty}"


class ModuleLoaded(Event, tag="module.loaded", frozen=True, kw_only=True):
    """One of the user's own modules was loaded, or its file changed."""

    level: ClassVar[str] = "DEBUG"
    paths: ClassVar[tuple[str, ...]] = ("path",)

    name: str
    path: str
    sha256: Sha256
    unstable: Annotated[
        list[Literal["clock", "hash_order", "entropy", "temporary_name", "address"]] | None,
        Meta(description="what its code uses whose result can differ from run to run; absent if nothing"),
    ] = None

    def sentence(self) -> str:
        """Name the module."""
        return f"module {self.name} loaded"


class Note(Event, tag="note", frozen=True, kw_only=True):
    """A remark by the user."""

    free_text: ClassVar[tuple[str, ...]] = ("text",)

    text: str

    def sentence(self) -> str:
        """Return the remark."""
        return short(self.text, 200)


class RecordingPaused(Event, tag="recording.paused", frozen=True, kw_only=True):
    """Cells are no longer recorded."""

    free_text: ClassVar[tuple[str, ...]] = ("by",)

    by: Annotated[str, Meta(description="what requested it")]

    def sentence(self) -> str:
        """Name what requested it."""
        return f"recording paused by {self.by}"


class RecordingResumed(Event, tag="recording.resumed", frozen=True, kw_only=True):
    """Cells are recorded again."""

    free_text: ClassVar[tuple[str, ...]] = ("by",)

    by: Annotated[str, Meta(description="what requested it")]

    def sentence(self) -> str:
        """Name what requested it."""
        return f"recording resumed by {self.by}"


class RecordingLoss(Event, tag="recording.loss", frozen=True, kw_only=True):
    """Events were not recorded, or only late, or without their payload."""

    level: ClassVar[str] = "ERROR"
    free_text: ClassVar[tuple[str, ...]] = ("reason",)

    n_dropped: int
    first_seq: int | None
    last_seq: int | None
    reason: str

    def sentence(self) -> str:
        """Report how many and why."""
        what = (
            f"{self.n_dropped} events could not be recorded" if self.n_dropped else "recording was delayed or reduced"
        )
        return f"{what}: {short(self.reason, 200)}"


class WorkerLines(msgspec.Struct, frozen=True, kw_only=True):
    """What a forked process had written when its session ended."""

    n_lines: int
    lines_sha256: Annotated[Sha256, Meta(description="of all these lines, line feeds included")]
    crc32: Annotated[str, Meta(description="of each line since its last seal, that seal included")]


class SessionEnd(Event, tag="session.end", frozen=True, kw_only=True):
    """Recording ends."""

    n_events: Annotated[int, Meta(description="lines of this session and process before this line")]
    n_dropped: int
    duration_ms: Number
    sha256: Annotated[
        Sha256 | None,
        Meta(description="as in `log.seal`, over this line too, with zeros in place of these digits"),
    ] = None
    crc32: Annotated[str | None, Meta(description="of each line since the last seal, 8 hexadecimal digits each")] = None
    workers: Annotated[
        dict[str, WorkerLines] | None,
        Meta(description="process id → lines of a forked process; absent if they are not known"),
    ] = None

    def sentence(self) -> str:
        """Report how much was recorded."""
        return f"session ended after {self.n_events} events"


class LogSeal(Event, tag="log.seal", frozen=True, kw_only=True):
    """A digest over everything that this session and process has written so far."""

    level: ClassVar[str] = "DEBUG"

    n_lines: Annotated[int, Meta(description="lines since the previous seal")]
    sha256: Annotated[Sha256, Meta(description="of the previous seal's sha256, its line, and every line since")]
    crc32: Annotated[str | None, Meta(description="of each of those lines, 8 hexadecimal digits each")] = None

    def sentence(self) -> str:
        """Report how many lines it covers."""
        return f"sealed {self.n_lines} lines"
