"""Pairs that fingerprints get wrong, and what three of them say: `python benchmarks/fingerprint_pairs.py`.

`--write` puts the table into docs/fingerprints.md, `--check` says by its exit code whether it is there.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import io
import pickle
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from ithtel.provenance.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable

DOCS = Path(__file__).parents[1] / "docs" / "fingerprints.md"
START, END = "<!-- pairs: made by benchmarks/fingerprint_pairs.py --write -->\n", "<!-- /pairs -->"
FAR = 123_457


class Pair(NamedTuple):
    """Two values, and whether they are the same data."""

    name: str
    same: bool
    make: Callable[[], tuple[Any, Any]]


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def _changed(array: np.ndarray[Any, Any], place: int, value: Any) -> np.ndarray[Any, Any]:  # noqa: ANN401
    copy = array.copy()
    copy[place] = value
    return copy


def _frame(n: int = 6) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "nav": _rng().normal(1, 0.1, n),
            "lots": np.arange(n),
            "side": ["buy", "sell"] * (n // 2),
            "at": pd.date_range("2026-01-25", periods=n, freq="s", tz="Europe/Berlin"),
        }
    )


def _pickled(value: Any) -> tuple[Any, Any]:  # noqa: ANN401
    return value, pickle.loads(pickle.dumps(value))  # noqa: S301 - our own


def _parquet(frame: pd.DataFrame) -> tuple[Any, Any]:
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    buffer.seek(0)
    return frame, pd.read_parquet(buffer)


def _memmap() -> tuple[Any, Any]:
    array = _rng().normal(size=100)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "array"
        array.tofile(path)
        return array, np.memmap(path, np.float64, mode="r")


def _read_only() -> tuple[Any, Any]:
    array = np.arange(9.0)
    locked = array.copy()
    locked.flags.writeable = False
    return array, locked


def _blocks() -> tuple[Any, Any]:
    whole = pd.DataFrame(_rng().normal(size=(5, 3)), columns=list("abc"))
    return whole, pd.concat([whole[["a"]], whole[["b"]], whole[["c"]]], axis=1)


def _odd_nan() -> tuple[Any, Any]:
    array = np.array([1.0, np.nan, 2.0])
    odd = array.copy()
    odd.view(np.uint64)[1] = 0xFFF8_0000_0000_BEEF
    return array, odd


def _frames_with(change: Callable[[pd.DataFrame], pd.DataFrame], n: int = 6) -> Callable[[], tuple[Any, Any]]:
    return lambda: (_frame(n), change(_frame(n)))


def _series(*values: Any, **keywords: Any) -> pd.Series:  # noqa: ANN401
    series: pd.Series = pd.Series(list(values), **keywords)
    return series


def _copies() -> tuple[Any, Any]:
    one, other = (bytes([97, 98, 99]).decode() for _ in range(2))
    return [one, one], [one, other]


DIFFERENT: list[tuple[str, Callable[[], tuple[Any, Any]]]] = [
    ("shape: 6 against 2 by 3", lambda: (np.arange(6.0), np.arange(6.0).reshape(2, 3))),
    ("shape of nothing: 0 by 3 against 3 by 0", lambda: (np.empty((0, 3)), np.empty((3, 0)))),
    ("dtype: int32 against int64", lambda: (np.arange(6, dtype="i4"), np.arange(6, dtype="i8"))),
    ("dtype: zeros of float64 against int64", lambda: (np.zeros(6), np.zeros(6, "i8"))),
    ("dtype of a column: float32 against float64", lambda: (_series(1.0, 2.0, dtype="f4"), _series(1.0, 2.0))),
    ("transposed square matrix", lambda: (np.arange(9.0).reshape(3, 3), np.arange(9.0).reshape(3, 3).T)),
    ("element 123,457 of 200,000", lambda: (np.zeros(200_000), _changed(np.zeros(200_000), FAR, 1e-9))),
    ("row 123,457 of 200,000", _frames_with(lambda df: df.assign(nav=_changed(df.nav.to_numpy(), FAR, 0.0)), 200_000)),
    ("one text among 50,000", lambda: (
        pd.Series(["x"] * 50_000, dtype=object),
        pd.Series(_changed(np.array(["x"] * 50_000, object), 31_234, "y"), dtype=object),
    )),
    ("-0.0 against 0.0", lambda: (np.array([0.0, 1.0]), np.array([-0.0, 1.0]))),
    ("mask of a masked array", lambda: (
        np.ma.array([1, 2, 3], mask=[False, True, False]), np.ma.array([1, 2, 3], mask=[False, False, True]),
    )),
    ("masked 0 against 0", lambda: (np.ma.array([1, 0], mask=[False, True]), np.array([1, 0]))),
    ("unit: datetime64[s] against [ms]", lambda: (np.array(["2026"], "M8[s]"), np.array(["2026"], "M8[ms]"))),
    ("unit: 5 s against 5 ms", lambda: (np.array([5], "m8[s]"), np.array([5], "m8[ms]"))),
    ("instants against their integers", lambda: (np.array([5], "M8[s]"), np.array([5]))),
    ("time zone, same instants", _frames_with(lambda df: df.assign(at=df["at"].dt.tz_convert("UTC")))),
    ("an unused category", lambda: (
        _series("a", "b", dtype=pd.CategoricalDtype(["a", "b"])),
        _series("a", "b", dtype=pd.CategoricalDtype(["a", "b", "c"])),
    )),
    ("order of categories", lambda: (
        _series("a", "b", dtype=pd.CategoricalDtype(["a", "b"])),
        _series("a", "b", dtype=pd.CategoricalDtype(["b", "a"])),
    )),
    ("categories ordered or not", lambda: (
        _series("a", "b", dtype=pd.CategoricalDtype(["a", "b"])),
        _series("a", "b", dtype=pd.CategoricalDtype(["a", "b"], ordered=True)),
    )),
    ("values of the index", _frames_with(lambda df: df.set_axis(range(1, 7), axis=0))),
    ("name of the index", _frames_with(lambda df: df.rename_axis("bar"))),
    ("name of a column", _frames_with(lambda df: df.rename(columns={"nav": "NAV"}))),
    ("name of a Series", lambda: (_series(1, 2, name="a"), _series(1, 2, name="b"))),
    ("column 0 against column '0'", lambda: (pd.DataFrame({0: [1]}), pd.DataFrame({"0": [1]}))),
    ("order of rows", _frames_with(lambda df: df.iloc[::-1])),
    ("order of columns", _frames_with(lambda df: df[list(reversed(df.columns))])),
    ("two columns of one name, swapped", lambda: (
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame([[2, 1]], columns=["a", "a"]),
    )),
    ("'' against null", lambda: (_series("a", ""), _series("a", None, dtype="str"))),
    ("0 against null", lambda: (pd.array([1, 0], "Int64"), pd.array([1, None], "Int64"))),
    ("where the text is cut: 'ab','c' against 'a','bc'", lambda: (_series("ab", "c"), _series("a", "bc"))),
    ("text '1' against number 1", lambda: (_series("1", "x", dtype=object), _series(1, "x", dtype=object))),
    ("True against 1", lambda: ({"on": True}, {"on": 1})),
    ("list against tuple", lambda: ([1, 2], (1, 2))),
    ("closed side of intervals", lambda: (
        pd.interval_range(0, 3, closed="left"), pd.interval_range(0, 3, closed="right"),
    )),
    ("names of fields", lambda: (np.zeros(2, [("a", "f8")]), np.zeros(2, [("b", "f8")]))),
]  # fmt: skip

SAME: list[tuple[str, Callable[[], tuple[Any, Any]]]] = [
    ("C order, Fortran order", lambda: (
        np.arange(12.0).reshape(3, 4), np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    )),
    ("every second element, a copy of them", lambda: (np.arange(20.0)[::2], np.arange(20.0)[::2].copy())),
    ("byte order", lambda: (np.arange(6.0), np.arange(6.0).astype(">f8"))),
    ("read-only", _read_only),
    ("memory-mapped", _memmap),
    ("pickled array", lambda: _pickled(np.arange(6.0)[::2])),
    ("pickled frame", lambda: _pickled(_frame())),
    ("pickled objects", lambda: _pickled({"nav": np.arange(3.0), "of": ["a", ("b", None)]})),
    ("equal texts, one object or two", _copies),
    ("order of a dict's keys", lambda: ({"a": 1, "b": 2}, {"b": 2, "a": 1})),
    ("NaN of another payload", _odd_nan),
    ("blocks of a frame", _blocks),
    ("RangeIndex, the same as int64", _frames_with(lambda df: df.set_axis(pd.Index(np.arange(6)), axis=0))),
    ("a Parquet round trip", lambda: _parquet(_frame())),
    ("text in Python, in Arrow", lambda: (
        pd.array(["a", "é", None], pd.StringDtype("python")), pd.array(["a", "é", None], pd.StringDtype("pyarrow")),
    )),
    ("pandas, polars", lambda: (_frame(), pl.from_pandas(_frame()))),
    ("pandas, Arrow in chunks", lambda: (
        _frame(),
        pa.concat_tables(
            [pa.Table.from_pandas(_frame()[:2]), pa.Table.from_pandas(_frame()[2:].reset_index(drop=True))]
        ),
    )),
]  # fmt: skip

PAIRS = [
    *(Pair(name, same=False, make=make) for name, make in DIFFERENT),
    *(Pair(name, same=True, make=make) for name, make in SAME),
]


def ours(value: Any) -> str:  # noqa: ANN401
    """Return our fingerprint; raise where there is none."""
    event = fingerprint(value)
    if event.fingerprint is None:
        raise TypeError(event)
    return event.fingerprint


def of_joblib(value: Any) -> str:  # noqa: ANN401
    """Return joblib's hash."""
    return str(importlib.import_module("joblib").hash(value))


def of_pandas(value: Any) -> str:  # noqa: ANN401
    """Return a digest of pandas' hashes of rows or elements."""
    hashed = (
        pd.util.hash_array(value) if isinstance(value, np.ndarray) else pd.util.hash_pandas_object(value).to_numpy()
    )
    return hashlib.sha256(hashed.tobytes()).hexdigest()


def is_right(pair: Pair, hasher: Callable[[Any], str]) -> bool | None:
    """Return whether `hasher` distinguishes the pair, or not, as it should; None if it raises."""
    one, other = pair.make()
    try:
        return (hasher(one) == hasher(other)) == pair.same
    except Exception:  # noqa: BLE001 - what it does is the result
        return None


def table() -> str:
    """Return the verdicts as Markdown."""
    hashers = {"`joblib.hash`": of_joblib, "`hash_pandas_object`": of_pandas, "`fp1`": ours}
    words = {True: "right", False: "**wrong**", None: "raises"}
    lines = [f"| pair | should be | {' | '.join(hashers)} |", "|---" * (len(hashers) + 2) + "|"]
    wrong = dict.fromkeys(hashers, 0)
    for pair in PAIRS:
        verdicts = {name: is_right(pair, hasher) for name, hasher in hashers.items()}
        for name, verdict in verdicts.items():
            wrong[name] += verdict is not True
        cells = " | ".join(words[verdict] for verdict in verdicts.values())
        lines.append(f"| {pair.name} | {'equal' if pair.same else 'different'} | {cells} |")
    total = " | ".join(str(count) for count in wrong.values())
    lines.append(f"| **wrong or raises, of {len(PAIRS)}** | | {total} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Print the table, write it into the docs, or check that it is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    made = table()
    if not (options.write or options.check):
        print(made)
        return 0
    text = DOCS.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    wanted = f"{before}{START}{made}{END}{after}"
    if options.write:
        DOCS.write_text(wanted, encoding="utf-8")
    return int(text != wanted and not options.write)


if __name__ == "__main__":
    sys.exit(main())
