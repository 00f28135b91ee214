"""Events of reproducibility: data, fingerprints, random state, algorithms."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from ithtel.events.base import Digest, Event, Json, Number, Private, Sha256, Timestamp, Volatile

Range = Annotated[list[Any] | None, Meta(description="[min, max] of the finite values; null if there are none")]
Shape = Annotated[list[int], Meta(description="length along each axis")]
Fingerprint = Annotated[str, Meta(description="`fp1:sha256:` and 64 hexadecimal digits")]


class DataLoad(Event, tag="data.load", frozen=True, kw_only=True):
    """Data was loaded."""

    free_text: ClassVar[tuple[str, ...]] = ("schema", "value_range")
    paths: ClassVar[tuple[str, ...]] = ("source_path",)
    private: ClassVar[Private] = {
        "sha256_hash": "keyed",
        "input_hash": "keyed",
        "schema": "absent",
        "value_range": "absent",
    }

    source_path: Annotated[str, Meta(description="a path, or a name such as `synthetic:student_t5`")]
    sha256_hash: Annotated[Sha256 | None, Meta(description="of the file")]
    input_hash: Annotated[Digest | None, Meta(description="of the content")]
    size_bytes: int | None
    row_count: int | None
    column_count: int | None
    schema: Annotated[dict[str, str], Meta(description="column → dtype")]
    value_range: Annotated[dict[str, Range], Meta(description="column → [min, max]")]

    def sentence(self) -> str:
        """Name the source and its size."""
        sizes = [
            f"{n} {what}" for n, what in ((self.row_count, "rows"), (self.column_count, "columns")) if n is not None
        ]
        return f"loaded {self.source_path}{': ' if sizes else ''}{', '.join(sizes)}"


class FileRead(Event, tag="file.read", frozen=True, kw_only=True):
    """A cell read a file."""

    level: ClassVar[str] = "DEBUG"
    paths: ClassVar[tuple[str, ...]] = ("path",)
    private: ClassVar[Private] = {"sha256": "keyed"}

    path: str
    sha256: Sha256 | None
    size_bytes: int
    mtime_ns: int

    def sentence(self) -> str:
        """Name the file."""
        return f"read {self.path}"


class FileWrite(Event, tag="file.write", frozen=True, kw_only=True):
    """A cell wrote a file; digest and size are those at the end of the cell."""

    level: ClassVar[str] = "DEBUG"
    paths: ClassVar[tuple[str, ...]] = ("path", "made_folder")
    private: ClassVar[Private] = {"sha256": "keyed", "content": "keyed"}

    path: str
    sha256: Sha256 | None
    size_bytes: int
    mtime_ns: int
    content: Annotated[
        str | None,
        Meta(description="digest of a format that holds dates or ids, without them: its kind, `:sha256:`, 64 digits"),
    ] = None
    reason: Annotated[str | None, Meta(description="why files of this format with other bytes may be equal")] = None
    existed: Annotated[bool | None, Meta(description="whether there was a file before the cell wrote it")] = None
    made_folder: Annotated[
        str | None, Meta(description="the outermost of the folders that hold it and that the session made")
    ] = None

    def sentence(self) -> str:
        """Name the file."""
        return f"wrote {self.path}"


class Sketch(msgspec.Struct, frozen=True, kw_only=True):
    """A few numbers of a float array: enough to see whether two arrays differ by rounding only."""

    mean: Number
    std: Number
    values: Annotated[list[Number], Meta(description="16 evenly spaced values")]


class ArrayFingerprint(Event, tag="array.fingerprint", frozen=True, kw_only=True):
    """The content of an array."""

    level: ClassVar[str] = "DEBUG"
    free_text: ClassVar[tuple[str, ...]] = ("name", "range")
    payload: ClassVar[tuple[str, ...]] = ("sketch", "prefix_sha256")
    private: ClassVar[Private] = {
        "fingerprint": "keyed",
        "sha256": "keyed",
        "dtype": "quoted",
        "range": "absent",
        "checksum_first_10": "keyed",
        "sketch": "absent",
        "prefix_sha256": "keyed",
        "index_fingerprints": "keyed",
        "stable": "keyed",
        "volatile": "absent",
    }

    name: str | None
    fingerprint: Fingerprint
    sha256: Annotated[Sha256, Meta(description="of the plain values: C order, little-endian, NaN canonical")]
    shape: Shape
    dtype: str
    range: Range
    checksum_first_10: Annotated[str, Meta(description="first 16 digits of the sha256 of the first ten elements")]
    n_nans: int
    size_bytes: int
    sketch: Sketch | None = None
    prefix_sha256: Annotated[list[Sha256] | None, Meta(description="after each 64 MiB")] = None
    sampled: Annotated[str | None, Meta(description="how it was sampled, if the user asked for that")] = None
    index_fingerprints: Annotated[list[Fingerprint] | None, Meta(description="of a Series: one per index level")] = None
    stable: Annotated[
        Fingerprint | None, Meta(description="of the value without its volatile parts; absent if it has none")
    ] = None
    volatile: Volatile = None

    def sentence(self) -> str:
        """Name the array, its dtype and its shape."""
        return f"fingerprint of {self.name or 'an array'}: {self.dtype}[{' × '.join(map(str, self.shape))}]"


class FrameFingerprint(Event, tag="frame.fingerprint", frozen=True, kw_only=True):
    """The content of a table, column by column."""

    level: ClassVar[str] = "DEBUG"
    free_text: ClassVar[tuple[str, ...]] = ("name", "index", "columns")
    private: ClassVar[Private] = {
        "fingerprint": "keyed",
        "sha256": "keyed",
        "index": "parts",
        "columns": "parts",
        "stable": "keyed",
        "volatile": "absent",
    }

    name: str | None
    fingerprint: Fingerprint
    sha256: Sha256
    shape: Shape
    index: Annotated[list[ArrayFingerprint], Meta(description="one per level")]
    columns: Annotated[dict[str, ArrayFingerprint], Meta(description="column → fingerprint")]
    stable: Annotated[
        Fingerprint | None, Meta(description="of the value without its volatile parts; absent if it has none")
    ] = None
    volatile: Volatile = None

    def sentence(self) -> str:
        """Name the table and its shape."""
        return f"fingerprint of {self.name or 'a frame'}: {' × '.join(map(str, self.shape))}"


class ObjectFingerprint(Event, tag="object.fingerprint", frozen=True, kw_only=True):
    """The content of any other object, or why it has no fingerprint."""

    level: ClassVar[str] = "DEBUG"
    free_text: ClassVar[tuple[str, ...]] = ("name", "reason")
    private: ClassVar[Private] = {"fingerprint": "keyed", "reason": "replaced", "stable": "keyed", "volatile": "absent"}

    name: str | None
    fingerprint: Fingerprint | None
    type: str
    reason: Annotated[str | None, Meta(description="why it has no fingerprint")] = None
    stable: Annotated[
        Fingerprint | None, Meta(description="of the value without its volatile parts; absent if it has none")
    ] = None
    volatile: Volatile = None

    @property
    def sha256(self) -> str | None:
        """The digits of the fingerprint, because an object has no plain bytes of its own."""
        return None if self.fingerprint is None else self.fingerprint.rpartition(":")[2]

    def sentence(self) -> str:
        """Name the object and its type."""
        return f"fingerprint of {self.name or 'an object'}: {self.type}"


class SeedSet(Event, tag="seed.set", frozen=True, kw_only=True):
    """Random generators were seeded."""

    seed: int
    components: Annotated[list[str], Meta(description="streams that were seeded")]
    state_sha256: Annotated[dict[str, Sha256], Meta(description="stream → digest of its state just after seeding")]
    is_for_unseeded: Annotated[
        bool, Meta(description="later generators of Python and NumPy that get no seed descend from this one")
    ] = False

    def sentence(self) -> str:
        """Report the seed and the streams."""
        return f"seed {self.seed} set for {', '.join(self.components)}"


def contact_text(kind: str, targets: list[str], n_more: int = 0) -> str:
    """Return what a cell did with contacts of one kind.

    >>> contact_text("host", ["example.org:443"], 2), contact_text("input", ["how many?"])
    ('talked to example.org:443 and 2 more', "asked 'how many?'")
    """
    verb = {"host": "talked to", "program": "ran", "database": "queried"}.get(kind, "asked")
    shown = [repr(target) if kind == "input" else target for target in targets if target]
    more = [f"and {n_more} more"] if n_more else []
    return " ".join([verb, ", ".join(shown) or ("for input" if kind == "input" else "something outside"), *more])


class EntropyRequest(Event, tag="entropy.request", frozen=True, kw_only=True):
    """Code asked for random bits that no seed decides, while a cell ran: one event per source and caller.

    The numbers are kept of generators and of `uuid4`, so that a replay can give them back.
    """

    level: ClassVar[str] = "DEBUG"

    free_text: ClassVar[tuple[str, ...]] = ("owner",)

    execution_count: int | None
    source: Annotated[
        Literal["numpy", "python", "uuid", "os"],
        Meta(description="a generator of NumPy or of Python, `uuid4`, or `os.urandom` and what rests on it"),
    ]
    owner: Annotated[str, Meta(description="the function that asked, with its module; `the cell` for the cell itself")]
    n_requests: int
    n_bits: int
    numbers: Annotated[
        list[str] | None,
        Meta(description="what each request got, in order, as decimal digits; absent for `os`, which makes keys"),
    ] = None
    is_import: Annotated[bool, Meta(description="a package asked while it was imported; this threatens nothing")] = (
        False
    )
    n_given: Annotated[int, Meta(description="how many of the numbers a replay took from its record")] = 0

    def sentence(self) -> str:
        """Return who asked, and for how much."""
        return f"{self.owner} asked for {self.n_bits} random bits ({self.source})"


class ExternalContact(Event, tag="external.contact", frozen=True, kw_only=True):
    """A cell asked something outside whose answer is not recorded: a host, a program, a database or a person."""

    level: ClassVar[str] = "DEBUG"
    free_text: ClassVar[tuple[str, ...]] = ("target", "owner")
    private: ClassVar[Private] = {"target": "absent", "owner": "absent"}

    execution_count: int | None
    kind: Literal["host", "program", "database", "input"]
    target: Annotated[
        str,
        Meta(
            description="a URL without its query, `host:port`, a program with its arguments, the file or the server of "
            "a database, or a prompt; at most 120 characters, redacted"
        ),
    ]
    owner: Annotated[
        str,
        Meta(description="the function that the user's code called, with its module; `the cell` for the cell itself"),
    ]
    count: Annotated[int, Meta(description="how often, within the cell")]

    def sentence(self) -> str:
        """Return who asked whom."""
        return f"{self.owner or 'the cell'} {contact_text(self.kind, [self.target])}"


class RngState(Event, tag="rng.state", frozen=True, kw_only=True):
    """The full state of a random generator."""

    level: ClassVar[str] = "DEBUG"

    stream: Annotated[str, Meta(description="`python`, `numpy.legacy`, `numpy:<name>`, `torch`")]
    bit_generator: str
    state_sha256: Sha256
    entropy: Annotated[str | None, Meta(description="of its SeedSequence")] = None
    state: Annotated[
        Json | None,
        Meta(
            description="everything needed to restore it; omitted if the same `state_sha256` occurs earlier in the file"
        ),
    ] = None

    def sentence(self) -> str:
        """Name the stream."""
        return f"state of random stream {self.stream}"


class AlgorithmInit(Event, tag="algorithm.init", frozen=True, kw_only=True):
    """An algorithm is about to run."""

    free_text: ClassVar[tuple[str, ...]] = ("algorithm_name", "version", "config")
    private: ClassVar[Private] = {
        "config.series": "renamed",
        "config.from_nav": "absent",
        "config_hash": "keyed",
        "input_hash": "keyed",
    }

    run_id: str
    algorithm_name: str
    version: str
    random_seed: int | None
    config: Json
    config_hash: Digest
    input_hash: Digest | None

    def sentence(self) -> str:
        """Name the algorithm and the run."""
        return f"{self.algorithm_name} {self.version} started ({self.run_id})"


class SeriesSketch(Event, tag="series.sketch", frozen=True, kw_only=True):
    """A series in at most 2 000 buckets: enough to draw it without its file."""

    level: ClassVar[str] = "DEBUG"
    free_text: ClassVar[tuple[str, ...]] = ("name",)
    is_payload: ClassVar[bool] = True
    private: ClassVar[Private] = {
        "name": "renamed",
        "start_time": "absent",
        "end_time": "absent",
        "first": "absent",
        "min": "absent",
        "max": "absent",
        "last": "absent",
    }

    run_id: str
    name: str
    n_bars: int
    start_time: str | None
    end_time: str | None
    bars_per_bucket: int
    first: list[Number]
    min: list[Number]
    max: list[Number]
    last: list[Number]

    def sentence(self) -> str:
        """Name the series and its size."""
        return f"sketch of {self.name}: {self.n_bars} bars in {len(self.last)} buckets"


class IthMetrics(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The result of an ITH analysis of one side (docs/ith-specification.md, section 3)."""

    n_bars: int
    first_nav: Number
    last_nav: Number
    first_time: Timestamp | None
    last_time: Timestamp | None
    n_epochs: int
    hurdle: Number
    intervals_cv: Annotated[float | None, Meta(description="population sd / mean of the bars between epochs")]
    aggregate_cv: Number
    points_to_epoch: Annotated[float | None, Meta(description="bars per epoch")]
    recent_3_bars: Annotated[float | None, Meta(description="the largest of the last three gaps")]
    is_qualified: bool
    sharpe: Number
    sharpe_reason: Annotated[str | None, Meta(description="why there is no Sharpe ratio")] = None
    max_drawdown: Annotated[float | None, Meta(description="of a bull side")] = None
    max_runup: Annotated[float | None, Meta(description="of a bear side")] = None
    open_worst_drawdown: Annotated[
        float | None, Meta(description="from the last epoch to the last bar; the runup for a bear side")
    ] = None


class AlgorithmResult(Event, tag="algorithm.result", frozen=True, kw_only=True):
    """An algorithm has finished."""

    free_text: ClassVar[tuple[str, ...]] = ("algorithm_name", "final_metrics")
    private: ClassVar[Private] = {
        "final_metrics.first_nav": "absent",
        "final_metrics.last_nav": "absent",
        "final_metrics.first_time": "absent",
        "final_metrics.last_time": "absent",
        "output_hash": "keyed",
    }

    run_id: str
    algorithm_name: str
    final_metrics: Annotated[
        Json, Meta(description="depend on the algorithm; for ITH: n_bars, n_epochs, intervals_cv …")
    ]
    output_hash: Digest | None
    duration_ms: Number

    def sentence(self) -> str:
        """Name the algorithm and the run."""
        return f"{self.algorithm_name} finished ({self.run_id})"
