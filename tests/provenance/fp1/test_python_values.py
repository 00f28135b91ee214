"""Python's own values have their fingerprints without NumPy, and the same ones as with it."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

import ithtel
from ithtel.provenance.fp1.python_values import NO_NUMPY, fingerprint_python, needs_numpy

CORPUS = """
import array, collections, dataclasses, datetime as dt, decimal, enum, fractions, pathlib, re, types, uuid

@dataclasses.dataclass
class Point:
    x: float
    y: list

class Side(enum.Enum):
    BULL = 1

class Named(dict):
    pass

values = {
    "none": None, "flag": True, "int": 2**70, "float": 0.1, "nan": float("nan"), "complex": 1j, "text": "é",
    "raw": b"x", "bytearray": bytearray(b"x"), "list": [1, [2.0, "a"]], "tuple": (1, 2), "set": {"a", "b"},
    "dict": {"k": [None]},
    "date": dt.date(2026, 1, 25), "zoned": dt.datetime(2026, 1, 25, tzinfo=dt.UTC), "decimal": decimal.Decimal("1.50"),
    "fraction": fractions.Fraction(1, 3), "path": pathlib.PurePosixPath("a/b"), "uuid": uuid.UUID(int=5),
    "range": range(3), "pattern": re.compile("a+"), "space": types.SimpleNamespace(a=1), "class": int,
    "ordered": collections.OrderedDict(a=1), "deque": collections.deque([1], 3), "point": Point(1.0, [2]),
    "enum": Side.BULL, "derived": Named(a=1), "long": "x" * 100_000, "function": len, "iterator": iter([1]),
}
loop = []
loop.append(loop)
values["loop"] = loop
"""
WITHOUT = (
    CORPUS
    + """
import json, sys
from ithtel.provenance.fp1.python_values import fingerprint_python
found = {name: fingerprint_python(value, name) for name, value in values.items()}
assert "numpy" not in sys.modules
print(json.dumps({name: [event.fingerprint, event.type, event.reason] for name, event in found.items()}))
"""
)


def test_the_same_with_and_without_numpy() -> None:
    """Each kind of value, and each reason why one has none."""
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    namespace = {"__name__": "__main__"}
    exec(CORPUS, namespace)  # noqa: S102 - our own
    events = {name: ithtel.fingerprint(value, name) for name, value in namespace["values"].items()}  # type: ignore[attr-defined]
    expected = {name: [event.fingerprint, event.type, event.reason] for name, event in events.items()}
    assert expected == json.loads(done.stdout)


@pytest.mark.parametrize("source", ["array.array('d', [1.0])", "memoryview(b'x')"])
def test_what_only_numpy_can_read_says_so(source: str) -> None:
    """A buffer, alone and within a list."""
    import array

    value = eval(source, {"array": array})  # noqa: S307 - our own
    assert needs_numpy(value)
    assert (None, NO_NUMPY) == (fingerprint_python(value).fingerprint, fingerprint_python(value).reason)
    assert f"at [0]: {NO_NUMPY}" == fingerprint_python([value]).reason
    assert ithtel.fingerprint(value).fingerprint is not None


def test_tables_need_numpy_and_its_own_values_do_not_ask() -> None:
    """Those of polars and Arrow."""
    import polars as pl
    import pyarrow as pa

    assert [True, True, True, False, False] == [
        needs_numpy(value) for value in (pl.DataFrame(), pl.Series([1]), pa.table({}), [1], np.zeros(1))
    ]
