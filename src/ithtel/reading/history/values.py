"""What ran in a session, execution by execution, with all that two sessions are compared by.

The same structs are what a baseline holds, a line each: nothing in them that is compared differs between two runs of
the same cells on the same data.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ithtel.events import EpochDetected, Json, Sketch  # noqa: TC001 - msgspec reads the annotations

ExecutionStatus = Literal["ok", "error", "interrupted", "unfinished", "prior"]


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a variable held after a cell; `fingerprint` is None where it has none, and `reason` says why."""

    kind: Literal["array", "frame", "object"]
    type: str
    fingerprint: str | None = None
    sha256: str | None = None
    shape: list[int] | None = None
    first_ten: str | None = None
    sketch: Sketch | None = None
    prefixes: list[str] | None = None
    columns: dict[str, Value] = {}
    reason: str | None = None


class StreamState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a random stream was."""

    sha256: str
    entropy: str | None = None


class Algorithm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run of an algorithm; `epochs` to the bit."""

    name: str
    version: str | None = None
    config: Json = {}
    input_hash: str | None = None
    metrics: Json | None = None
    output_hash: str | None = None
    n_epochs: int = 0
    epochs: list[EpochDetected] = []


class Output(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that a cell showed: type → digest of the content."""

    kind: str
    mime: dict[str, str]
    text: str | None = None


class Note(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A hazard that was seen in a cell."""

    kind: str
    detail: str
    names: list[str] = []


class Execution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run of a cell. `place` counts from 1, in the order in which they ran."""

    place: int
    count: Annotated[int | None, Meta(description="the number in brackets")] = None
    source: str | None = None
    source_sha256: str | None = None
    cell_id: str | None = None
    status: ExecutionStatus = "ok"
    error: tuple[str, str] | None = None
    duration_ms: float | None = None
    reads: list[str] = []
    writes: list[str] = []
    deletes: list[str] = []
    mutates: list[str] = []
    rng_used: list[str] = []
    skipped: Annotated[dict[str, str], Meta(description="name → why it has no fingerprint")] = {}
    rng_before: dict[str, StreamState] = {}
    rng_after: dict[str, StreamState] = {}
    seeds: list[int] = []
    modules: dict[str, str] = {}
    code: Annotated[dict[str, str | None], Meta(description="file of a module → digest")] = {}
    packages: dict[str, str] = {}
    threads: dict[str, int] = {}
    files: dict[str, str | None] = {}
    written: dict[str, str | None] = {}
    data: dict[str, str | None] = {}
    values: dict[str, Value] = {}
    algorithms: list[Algorithm] = []
    results: list[Json] = []
    decisions: list[Json] = []
    outputs: list[Output] = []
    hazards: list[Note] = []

    @property
    def label(self) -> str:
        """The number in brackets; the place where the host counted none."""
        return f"[{self.place if self.count is None else self.count}]"

    @property
    def changes(self) -> set[str]:
        """The names that it bound or changed."""
        return {*self.writes, *self.mutates, *self.deletes}


class Environment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every cell of a session depends on."""

    python: str | None = None
    platform: str | None = None
    cpu: str | None = None
    timezone: str | None = None
    locale: str | None = None
    hash_seed: str | None = None
    variables: dict[str, str] = {}
    packages: dict[str, str] = {}
    threads: dict[str, int] = {}


class History(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A session as it ran."""

    name: str
    session_id: str | None = None
    is_private: Annotated[bool, Meta(description="whether its digests are keyed, of some cells at least")] = False
    cwd: str = ""
    notebook: str | None = None
    schema_version: int | None = None
    is_complete: bool = True
    config: Json = {}
    git_sha: str | None = None
    git_diff: str | None = None
    is_dirty: bool | None = None
    environment: Environment = Environment()
    executions: list[Execution] = []
    script: Execution | None = None
    """What was done outside cells: in a session of a script, all of it."""

    @property
    def steps(self) -> list[Execution]:
        """What two sessions are compared by: the executions, or the one script where there are none."""
        return self.executions or ([] if self.script is None else [self.script])

    @property
    def cells(self) -> list[Execution]:
        """The executions that were recorded as they ran, without those from before."""
        return [each for each in self.executions if each.status != "prior"]
