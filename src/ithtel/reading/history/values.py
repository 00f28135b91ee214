"""`History`, `Execution`, `Value`: what ran in a session, with everything that two sessions are compared by.

A baseline holds the same structs, one per line. What is compared of them is equal for two runs of the same cells on the
same data.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ithtel.events import EntropyRequest, EpochDetected, Json, Sketch  # noqa: TC001 - msgspec reads the annotations

ExecutionStatus = Literal["ok", "error", "interrupted", "unfinished", "prior"]


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The value of a variable after a cell; if it has no fingerprint, `reason` says why."""

    kind: Literal["array", "frame", "object"]
    type: str
    fingerprint: str | None = None
    sha256: str | None = None
    shape: list[int] | None = None
    first_ten: str | None = None
    sketch: Sketch | None = None
    prefixes: list[str] | None = None
    columns: dict[str, Value] = {}
    stable: Annotated[str | None, Meta(description="fingerprint without volatile parts")] = None
    volatile: dict[str, int] = {}
    reason: str | None = None


class StreamState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of a random stream."""

    sha256: str
    entropy: str | None = None


class Algorithm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run of an algorithm, with exact epochs."""

    name: str
    version: str | None = None
    config: Json = {}
    input_hash: str | None = None
    metrics: Json | None = None
    output_hash: str | None = None
    n_epochs: int = 0
    epochs: list[EpochDetected] = []


class Output(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An output of a cell: the digest of its content by MIME type."""

    kind: str
    mime: dict[str, str]
    text: str | None = None
    stable: Annotated[dict[str, str], Meta(description="type → digest without volatile parts")] = {}
    volatile: dict[str, int] = {}


class Note(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A hazard that was reported in a cell."""

    kind: str
    detail: str
    names: list[str] = []


class Contact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something outside that a cell asked: a host, a program, a database or a person."""

    kind: str
    target: str
    owner: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer to a question of `input()`; `text` is None if it was not kept."""

    prompt: str
    text: str | None = None


class Exchange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An HTTP request whose answer was kept."""

    method: str
    url: str
    sha256: str


class WrittenFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that a cell wrote, as it was when the cell ended."""

    sha256: str | None = None
    content: Annotated[str | None, Meta(description="digest without the dates and ids that the format holds")] = None
    reason: Annotated[str | None, Meta(description="why other bytes may hold the same")] = None
    existed: Annotated[bool | None, Meta(description="whether there was a file before")] = None
    made_folder: Annotated[str | None, Meta(description="the outermost folder around it that the session made")] = None


class Execution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run of a cell. `place` counts from 1, in the order of execution."""

    place: int
    count: Annotated[int | None, Meta(description="the number in brackets")] = None
    source: str | None = None
    source_sha256: str | None = None
    literal_seeds: Annotated[list[str], Meta(description="the seeds in the text; only of baselines")] = []
    unseeded_sha256: Annotated[str | None, Meta(description="digest of the text without them; only of baselines")] = (
        None
    )
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
    entropy: Annotated[list[EntropyRequest], Meta(description="who asked for random bits, and what they got")] = []
    modules: dict[str, str] = {}
    unstable: Annotated[dict[str, list[str]], Meta(description="module → what its code uses that differs in runs")] = {}
    code: Annotated[dict[str, str | None], Meta(description="file of a module → digest")] = {}
    packages: dict[str, str] = {}
    threads: dict[str, int] = {}
    files: dict[str, str | None] = {}
    written: dict[str, WrittenFile] = {}
    sizes: Annotated[dict[str, int], Meta(description="file that was read → its size in bytes")] = {}
    data: dict[str, str | None] = {}
    values: dict[str, Value] = {}
    algorithms: list[Algorithm] = []
    results: list[Json] = []
    decisions: list[Json] = []
    outputs: list[Output] = []
    hazards: list[Note] = []
    contacts: list[Contact] = []
    answers: list[Answer] = []
    exchanges: list[Exchange] = []

    @property
    def label(self) -> str:
        """The number in brackets; the place if the host does not count cells."""
        return f"[{self.place if self.count is None else self.count}]"

    @property
    def changes(self) -> set[str]:
        """The names that it bound, changed or deleted."""
        return {*self.writes, *self.mutates, *self.deletes}


class Environment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The environment of a session, which every cell depends on."""

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
    is_private: Annotated[bool, Meta(description="whether the digests of some or all cells are keyed")] = False
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
    """What ran outside cells: in the session of a script, everything."""

    @property
    def steps(self) -> list[Execution]:
        """The executions to compare: those of cells, or the script if there are none."""
        return self.executions or ([] if self.script is None else [self.script])

    @property
    def cells(self) -> list[Execution]:
        """The executions that were recorded as they ran, without earlier ones."""
        return [each for each in self.executions if each.status != "prior"]
