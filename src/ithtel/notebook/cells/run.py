"""`Cell`, `CellReport`, `CellRun`, `Observer`: one execution of a cell, and what observers find out about it."""

from __future__ import annotations

import secrets
import time
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from ithtel.events import ArrayFingerprint, FrameFingerprint, Hazard, ObjectFingerprint
from ithtel.provenance.cell_text.dataflow import CellNames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from IPython.core.interactiveshell import ExecutionInfo

    from ithtel.events import Event
    from ithtel.provenance.volatile.surroundings import Look
    from ithtel.recording.settings import Settings

COMPONENT = "notebook"
Status = Literal["ok", "error", "interrupted"]
NO_NAMES = CellNames(reads=[], writes=[], deletes=[], mutates_maybe=[], imports=[], star_imports=[], file_strings=[])


_CODE = (ModuleType, FunctionType, BuiltinFunctionType, MethodType, type)


Fingerprint = ArrayFingerprint | FrameFingerprint | ObjectFingerprint


class ProvenanceRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What `%%provenance` asked for in the running cell."""

    before: dict[str, Fingerprint]
    """Fingerprints of the inputs, taken before the first statement."""
    outputs: list[str] | None
    """None if the names that the cell binds are meant."""
    name: str | None


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One execution of a cell, as it is known before the first statement runs."""

    info: ExecutionInfo
    source: str
    execution_count: int | None
    cell_id: str
    ordinal: int = 0
    """Its position among the executions since loading, from 1."""
    settings: Settings
    is_from_host: bool = False
    """Whether the host gave the id, so that another run of the same cell can be recognised."""
    is_off: bool
    """Whether the cell asked not to be recorded."""
    tags: tuple[str, ...] = ()
    span_id: str = msgspec.field(default_factory=lambda: secrets.token_hex(8))

    @property
    def key(self) -> str:
        """What distinguishes this cell from others and stays the same when it runs again."""
        return self.cell_id if self.is_from_host else self.source

    @property
    def label(self) -> str:
        """The cell as a person would call it."""
        return f"cell {self.ordinal}" if self.execution_count is None else f"[{self.execution_count}]"

    def ends_with(self, info: ExecutionInfo | None) -> bool:
        """Return whether this execution ends with `info`, which is the one it began with except in one case.

        IPython makes a new one when it fails itself, as it does for an exception that cannot be shown.
        """
        return info is None or info is self.info or info.raw_cell == self.source


class CellReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the observers found out about one execution. Each extends the report of those before it."""

    before: dict[str, int] = msgspec.field(default_factory=dict)
    """The user's variables before the cell: name → `id` of the value. By `Namespace`, as the next five fields."""
    flow: CellNames = NO_NAMES
    """What the cell does with names according to its text."""
    reads: list[str] = msgspec.field(default_factory=list)
    now: dict[str, int] = msgspec.field(default_factory=dict)
    """The user's variables after the cell."""
    writes: list[str] = msgspec.field(default_factory=list)
    deletes: list[str] = msgspec.field(default_factory=list)
    status: Status = "ok"
    """By the hooks, as the duration."""
    duration_ms: float = 0.0
    rng_used: list[str] = msgspec.field(default_factory=list)
    """Random streams that moved. By `Randomness`."""
    mutates: list[str] = msgspec.field(default_factory=list)
    """Variables changed in place. By `Values`, as the next two fields."""
    fingerprints: dict[str, Fingerprint] = msgspec.field(default_factory=dict)
    """Of what the cell made or changed, taken after it."""
    repeatable: frozenset[str] = frozenset()
    """What it changed in place in a way that running it again does not change further."""
    skipped: dict[str, str] = msgspec.field(default_factory=dict)
    """What was not examined, with the reason. By `Values` and `Files`."""
    kept_hosts: frozenset[str] = frozenset()
    """Hosts whose answers to HTTP requests were kept. By `Network`."""
    shown: dict[str, int] = msgspec.field(default_factory=dict)
    """Volatile parts of what the cell shows, by kind. By `Outputs`."""


class CellRun:
    """One execution under way: its cell, the report so far, and the events to write when it ends."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.report = CellReport()
        self.started = time.perf_counter()
        self.cpu_started = time.process_time()
        self.overhead = 0.0
        """Seconds that recording took before the cell and during it."""
        self.provenance: ProvenanceRequest | None = None
        """Set by `%%provenance` while the cell runs."""
        self.look: Look | None = None
        """What is volatile while the cell runs. By `Outputs`, as the last one before the cell; `Values` uses it too."""
        self.was_restored = False
        """Whether the cell restored random streams on purpose; set by `%seed --restore`."""
        self.events: list[tuple[Event, str]] = []
        self.hazards: list[Hazard] = []

    def extend(self, **found: Any) -> None:  # noqa: ANN401 - fields of the report
        """Add what an observer found to the report."""
        self.report = msgspec.structs.replace(self.report, **found)

    def record(self, event: Event, component: str = COMPONENT) -> None:
        """Write `event` when the cell has ended."""
        self.events.append((event, component))

    def warn(self, kind: str, detail: str, names: Iterable[str]) -> None:
        """Write a hazard when the cell has ended."""
        count = self.cell.execution_count
        self.hazards.append(Hazard(kind=kind, detail=detail, names=list(names), execution_count=count))


class Safely(Protocol):
    """Calls a function that runs inside the user's code, and keeps its failures out of that code."""

    def __call__(self, action: Callable[..., None], /, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Call `action`."""
        ...


class Observer(Protocol):
    """Watches one aspect of an execution, and adds its findings to the report."""

    def before(self, run: CellRun) -> None:
        """Look before the first statement."""
        ...

    def after(self, run: CellRun) -> None:
        """Look again after the last one."""
        ...


def is_code(value: object) -> bool:
    """Return whether a value is code: the cell records its text, which a fingerprint would not show."""
    return issubclass(type(value), _CODE)
