"""Tokens of values that contain no others, and the reasons why some values have none."""

from __future__ import annotations

import datetime as dt
import io
import random
import re
import struct
import sys
import types
import uuid
import zoneinfo
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from ithtel.provenance.fp1.loaded import is_a, type_name

if TYPE_CHECKING:
    from collections.abc import Callable

NONE = b"N"
NAN = b"f" + struct.pack("<d", float("nan"))
_ZONE_FILE = re.compile("zoneinfo/([^']+)")
_pack_double = struct.Struct("<d").pack


def text(value: str) -> bytes:
    r"""Return `s`, the length in bytes, `:`, UTF-8; lone surrogates as Python's `surrogatepass` writes them.

    >>> text("é")
    b's2:\xc3\xa9'
    """
    data = value.encode("utf-8", "surrogatepass")
    return b"s%d:%b" % (len(data), data)


def octets(value: bytes) -> bytes:
    """Return `b`, the length, `:`, the bytes."""
    return b"b%d:%b" % (len(value), value)


def number(value: float) -> bytes:
    """Return `f` and the little-endian double; one NaN."""
    return b"f" + _pack_double(value) if value == value else NAN  # noqa: PLR0124 - the quickest test for NaN


def named(kind: str, *words: str) -> bytes:
    """Return the token of a value that the name of its type and some text say wholly."""
    return b"x" + text(kind) + b"".join(text(word) for word in words) + b";"


def zone_name(zone: dt.tzinfo | None) -> str:
    """Return the name of a time zone, the same whichever library made it.

    >>> import zoneinfo
    >>> zone_name(zoneinfo.ZoneInfo("Europe/Berlin")), zone_name(dt.UTC), zone_name(dt.timezone(dt.timedelta(hours=1)))
    ('Europe/Berlin', 'UTC', '+01:00')
    """
    if zone is None:
        return ""
    key = getattr(zone, "key", None) or getattr(zone, "zone", None)
    if isinstance(key, str):
        return key
    if (file := _ZONE_FILE.search(str(zone))) is not None:
        return file[1]
    offset = zone.utcoffset(None)
    if offset is None:
        return str(zone)
    if not offset:
        return "UTC"
    sign, offset = ("-", -offset) if offset < dt.timedelta(0) else ("+", offset)
    hours, seconds = divmod(int(offset.total_seconds()), 3600)
    minutes, seconds = divmod(seconds, 60)
    fraction = f".{offset.microseconds:06}" if offset.microseconds else ""
    return f"{sign}{hours:02}:{minutes:02}" + (f":{seconds:02}{fraction}" if seconds or fraction else "")


def _instant(value: dt.datetime | dt.time) -> bytes:
    return named(
        f"datetime.{type(value).__name__}",
        value.replace(tzinfo=None).isoformat(),
        str(value.fold),
        zone_name(value.tzinfo),
    )


BY_TYPE: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda _: NONE,
    bool: lambda value: b"T" if value else b"F",
    int: lambda value: b"i%x;" % value,
    float: number,
    complex: lambda value: b"c" + number(value.real)[1:] + number(value.imag)[1:],
    str: text,
    bytes: octets,
    bytearray: lambda value: b"y%d:%b" % (len(value), value),
    type(Ellipsis): lambda _: b"E",
    Decimal: lambda value: named("decimal.Decimal", str(value)),
    Fraction: lambda value: named("fractions.Fraction", str(value)),
    dt.datetime: _instant,
    dt.time: _instant,
    dt.date: lambda value: named("datetime.date", value.isoformat()),
    dt.timedelta: lambda value: named("datetime.timedelta", str(value // dt.timedelta(microseconds=1))),
    dt.timezone: lambda value: named("datetime.timezone", zone_name(value)),
    zoneinfo.ZoneInfo: lambda value: named("zoneinfo.ZoneInfo", zone_name(value)),
    uuid.UUID: lambda value: named("uuid.UUID", str(value)),
    range: lambda value: named("range", str(value.start), str(value.stop), str(value.step)),
    re.Pattern: lambda value: named("re.Pattern", repr(value.pattern), str(value.flags)),
}


SCALARS: list[Callable[[Any], bytes | None]] = []
"""Further tables of leaves, each of a package that has been loaded: token of a value, None for what is not in it."""


def scalar(value: Any) -> bytes | None:  # noqa: ANN401 - a table, one line a type
    """Return the token of a path, a builtin class, a scalar of NumPy or pandas; None for anything else."""
    kind = type(value)
    for table in SCALARS:
        token = table(value)
        if token is not None:
            return token
    if issubclass(kind, PurePath):
        return named(
            "pathlib.PureWindowsPath" if isinstance(value, PureWindowsPath) else "pathlib.PurePosixPath", str(value)
        )
    if issubclass(kind, type) and value.__module__ == "builtins":
        return named("type", type_name(value))
    return _pandas_scalar(value)


def _pandas_scalar(value: Any) -> bytes | None:  # noqa: ANN401 - a table
    if "pandas" not in sys.modules:
        return None
    if is_a(value, "pandas", "Timestamp"):
        return named("pandas.Timestamp", str(value.asm8.astype("int64")), value.unit, zone_name(value.tz))
    if is_a(value, "pandas", "Timedelta"):
        return named("pandas.Timedelta", str(value.asm8.astype("int64")), value.unit)
    if is_a(value, "pandas", "Period"):
        return named("pandas.Period", str(value.ordinal), value.freqstr)
    name = type(value).__name__
    if name in ("NAType", "NaTType") and type(value).__module__.startswith("pandas"):
        return named(f"pandas.{name}")
    return None


_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.BuiltinMethodType)
_RUNNING = (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)
_CODE: tuple[tuple[tuple[type, ...], str], ...] = (
    (_FUNCTIONS, "a function is code, not data"),
    ((type,), "a class is code, not data"),
    ((types.ModuleType,), "a module is code, not data"),
)


def refusal(value: object) -> str | None:
    """Return why a variable that holds `value` has no fingerprint; None if nothing speaks against it.

    Inside of another value, code and generators are part of that value's state.
    """
    for kinds, reason in _CODE:
        if issubclass(type(value), kinds):
            return reason
    if issubclass(type(value), random.Random) or is_a(
        value, "numpy.random", "Generator", "RandomState", "BitGenerator"
    ):
        return "a random generator: it is recorded as a stream, not as a value"
    return unreadable(value)


def unreadable(value: object) -> str | None:
    """Return why what `value` holds cannot be read without changing it or running something; None if it can."""
    kind = type(value)
    if issubclass(kind, _RUNNING):
        return "it would have to be run, and then would be used up"
    if issubclass(kind, io.IOBase) and not issubclass(kind, io.StringIO | io.BytesIO):
        return "it stands for an open file"
    for package, names, reason in _OUTSIDE:
        if is_a(value, package, *names):
            return reason
    if hasattr(kind, "__next__") and kind.__module__ in _ITERATORS:
        return "an iterator would be used up"
    return None


_ITERATORS = ("builtins", "itertools")
"""Modules of iterators over other values. An object with a state of its own may be an iterator too, as Kalman filters
of statsmodels are; to read its state does not use it up."""
_RUNS = "it stands for something that runs"
_OUTSIDE: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("threading", ("Thread",), _RUNS),
    ("subprocess", ("Popen",), _RUNS),
    ("multiprocessing.process", ("BaseProcess",), _RUNS),
    ("concurrent.futures", ("Executor",), _RUNS),
    ("asyncio", ("AbstractEventLoop", "Future"), _RUNS),
    ("tempfile", ("TemporaryDirectory",), "it stands for a folder with a random name"),
    ("polars", ("LazyFrame",), "a lazy frame would have to be collected"),
    ("matplotlib.artist", ("Artist",), "a part of a figure, of which the picture is recorded when it is shown"),
)
"""Package, classes, reason: their state names processes, addresses and caches, which differ in every run."""
