"""The cells under way: one stack a thread, since subshells run cells beside each other."""

from __future__ import annotations

import secrets
import time
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from ithtel.events import Event, Hazard
from ithtel.provenance.cell_text.dataflow import CellNames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from IPython.core.interactiveshell import ExecutionInfo

    from ithtel.events import Event
    from ithtel.notebook.observers.cell_display import Sheet
    from ithtel.notebook.observers.file_tap import Opened
    from ithtel.notebook.observers.requested import Fingerprint
    from ithtel.provenance.randomness.capture import CapturedRandomState
    from ithtel.recording.settings import Settings

COMPONENT = "notebook"
Status = Literal["ok", "error", "interrupted"]
NO_NAMES = CellNames(reads=[], writes=[], deletes=[], mutates_maybe=[], imports=[], star_imports=[], file_strings=[])


_CODE = (ModuleType, FunctionType, BuiltinFunctionType, MethodType, type)


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


def is_code(value: object) -> bool:
    """Say whether a value is code: the cell's text says it, a fingerprint would not."""
    return issubclass(type(value), _CODE)
