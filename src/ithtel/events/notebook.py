"""Events of a notebook: its cells as they ran, their outputs, and hazards to reproducing them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from ithtel.events.base import Event, Number, Private, Sha256, Volatile
from ithtel.plain_text import short

HAZARDS = (
    "out_of_order",
    "stale_cell",
    "deleted_cell",
    "mutated_input",
    "unseeded_rng",
    "reseeded",
    "changed_file",
    "changed_module",
    "uncommitted",
    "clock",
    "hash_order",
    "threads",
    "hidden_state",
    "external",
    "processes",
)
"""The kinds of `hazard`."""
TOO_LARGE = "it would take longer than this cell's time allows (fingerprint=all records it)"
OF_A_RECORD = "it was read from a log, whose times and ids differ in every run"
"""Reasons in `skipped` of `cell.end`."""
TEXT_BYTES = 4096
"""The maximum size of the recorded text of one output."""

ExecutionCount = Annotated[int | None, Meta(description="the number in brackets; null if the host does not count")]


class CellStart(Event, tag="cell.start", frozen=True, kw_only=True):
    """A cell is about to run; the line is written before it does."""

    free_text: ClassVar[tuple[str, ...]] = ("source",)
    paths: ClassVar[tuple[str, ...]] = ("cell_id",)
    private: ClassVar[Private] = {"cell_id": "derived", "source": "absent", "source_sha256": "keyed"}

    cell_id: Annotated[str, Meta(description="given by the host, else a digest of source and count")]
    execution_count: ExecutionCount
    source: Annotated[str | None, Meta(description="redacted; null if the cell asked not to be recorded")]
    source_sha256: Annotated[Sha256 | None, Meta(description="of the redacted text")]

    def sentence(self) -> str:
        """Name the cell."""
        return f"cell {self.execution_count} started: {short(self.source or '(not recorded)')}"


class MimeContent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One representation of an output."""

    private: ClassVar[Private] = {"sha256": "keyed", "stable_sha256": "keyed"}

    sha256: Sha256
    size_bytes: int
    stable_sha256: Annotated[
        Sha256 | None, Meta(description="of the content without its volatile parts; absent if it has none")
    ] = None


class CellOutput(Event, tag="cell.output", frozen=True, kw_only=True):
    """A cell produced output."""

    level: ClassVar[str] = "DEBUG"
    free_text: ClassVar[tuple[str, ...]] = ("text",)
    payload: ClassVar[tuple[str, ...]] = ("text",)
    private: ClassVar[Private] = {"text": "absent", "volatile": "absent"}

    execution_count: ExecutionCount
    kind: Literal["stdout", "stderr", "display", "result"]
    mime: Annotated[dict[str, MimeContent], Meta(description="type → digest and size of the content")]
    text: str | None = None
    volatile: Volatile = None

    def sentence(self) -> str:
        """Name the kind of output."""
        return f"cell {self.execution_count} showed {self.kind}: {', '.join(sorted(self.mime))}"


class CellError(msgspec.Struct, frozen=True, kw_only=True):
    """The exception that ended a cell."""

    private: ClassVar[Private] = {"evalue": "absent", "traceback": "absent"}

    ename: str
    evalue: str
    traceback: list[str]

    def text(self) -> str:
        """Return name and message, or the name alone if there is no message."""
        return f"{self.ename}: {self.evalue}" if self.evalue else self.ename


class CellEnd(Event, tag="cell.end", frozen=True, kw_only=True):
    """A cell has run."""

    free_text: ClassVar[tuple[str, ...]] = ("skipped", "error")
    paths: ClassVar[tuple[str, ...]] = ("cell_id",)
    private: ClassVar[Private] = {"cell_id": "derived", "skipped": "replaced"}

    cell_id: str
    execution_count: ExecutionCount
    status: Literal["ok", "error", "interrupted"]
    duration_ms: Number
    cpu_ms: Number
    overhead_ms: Annotated[float | None, Meta(description="time that recording itself took")]
    reads: Annotated[list[str], Meta(description="names from earlier cells that it used")]
    writes: Annotated[list[str], Meta(description="names that it bound")]
    deletes: Annotated[list[str], Meta(description="names that it deleted")]
    mutates: Annotated[list[str], Meta(description="names whose values it changed in place")]
    rng_used: Annotated[list[str], Meta(description="random streams whose state changed")]
    skipped: Annotated[
        dict[str, str],
        Meta(description="variable → why it has no fingerprint; random stream → why its state is not recorded"),
    ]
    error: CellError | None = None

    def sentence(self) -> str:
        """Report how it ended."""
        what = {"ok": "ended", "error": "failed", "interrupted": "was interrupted"}[self.status]
        why = f": {short(self.error.text(), 80)}" if self.error else ""
        return f"cell {self.execution_count} {what}{why}"


class Hazard(Event, tag="hazard", frozen=True, kw_only=True):
    """Something may prevent a result from being reproduced."""

    level: ClassVar[str] = "WARNING"
    free_text: ClassVar[tuple[str, ...]] = ("detail",)

    kind: Annotated[str, Meta(description=", ".join(f"`{kind}`" for kind in HAZARDS))]
    detail: str
    names: list[str]
    execution_count: ExecutionCount

    def sentence(self) -> str:
        """Name the kind and the detail."""
        return f"{self.kind}: {self.detail}"
