"""The cells under way: one stack a thread, since subshells run cells beside each other."""

from __future__ import annotations

import hashlib
import re
import secrets
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from ithtel.events import Hazard
from ithtel.provenance.dataflow import CellNames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType

    from IPython.core.interactiveshell import ExecutionInfo, InteractiveShell

    from ithtel.events import Event
    from ithtel.notebook.opened import Opened
    from ithtel.notebook.outcome import Fingerprint
    from ithtel.notebook.sheet import Sheet
    from ithtel.provenance.randomness import CapturedRandomState
    from ithtel.recording.settings import Settings

COMPONENT = "notebook"
Status = Literal["ok", "error", "interrupted"]
NO_NAMES = CellNames(reads=[], writes=[], deletes=[], mutates_maybe=[], imports=[], star_imports=[], file_strings=[])

OFF_MARK = re.compile(r"^\s*#\s*ithtel:\s*off\s*$", re.MULTILINE)
SKIP_TAG = "ithtel-skip"


class ProvenanceRequest(msgspec.Struct, kw_only=True):
    """What `%%provenance` asked for in the cell under way."""

    before: dict[str, Fingerprint]
    """Fingerprints of the inputs, taken before the first statement."""
    outputs: list[str] | None
    """None where the names that the cell binds decide."""
    name: str | None


class CellRun(msgspec.Struct, kw_only=True):
    """One run of a cell, from before it to after it: what it was, then what the observers saw of it."""

    info: ExecutionInfo
    source: str
    execution_count: int | None
    cell_id: str
    ordinal: int = 0
    """Its place among the cells that ran since loading, from 1."""
    settings: Settings
    is_from_host: bool = False
    """Whether the host gave the id, so that another run of the same cell is known as such."""
    is_off: bool
    """Whether the cell asked not to be recorded."""
    tags: tuple[str, ...] = ()
    span_id: str = msgspec.field(default_factory=lambda: secrets.token_hex(8))
    started: float = msgspec.field(default_factory=time.perf_counter)
    cpu_started: float = msgspec.field(default_factory=time.process_time)
    overhead: float = 0.0
    """Seconds that recording took before the cell and in it."""
    before: dict[str, int] = msgspec.field(default_factory=dict)
    """The user's variables before the cell: name → `id` of the value."""
    now: dict[str, int] = msgspec.field(default_factory=dict)
    """Those after it."""
    provenance: ProvenanceRequest | None = None

    status: Status = "ok"
    duration_ms: float = 0.0
    flow: CellNames = NO_NAMES
    """What the cell does with names, going by its text."""
    reads: list[str] = msgspec.field(default_factory=list)
    writes: list[str] = msgspec.field(default_factory=list)
    deletes: list[str] = msgspec.field(default_factory=list)
    mutates: list[str] = msgspec.field(default_factory=list)
    rng_used: list[str] = msgspec.field(default_factory=list)
    skipped: dict[str, str] = msgspec.field(default_factory=dict)
    fingerprints: dict[str, Fingerprint] = msgspec.field(default_factory=dict)
    """Of what the cell made or changed, taken after it."""
    repeatable: set[str] = msgspec.field(default_factory=set)
    """What it changed in place in a way that a second run makes no different."""
    random_state: CapturedRandomState | None = None
    """Of before the cell."""
    sheet: Sheet | None = None
    """What the cell shows."""
    named: dict[str, tuple[int, int, int] | None] = msgspec.field(default_factory=dict)
    """The files that its text may name, and what they were before it."""
    opened: Opened | None = None
    """The files that the cell opens."""
    was_restored: bool = False
    """Whether the cell put random streams back on purpose."""
    events: list[tuple[Event, str]] = msgspec.field(default_factory=list)
    """What the observers have to say of the cell, each with its component; written just before its end."""
    hazards: list[Hazard] = msgspec.field(default_factory=list)

    @property
    def key(self) -> str:
        """What tells this cell from others, and stays the same when it runs again."""
        return self.cell_id if self.is_from_host else self.source

    @property
    def label(self) -> str:
        """The cell as a person would call it."""
        return f"cell {self.ordinal}" if self.execution_count is None else f"[{self.execution_count}]"

    def say(self, event: Event, component: str = COMPONENT) -> None:
        """Let `event` be written when the cell has ended."""
        self.events.append((event, component))

    def warn(self, kind: str, detail: str, names: Iterable[str]) -> None:
        """Let a hazard be written when the cell has ended."""
        self.hazards.append(Hazard(kind=kind, detail=detail, names=list(names), execution_count=self.execution_count))

    def ends_with(self, info: ExecutionInfo | None) -> bool:
        """Say whether this run ends with `info`, which is the one it began with but for one case.

        IPython makes a new one when it fails itself, as it does for an exception that cannot be shown.
        """
        return info is None or info is self.info or info.raw_cell == self.source


class Safely(Protocol):
    """Calls what may fail within the user's own call, and keeps its failure out of there."""

    def __call__(self, action: Callable[..., None], /, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Call `action`."""
        ...


class Observer(Protocol):
    """Sees one side of a cell's run, and adds what it saw to it."""

    def before(self, run: CellRun) -> None:
        """Look, before the first statement."""
        ...

    def after(self, run: CellRun) -> None:
        """Look again, and say what happened."""
        ...


class CellStack:
    """The runs under way in this thread, nested ones (`shell.run_cell` within a cell) as None."""

    def __init__(self) -> None:
        self._local = threading.local()

    @property
    def _runs(self) -> list[tuple[object, CellRun | None]]:
        try:
            runs: list[tuple[object, CellRun | None]] = self._local.runs
        except AttributeError:
            runs = self._local.runs = []
        return runs

    @property
    def current(self) -> CellRun | None:
        """The outermost run under way in this thread."""
        return self._runs[0][1] if self._runs else None

    def is_nested(self) -> bool:
        """Say whether a cell is under way in this thread already."""
        return bool(self._runs)

    def push(self, info: object, run: CellRun | None) -> None:
        """Begin a run; None for one within another."""
        self._runs.append((info, run))

    def pop(self, info: ExecutionInfo | None) -> CellRun | None:
        """End the run that `info` belongs to and those within it; None where there is none, or a nested one."""
        runs = self._runs
        for depth in range(len(runs) - 1, -1, -1):
            began_with, run = runs[depth]
            if began_with is info or (run is not None and run.ends_with(info)):
                del runs[depth:]
                return run
        return None

    def clear(self) -> None:
        """Forget the runs of this thread."""
        self._runs.clear()


def running_cell(shell: InteractiveShell) -> ExecutionInfo | None:
    """Return the cell that is calling us, None outside cells.

    IPython does not say: the history knows only of cells that are stored in it, and nbval stores none. So the frame
    of the outermost `run_cell_async` is asked, which has been there since IPython 7.
    """
    found = None
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - the documented way to the caller's frames
    while frame is not None:
        if frame.f_code.co_name == "run_cell_async" and frame.f_locals.get("self") is shell:
            found = frame.f_locals.get("info")
        frame = frame.f_back
    return found


def cell_id_of(info: ExecutionInfo | None, source: str, execution_count: int | None) -> str:
    """Return the host's id of a cell, or a digest of its source and number where the host gives none."""
    given = getattr(info, "cell_id", None)
    if isinstance(given, str) and given:
        return given
    return hashlib.sha256(f"{execution_count}\n{source}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_switched_off(tags: tuple[str, ...], source: str) -> bool:
    """Say whether a cell asked not to be recorded: `# ithtel: off`, or the tag `ithtel-skip`."""
    return bool(OFF_MARK.search(source)) or SKIP_TAG in tags


def tags_of(shell: InteractiveShell, info: ExecutionInfo | None) -> tuple[str, ...]:
    """Return the tags of a cell, where the host sends them."""
    metadata: Any = getattr(info, "cell_meta", None)
    if not isinstance(metadata, dict):
        kernel = getattr(shell, "kernel", None)
        if kernel is None:
            return ()
        metadata = kernel.get_parent().get("metadata", {})
    tags = metadata.get("tags", []) if isinstance(metadata, dict) else []
    return tuple(map(str, tags)) if isinstance(tags, list | tuple) else ()


def execution_count_of(shell: InteractiveShell, info: ExecutionInfo) -> int | None:
    """Return the number that the cell about to run will get.

    `shell.execution_count` says the next one before IPython 9.9 and this one since; the length of the history
    says the same in all versions.
    """
    history = shell.history_manager
    if not getattr(info, "store_history", False) or history is None:
        return None
    return len(history.input_hist_parsed)
