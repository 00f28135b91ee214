"""The format fp1, worked out again from docs/fingerprints.md with hashlib, json and struct alone."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import string
import struct
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse

from ithtel.provenance.fingerprint import fingerprint, fingerprint_array, fingerprint_frame

if TYPE_CHECKING:
    from collections.abc import Callable


def sha(*data: bytes) -> str:
    """Return the digest of bytes, end to end."""
    return hashlib.sha256(b"".join(data)).hexdigest()


def combined(*digests: str) -> str:
    """Return the digest of digests."""
    return sha(*(bytes.fromhex(digest) for digest in digests))


def header(*parts: Any) -> str:
    """Return the digits of a fingerprint: of kind, dtype, shape, names, sha256, parts."""
    text = json.dumps(parts, separators=(",", ":"), sort_keys=True)
    return sha(text.encode("ascii"))


def column(dtype: str, n: int, sha256: str, **parts: str) -> str:
    """Return the digits of the fingerprint of a column."""
    return header("array", dtype, [n], [], sha256, parts)


def test_an_array_of_floats() -> None:
    """Bytes, then the header."""
    data = struct.pack("<6d", 0, 1, 2, 3, 4, 5)
    expected = "fp1:sha256:" + header("array", "float64", [2, 3], [], sha(data), {})
    assert expected == fingerprint(np.arange(6.0).reshape(2, 3)).fingerprint


def test_null_floats() -> None:
    """NaN in place; the header has the digest of the bitmap."""
    data, bitmap = struct.pack("<2d", 1.5, float("nan")), bytes([0b01])
    expected = "fp1:sha256:" + column("float64", 2, sha(data), validity=sha(bitmap))
    assert expected == fingerprint(pd.array([1.5, None], "Float64")).fingerprint


def test_null_integers() -> None:
    """0 in place; the sha256 has the digest of the bitmap as well."""
    bitmap = sha(bytes([0b101, 0b10]))
    sha256 = combined(sha(struct.pack("<10h", 7, 0, 9, 0, 0, 0, 0, 0, 0, -1)), bitmap)
    values = pd.array([7, None, 9, *[None] * 6, -1], "Int16")
    assert sha256 == fingerprint_array(values).sha256
    assert "fp1:sha256:" + column("int16", 10, sha256, validity=bitmap) == fingerprint(values).fingerprint


def test_texts() -> None:
    """Lengths, bytes and bitmap, each digested."""
    bitmap = sha(bytes([0b1101]))
    sha256 = combined(sha(bytes([2, 0, 0, 1])), sha("éa".encode()), bitmap)
    values = pl.Series(["é", None, "", "a"])
    assert sha256 == fingerprint_array(values).sha256
    assert "fp1:sha256:" + column("string", 4, sha256, validity=bitmap) == fingerprint(values.to_arrow()).fingerprint


@pytest.mark.parametrize("column_of", [pa.array, pl.Series, pd.Series, lambda texts: pd.Series(texts, dtype=object)])
def test_lengths_of_long_texts(column_of: Callable[[list[str]], Any]) -> None:
    """A length of 255 or more takes nine bytes: 255, and itself."""
    texts = ["a" * 254, "b" * 255, "", "c" * 70_000, "d"]
    lengths = bytes([254]) + struct.pack("<Bq", 255, 255) + bytes([0]) + struct.pack("<Bq", 255, 70_000) + bytes([1])
    event = fingerprint_array(column_of(texts))
    assert combined(sha(lengths), sha("".join(texts).encode())) == event.sha256
    assert len(lengths) + len("".join(texts)) == event.size_bytes


def test_categories() -> None:
    """Codes and categories are columns by themselves."""
    codes = combined(sha(struct.pack("<3b", 1, 0, 0)), sha(bytes([0b011])))
    texts = combined(sha(bytes([1, 1])), sha(b"ab"))
    inner = column("int8", 3, codes, validity=sha(bytes([0b011]))), column("string", 2, texts)
    expected = "fp1:sha256:" + column("categorical[ordered]", 3, combined(*inner))
    assert expected == fingerprint(pd.Categorical(["b", "a", None], ["a", "b"], ordered=True)).fingerprint


def test_frames() -> None:
    """Columns, their names, the index and its names."""
    frame = pd.DataFrame({"a": [1.0, 2.0], 7: [3, 4]}, index=pd.Index([5, 6], name="i"))
    values = [sha(struct.pack("<2d", 1, 2)), sha(struct.pack("<2q", 3, 4)), sha(struct.pack("<2q", 5, 6))]
    columns = [column("float64", 2, values[0]), column("int64", 2, values[1])]
    index = [column("int64", 2, values[2])]
    sha256 = combined(values[0], values[1])
    expected = header("frame", "", [2, 2], [["a", 7], [], ["i"]], sha256, {"columns": columns, "index": index})
    event = fingerprint_frame(frame)
    assert ("fp1:sha256:" + expected, sha256) == (event.fingerprint, event.sha256)
    bare = header("frame", "", [2, 2], [["a", 7], [], []], sha256, {"columns": columns, "index": []})
    assert "fp1:sha256:" + bare == fingerprint(frame.reset_index(drop=True)).fingerprint


def test_series_and_indexes() -> None:
    """A Series is values, a name and an index; an Index is levels and their names."""
    sha256 = sha(struct.pack("<2d", 1, 2))
    parts = {"values": column("float64", 2, sha256), "index": []}
    expected = "fp1:sha256:" + header("series", "float64", [2], ["nav", []], sha256, parts)
    assert expected == fingerprint(pd.Series([1.0, 2.0], name="nav")).fingerprint
    index = header("index", "float64", [2], ["t"], sha256, {"index": [column("float64", 2, sha256)]})
    assert "fp1:sha256:" + index == fingerprint(pd.Index([1.0, 2.0], name="t")).fingerprint


def test_objects() -> None:
    """Tokens: leaves as text, containers as digests."""
    inner = b"t" + hashlib.sha256(b"T" + b"N" + b"i-ff;").digest()
    value = b"l" + hashlib.sha256(b"s2:\xc3\xa9" + b"f" + struct.pack("<d", 0.5) + inner).digest()
    entries = sorted([b"s1:k" + value, b"i1;" + b"b1:x"])
    token = b"d" + hashlib.sha256(b"".join(entries)).digest()
    expected = "fp1:sha256:" + header("object", "", [], [], sha(token), {})
    assert expected == fingerprint({"k": ["é", 0.5, (True, None, -255)], 1: b"x"}).fingerprint


def text_token(text: str) -> bytes:
    return f"s{len(text)}:{text}".encode()


def dict_token(**items: bytes) -> bytes:
    """Return the token of a dict of text to tokens."""
    entries = sorted(text_token(name) + token for name, token in items.items())
    return b"d" + hashlib.sha256(b"".join(entries)).digest()


def test_an_object_by_its_state() -> None:
    """Class and attributes."""
    kind = b"x" + text_token("class") + text_token("string.Template") + text_token("") + b";"
    token = b"j" + dict_token(**{"class": kind, "state": dict_token(template=text_token("$a"))})
    expected = "fp1:sha256:" + header("object", "", [], [], sha(token), {})
    assert expected == fingerprint(string.Template("$a")).fingerprint


def test_a_cycle() -> None:
    """The template that holds itself: two dicts and itself up."""
    kind = b"x" + text_token("class") + text_token("string.Template") + text_token("") + b";"
    state = dict_token(template=text_token("$a"), inner=b"r3;")
    token = b"j" + dict_token(**{"class": kind, "state": state})
    value = string.Template("$a")
    value.inner = value  # type: ignore[attr-defined]
    assert "fp1:sha256:" + header("object", "", [], [], sha(token), {}) == fingerprint(value).fingerprint


def test_a_partial() -> None:
    """It stands for its function, arguments, keywords and attributes."""
    function = b"x" + b"".join(map(text_token, ("builtin", "builtins", "max", ""))) + b";"
    empty = b"d" + hashlib.sha256().digest()
    arguments = b"t" + hashlib.sha256(b"i1;").digest()
    parts = b"t" + hashlib.sha256(function + arguments + empty + empty).digest()
    token = b"m" + dict_token(**{"": text_token("partial"), "parts": parts})
    expected = "fp1:sha256:" + header("object", "", [], [], sha(token), {})
    assert expected == fingerprint(functools.partial(max, 1)).fingerprint


def test_a_derived_table() -> None:
    """The class is in the kind, what it keeps in the parts; labels of another type than their values imply too."""

    class Mapped(pd.DataFrame):
        _metadata = ["crs"]  # noqa: RUF012 - as pandas wants it
        crs: str

    frame = Mapped([[1.0]], columns=pd.Index([0], dtype="int32"))
    frame.crs = "x"
    sha256 = sha(struct.pack("<d", 1))
    parts: dict[str, Any] = {"columns": [column("float64", 1, sha256)], "index": [], "labels": ["int32"]}
    parts["attributes"] = sha(dict_token(crs=text_token("x")))
    kind = f"frame:{Mapped.__module__}.{Mapped.__qualname__}"
    expected = header(kind, "", [1, 1], [[0], [], []], combined(sha256), parts)
    assert "fp1:sha256:" + expected == fingerprint(frame).fingerprint


def test_an_object_array() -> None:
    """The tokens of the elements, end to end."""
    sha256 = sha(b"i1;" + b"s1:a" + b"N")
    expected = "fp1:sha256:" + column("object", 3, sha256)
    assert expected == fingerprint(np.array([1, "a", None], object)).fingerprint


FROZEN: dict[str, tuple[Any, str]] = {
    "bool": (np.array([True, False]), "1311575a2c70b08c0d948607e1c69ae7"),
    "float32 with NaN": (np.array([1, np.nan, -0.0], "f4"), "afde00697f37d0adca1d64be8a1998a7"),
    "complex": (np.array([1 + 2j]), "53c053d4a76a291bdd1a861a988d169c"),
    "0-d": (np.array(3.0), "7397c39bc9001b77096583c13d3bf3b4"),
    "empty": (np.empty((0, 3)), "09c8dbf7a116a525b3f05bab46c98acf"),
    "datetime64": (np.array(["2026-01-25", "NaT"], "M8[s]"), "71f8f2cafa6f03db16e97b8c4e0c2526"),
    "U": (np.array(["ab", "c"]), "0f934dc85a6f05aa4388173e5aa0828d"),
    "records": (np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")]), "4b075d7ec384f063215a3a514f52c86e"),
    "masked": (np.ma.array([1, 2], mask=[False, True]), "3f688d31b85e1e81372c2dd426d576d9"),
    "zoned": (
        pd.Series(pd.to_datetime(["2026-01-25"]).as_unit("us").tz_localize("Europe/Berlin"), name="at"),
        "1be494de86ff7407ff5958c1986701e5",
    ),
    "period": (pd.period_range("2026-01", periods=2, freq="M"), "b1fd808eca66acdeda6fc5c1617b8d12"),
    "interval": (pd.interval_range(0, 2), "0dbe8132f0599773efbf2c8306d52083"),
    "levels": (pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", None]), "bb8a7fad2abb1f5b4931db8f25bd11d3"),
    "frame": (pd.DataFrame({"nav": [1.0, 1.5], "side": ["buy", None]}), "d7b07b9e7527d98c7b161109df98d4a0"),
    "duplicate names": (pd.DataFrame([[1, 2]], columns=["a", "a"]), "1e20933f865b6156d28cc12070306223"),
    "lists": (pl.Series("l", [[1, 2], None, []]), "d38b291d1683a7163c8871cc3b6d2bd5"),
    "records of polars": (pl.Series("s", [{"a": 1, "b": "x"}, None]), "c2c5450be42cf10f25ef9ac167a6f9b1"),
    "decimal column": (pa.array([Decimal("1.50")], pa.decimal128(10, 2)), "48922e921ba5d7a973c1e9b245d49698"),
    "days": (pa.array([dt.date(2026, 1, 25), None]), "bd7ff0f628397faa17f952300ea308c7"),
    "sparse": (scipy.sparse.csr_array(np.array([[0.0, 2.0], [1.0, 0.0]])), "1d18b86d0ac85a5f872903715a437444"),
    "None": (None, "ed73dab1597e3fcdcfb4e3c78fefe05c"),
    "text": ("nav", "dfa1a95e799c3560f21b5bb5b69eba9a"),
    "list": ([1, 2.5, "a", None, True, b"x"], "6c915d80360cd61fecb0e6dddb057337"),
    "set": ({1, 2, 3}, "8859ccadb76956f29ebe31d93ffd93eb"),
    "mixed dict": ({"a": (1, [2]), "nav": np.arange(3.0)}, "f96771f2929baa11f24d47c44f2d5d57"),
    "datetime": (dt.datetime(2026, 1, 25, 14, 30, tzinfo=dt.UTC), "c9caf8c28710f405e78b2580942ec2c7"),
    "Decimal": (Decimal("1.50"), "9d35d67127ba22d01ba1b3b4fe79d7d8"),
    "NumPy scalar": (np.float64(1.5), "d97371d1e3fca6506cec24f04e289cf1"),
    "Timestamp": (pd.Timestamp("2026-01-25", tz="UTC").as_unit("us"), "b2cca36160d02783ddcf17284b1bc8d5"),
}


@pytest.mark.parametrize("name", FROZEN)
def test_frozen(name: str) -> None:
    """What fp1 is does not change; a change is fp2."""
    value, expected = FROZEN[name]
    assert "fp1:sha256:" + expected == str(fingerprint(value).fingerprint)[: len("fp1:sha256:") + len(expected)]
