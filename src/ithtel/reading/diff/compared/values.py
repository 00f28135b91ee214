"""`compare_values`, `Tolerance`: which column of a value differs, from which element, and by how much."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.errors import InputError
from ithtel.plain_text import number, numbers_apart
from ithtel.reading.diff.verdict import Departure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ithtel.reading.history.values import Value

    Contents = Callable[[str], bytes | None]
    from ithtel.events import Sketch

_PREFIX_BYTES = 64 * 2**20
FIRST = 10
IDENTITIES = frozenset({"session_id", "trace_id", "span_id", "ts", "pid", "tid"})
"""Columns of a table that was read from a log: they differ between any two logs."""
VIEWS = (
    "ithtel.reading.", "ithtel.recording.", "ithtel.viewer.", "ithtel.replay.", "ithtel.commands.log.ledger.",
    "ithtel.commands.replay.replay.", "ithtel.commands.replay.check.", "ithtel.commands.log.verify.",
)  # fmt: skip
"""Objects that display the record: they name sessions and times, which differ between any two logs."""

SUMMARIES = ("ithtel.commands.examine.examine.", "ithtel.commands.ith.result.")
"""Objects that hold statistics or epochs, which are recorded with their numbers in the cell that made them."""


ROUNDING = 1e-9

"""Relative: above the effect of another order of summation on an array of ordinary size, below any change of model."""


def compare_values(name: str, a: Value, b: Value, tolerance: Tolerance, contents: Contents) -> Iterator[Departure]:
    """Yield the differences between two values; for tables, column by column."""
    if a.type == b.type and a.type.startswith(VIEWS):
        return
    if a.fingerprint == b.fingerprint and (a.fingerprint is not None or a.type == b.type):
        return
    if a.kind != b.kind or (a.kind != "frame" and a.type != b.type):
        one, other = (a.type, b.type) if a.type != b.type else (f"{a.type} ({a.kind})", f"{b.type} ({b.kind})")
        yield Departure(kind="value", name=name, detail=f"{one} → {other}", a=one, b=other)
    elif a.shape != b.shape:
        yield Departure(kind="value", name=name, detail=f"shape {_shape(a)} → {_shape(b)}", a=_shape(a), b=_shape(b))
    elif a.kind == "frame":
        yield from _columns(name, a, b, tolerance, contents)
    elif a.fingerprint is not None and b.fingerprint is not None:
        found = _array(name, a, b, tolerance, contents)
        if found is not None:
            yield found


def _columns(name: str, a: Value, b: Value, tolerance: Tolerance, contents: Contents) -> Iterator[Departure]:
    if list(a.columns) != list(b.columns):
        odd = sorted(a.columns.keys() ^ b.columns.keys())
        detail = f"columns in only one of the tables: {', '.join(odd[:4])}" if odd else "the order of columns differs"
        yield Departure(kind="value", name=name, detail=detail)
    found = is_record = "session_id" in a.columns
    for column, value in a.columns.items():
        if is_record and column in IDENTITIES:
            continue
        if column in b.columns and value.fingerprint != b.columns[column].fingerprint:
            found = True
            yield from compare_values(f"{name}.{column}", value, b.columns[column], tolerance, contents)
    if not found and list(a.columns) == list(b.columns):
        yield Departure(kind="value", name=name, detail="the labels differ")


def _array(name: str, a: Value, b: Value, tolerance: Tolerance, contents: Contents) -> Departure | None:
    kept = _kept(a, b, tolerance, contents)
    if kept is not None:
        detail, is_within, is_rounding = kept
        return None if is_within else Departure(kind="value", name=name, detail=detail, is_rounding=is_rounding)
    if a.sha256 is not None and a.sha256 == b.sha256:
        return Departure(kind="value", name=name, detail="the values are equal, but their kind or index differs")
    if a.sketch is None or b.sketch is None:
        return Departure(kind="value", name=name, detail=_where(a, b), kept=False)
    if not tolerance.is_exact and tolerance.holds_sketch(a.sketch, b.sketch):
        return None
    is_rounding = Tolerance(rtol=ROUNDING).holds_sketch(a.sketch, b.sketch)
    detail = ", ".join(part for part in (_where(a, b), _size(a, b, is_rounding=is_rounding)) if part)
    return Departure(kind="value", name=name, detail=detail, is_rounding=is_rounding, kept=False)


def _where(a: Value, b: Value) -> str:
    """Return from which element two arrays differ, as far as their digests show."""
    n = (a.shape or [1])[0] if a.shape else 1
    if a.shape == [] or n == 1 or a.kind == "object":
        return f"a different {a.type}"
    if a.first_ten != b.first_ten:
        return f"{_kind(a)} differs within the first {min(n, FIRST)} elements"
    place = _prefix(a, b)
    if place is not None:
        return f"{_kind(a)} first differs {place}"
    if a.sketch is not None and b.sketch is not None:
        pairs = zip(a.sketch.values, b.sketch.values, strict=False)
        first = next((i for i, (x, y) in enumerate(pairs) if x != y), None)
        if first is not None and len(a.shape or []) == 1 and n > len(a.sketch.values):
            after, upto = (max(k, 0) * (n - 1) // (len(a.sketch.values) - 1) for k in (first - 1, first))
            return (
                f"{_kind(a)} first differs between elements {number(max(after, FIRST))} and {number(upto)}, or earlier"
            )
    return f"{_kind(a)} differs after the first {FIRST} elements"


def _prefix(a: Value, b: Value) -> str | None:
    if not a.prefixes or not b.prefixes:
        return None
    pairs = zip(a.prefixes, b.prefixes, strict=False)
    block = next((i for i, (x, y) in enumerate(pairs) if x != y), min(len(a.prefixes), len(b.prefixes)))
    start = block * _PREFIX_BYTES // 2**20
    return f"between {start} and {start + _PREFIX_BYTES // 2**20} MiB"


def _size(a: Value, b: Value, *, is_rounding: bool) -> str:
    """Return how much two arrays differ, as far as their sketches show."""
    if is_rounding:
        return "by rounding only, according to its sketch"
    ours, theirs = a.sketch, b.sketch
    if ours is None or theirs is None:
        return ""
    parts = [
        f"{what} {' → '.join(numbers_apart(x, y))}"
        for what, x, y in (("mean", ours.mean, theirs.mean), ("sd", ours.std, theirs.std))
        if x != y
    ]
    return ", ".join(parts)


def _kept(a: Value, b: Value, tolerance: Tolerance, contents: Contents) -> tuple[str, bool, bool] | None:
    """Compare the values themselves if both were kept: what differs, if it is within tolerance, if it is rounding."""
    if a.sha256 is None or b.sha256 is None or not a.type.startswith(("float", "int", "uint")):
        return None
    ours, theirs = contents(a.sha256), contents(b.sha256)
    if ours is None or theirs is None:
        return None
    import numpy as np

    x, y = (np.frombuffer(each, dtype=np.dtype(a.type).newbyteorder("<")) for each in (ours, theirs))
    if x.shape != y.shape:
        return None
    places = np.flatnonzero((x != y) & ~((x != x) & (y != y)))  # noqa: PLR0124 - true for NaN only
    if not len(places) and ours != theirs:  # the signs of zeros
        places = np.flatnonzero(x.view(f"u{x.itemsize}") != y.view(f"u{y.itemsize}"))
    if not len(places):
        return "the values are equal, but their kind or index differs", False, False
    first = int(places[0])
    change = " → ".join(numbers_apart(x[first].item(), y[first].item()))
    extent = f"{number(len(places))} of {number(x.size)} differ"
    return (
        f"{_kind(a)} first differs at element {number(first)}: {change}, {extent}",
        not tolerance.is_exact and _close(x, y, tolerance),
        _close(x, y, Tolerance(rtol=ROUNDING)),
    )


def _close(x: object, y: object, tolerance: Tolerance) -> bool:
    import numpy as np

    ours, theirs = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    bound = tolerance.atol + tolerance.rtol * np.maximum(abs(ours), abs(theirs))
    with np.errstate(invalid="ignore"):
        same = (abs(ours - theirs) <= bound) | (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    return bool(same.all())


def _shape(value: Value) -> str:
    return " × ".join(map(str, value.shape or [])) or "scalar"


def _kind(value: Value) -> str:
    return f"{value.type}[{_shape(value)}]"


class Tolerance(msgspec.Struct, frozen=True, kw_only=True):
    """The condition `abs(a - b) <= atol + rtol * max(abs(a), abs(b))`: symmetric, unlike numpy.isclose.

    >>> Tolerance(rtol=1e-6).holds(1.0, 1.0 + 1e-9)
    True
    """

    rtol: float = 0.0
    atol: float = 0.0

    def __post_init__(self) -> None:
        if not (self.rtol >= 0 and self.atol >= 0):
            raise InputError(f"rtol and atol must be at least 0, got rtol={self.rtol}, atol={self.atol}")

    @property
    def is_exact(self) -> bool:
        """Whether numbers must be equal."""
        return self.rtol == 0 and self.atol == 0

    def holds(self, a: Any, b: Any) -> bool:  # noqa: ANN401 - JSON
        """Return whether two JSON values agree: numbers within the tolerance, everything else equal."""
        if isinstance(a, bool) or isinstance(b, bool):
            return a is b
        if isinstance(a, float | int) and isinstance(b, float | int):
            return a == b or bool(abs(a - b) <= self.atol + self.rtol * max(abs(a), abs(b)))
        if isinstance(a, dict) and isinstance(b, dict):
            return a.keys() == b.keys() and all(self.holds(a[key], b[key]) for key in a)
        if isinstance(a, list | tuple) and isinstance(b, list | tuple):
            return len(a) == len(b) and all(map(self.holds, a, b))
        return bool(a == b)

    def holds_sketch(self, a: Sketch, b: Sketch) -> bool:
        """Return whether two float arrays agree within the tolerance, as far as their sketches show."""
        scale = max((abs(x) for x in (*a.values, *b.values) if x is not None and math.isfinite(x)), default=0.0)
        loose = Tolerance(rtol=self.rtol, atol=self.atol + self.rtol * scale)  # a mean may cancel
        return loose.holds([a.mean, a.std, a.values], [b.mean, b.std, b.values])
