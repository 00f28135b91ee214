from __future__ import annotations

import datetime as dt
import hashlib
import io
import pickle
import sys
from decimal import Decimal
from typing import Any

import hypothesis.extra.pandas as hpd
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import share
from ithtel.events import ArrayFingerprint, FrameFingerprint
from ithtel.provenance.fingerprint import as_mapping, fingerprint, fingerprint_array, fingerprint_frame

quick = settings(max_examples=share(25), deadline=None)
TEXT = st.text(max_size=5) | st.none()
INSTANTS = st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)) | st.none()  # noqa: DTZ001 - without a zone
COLUMNS = st.integers(0, 12).flatmap(
    lambda n: st.fixed_dictionaries(
        {
            "floats": st.lists(st.floats(width=64) | st.none(), min_size=n, max_size=n),
            "ints": st.lists(st.integers(-(2**63), 2**63 - 1), min_size=n, max_size=n),
            "nullable": st.lists(st.integers(-5, 5) | st.none(), min_size=n, max_size=n),
            "flags": st.lists(st.booleans(), min_size=n, max_size=n),
            "texts": st.lists(TEXT, min_size=n, max_size=n),
            "instants": st.lists(INSTANTS, min_size=n, max_size=n),
            "kinds": st.lists(st.sampled_from(["a", "b", "é"]) | st.none(), min_size=n, max_size=n),
        }
    )
)


def frame_of(data: dict[str, list[Any]]) -> pd.DataFrame:
    """Return a frame with a column of each usual type."""
    return pd.DataFrame(
        {
            "floats": pd.array(data["floats"], "float64"),
            "ints": np.array(data["ints"], "i8"),
            "nullable": pd.array(data["nullable"], "Int64"),
            "flags": np.array(data["flags"], bool),
            "texts": pd.array(data["texts"], "str"),
            "objects": pd.Series(data["texts"], dtype=object),
            "instants": pd.Series(data["instants"], dtype="datetime64[us]"),
            "zoned": pd.Series(data["instants"], dtype="datetime64[us]").dt.tz_localize("UTC"),
            "kinds": pd.Categorical(data["kinds"], categories=["a", "b", "é"]),
        }
    )


@quick
@given(COLUMNS)
def test_pandas_polars_and_arrow_agree(data: dict[str, list[Any]]) -> None:
    """A table is the same in three libraries, column by column and as a whole, null and NaN included."""
    frame = frame_of(data)
    if not len(frame) or not any(text is not None for text in data["texts"]):
        frame = frame.drop(columns="objects")  # without a text nothing says that it is a column of texts
    ours, arrow = fingerprint_frame(frame), fingerprint_frame(pa.Table.from_pandas(frame))
    assert ours.columns == arrow.columns
    assert ours.fingerprint == arrow.fingerprint
    polars = fingerprint_frame(pl.from_pandas(frame.drop(columns="kinds")))
    assert fingerprint_frame(frame.drop(columns="kinds")).fingerprint == polars.fingerprint


@quick
@given(COLUMNS, st.integers(1, 4))
def test_chunks_slices_and_views_do_not_show(data: dict[str, list[Any]], size: int) -> None:
    """Chunks, offsets into buffers and Arrow's other encodings of the same type make no difference."""
    frame = frame_of(data)
    table = pa.Table.from_pandas(frame)
    chunks = [table.slice(start, size) for start in range(0, len(frame), size)]
    assert fingerprint(table) == fingerprint(pa.concat_tables([*chunks, table.slice(0, 0)]))
    large = table.set_column(4, "texts", table["texts"].cast(pa.large_string()))
    assert fingerprint(table) == fingerprint(large)
    again = pd.concat([frame.iloc[start : start + size] for start in range(0, len(frame), size)] or [frame])
    assert fingerprint(frame) == fingerprint(again)


@quick
@given(COLUMNS)
def test_round_trips(data: dict[str, list[Any]]) -> None:
    """Pickling, Parquet and a copy in other blocks give the same frame."""
    frame = frame_of(data).drop(columns="objects")
    expected = fingerprint(frame)
    assert expected == fingerprint(pickle.loads(pickle.dumps(frame)))  # noqa: S301 - our own
    assert expected == fingerprint(frame.copy())
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    buffer.seek(0)
    read = pd.read_parquet(buffer)
    if list(read["kinds"].cat.categories) == ["a", "b", "é"]:  # Parquet keeps the categories that are used
        assert expected == fingerprint(read)
    else:
        assert fingerprint(frame.drop(columns="kinds")) == fingerprint(read.drop(columns="kinds"))


@quick
@given(COLUMNS, st.data())
def test_one_changed_cell_is_seen_in_its_column(data: dict[str, list[Any]], draw: st.DataObject) -> None:
    """Another value anywhere changes its column and the frame, and no other column."""
    frame = frame_of(data)
    if not len(frame):
        return
    name = draw.draw(st.sampled_from(["floats", "ints", "nullable", "flags", "texts", "instants", "kinds"]))
    row = draw.draw(st.integers(0, len(frame) - 1))
    values = {
        "floats": -7.25,
        "ints": 1,
        "nullable": 9,
        "texts": "?",
        "instants": pd.Timestamp(2026, 1, 25),
        "kinds": "b",
    }
    other = frame.copy()
    value = not data["flags"][row] if name == "flags" else values[name]
    before = other.loc[row, name]
    other.loc[row, name] = value
    one, two = fingerprint_frame(frame), fingerprint_frame(other)
    differing = {column for column in one.columns if one.columns[column] != two.columns[column]}
    expected = set() if not pd.isna(before) and before == value else {name}
    assert expected == differing
    assert (one.fingerprint == two.fingerprint) == (not expected)


@quick
@given(hpd.series(dtype=float, index=hpd.range_indexes()), st.text(max_size=3))
def test_a_series_has_a_name_and_an_index(series: pd.Series, name: str) -> None:
    """Name and index belong to a Series; its sha256 is that of the values alone."""
    one, other = fingerprint_array(series.rename(name)), fingerprint_array(series.rename(name + "x"))
    assert one.fingerprint != other.fingerprint
    assert one.sha256 == other.sha256
    values = series.to_numpy().copy()
    values[np.isnan(values)] = np.nan
    assert hashlib.sha256(values.tobytes()).hexdigest() == one.sha256
    moved = fingerprint_array(series.set_axis(np.arange(1, len(series) + 1)))
    assert (moved.fingerprint == fingerprint(series).fingerprint) == (len(series) == 0)


NESTED: dict[str, list[Any]] = {
    "list": [[1, 2], None, [], [None, 3]] * 3,
    "struct": [{"a": 1, "b": "x"}, {"a": None, "b": "y"}, None, {"a": 2, "b": None}] * 3,
    "deep": [[{"a": [1.5]}], None, [], [{"a": []}, {"a": [2.0, None]}]] * 3,
    "bytes": [b"a", None, b"", b"\0\xff"] * 3,
    "day": [dt.date(2026, 1, 25), None, dt.date(1900, 1, 1), dt.date(2026, 1, 26)] * 3,
    "time": [dt.time(1, 2, 3), None, dt.time(0), dt.time(23, 59)] * 3,
    "span": [dt.timedelta(1), None, dt.timedelta(0), dt.timedelta(seconds=-1)] * 3,
    "none": [None] * 12,
    "decimal": [Decimal("1.50"), None, Decimal("-2.00"), Decimal("0.01")] * 3,
    "zoned": [dt.datetime(2026, 1, 25, tzinfo=dt.UTC), None] * 6,
}


@pytest.mark.parametrize("name", NESTED)
def test_nested_types_agree(name: str) -> None:
    """Lists, structs, bytes, days, times, decimals are the same in polars, Arrow and pandas' Arrow columns."""
    polars = pl.DataFrame({name: NESTED[name]})
    arrow = polars.to_arrow()
    expected = fingerprint_frame(polars)
    assert expected.columns == fingerprint_frame(arrow).columns
    assert expected.columns == fingerprint_frame(pl.concat([polars[:5], polars[5:]], rechunk=False)).columns
    frame = pd.DataFrame({name: pd.array(arrow[name], dtype=pd.ArrowDtype(arrow[name].type))})
    assert expected.fingerprint == fingerprint(frame).fingerprint
    assert expected.columns != fingerprint_frame(polars.reverse()).columns or name == "none"


def test_categories_agree() -> None:
    """Pandas' Categorical, Arrow's dictionary and polars' Enum of the same categories are the same."""
    values = ["b", None, "a", "b"] * 5
    expected = fingerprint(pd.DataFrame({"c": pd.Categorical(values, categories=["a", "b", "z"])})).fingerprint
    dictionary = pa.DictionaryArray.from_arrays(pa.array([1, None, 0, 1] * 5, pa.int32()), ["a", "b", "z"])
    assert expected == fingerprint(pa.table({"c": dictionary})).fingerprint
    assert expected == fingerprint(pl.DataFrame({"c": pl.Series(values, dtype=pl.Enum(["a", "b", "z"]))})).fingerprint
    shown = fingerprint(pl.Series("c", values, dtype=pl.Categorical))
    assert shown.fingerprint == fingerprint(pd.Series(pd.Categorical(values, ["b", "a"]), name="c")).fingerprint
    chunked = pa.chunked_array([pa.array(["b", None]).dictionary_encode(), pa.array(["a", "b"]).dictionary_encode()])
    assert fingerprint(chunked) == fingerprint(pa.array(["b", None, "a", "b"]).dictionary_encode())


def test_many_categories() -> None:
    """Codes are as wide as the number of categories asks for, not as they are stored."""
    for n in (127, 128, 40_000):
        labels = np.arange(n)
        wide = pa.DictionaryArray.from_arrays(pa.array(labels, pa.int64()), labels)
        assert fingerprint(pd.Categorical(labels)).fingerprint == fingerprint(wide).fingerprint


def test_null_and_nan() -> None:
    """NaN in a float column of pandas is null, as pandas has it; elsewhere null and NaN are two things."""
    pandas = fingerprint_array(pd.array([1.0, np.nan], "float64"))
    null, nan = fingerprint_array(pa.array([1.0, None])), fingerprint_array(pa.array([1.0, float("nan")]))
    assert pandas == null
    assert null.fingerprint != nan.fingerprint
    assert null.sha256 == nan.sha256 == hashlib.sha256(np.array([1.0, np.nan]).tobytes()).hexdigest()
    assert fingerprint(np.array([1.0, np.nan])) == nan
    assert [1, 1] == [null.n_nans, nan.n_nans]
    both = pl.Series([1.0, None, float("nan")])
    assert fingerprint_array(both).n_nans == 2


def test_null_is_not_what_lies_under_it() -> None:
    """The bytes of a buffer where null is do not count."""
    bits = pa.py_buffer(bytes([0b101]))
    numbers = [pa.Array.from_buffers(pa.int32(), 3, [bits, pa.py_buffer(np.array([1, x, 3], "i4"))]) for x in (0, 9)]
    assert fingerprint(numbers[0]) == fingerprint(numbers[1])
    offsets = [pa.py_buffer(np.array(ends, "i4")) for ends in ([0, 1, 1, 2], [0, 1, 4, 5])]
    texts = [
        pa.Array.from_buffers(pa.string(), 3, [bits, ends, pa.py_buffer(data)])
        for ends, data in zip(offsets, (b"ab", b"a___b"), strict=True)
    ]
    assert fingerprint(texts[0]) == fingerprint(texts[1])


def test_names_are_unambiguous() -> None:
    """Repeated names get #2, #3; names that are not text, and several levels of names, belong to the fingerprint."""
    frame = pd.DataFrame([[1, 2, 3, 4]], columns=["a", "a", "a#2", 1])
    assert ["a", "a#3", "a#2", "1"] == list(fingerprint_frame(frame).columns)
    one = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)]))
    other = one.set_axis(pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]), axis=1)
    named = one.rename_axis(columns=["x", None])  # type: ignore[list-item]
    assert len({fingerprint(each).fingerprint for each in (one, other, named)}) == 3
    assert list(fingerprint_frame(one).columns) == ["('a', 1)", "('a', 2)"]
    dates = pd.DataFrame([[1]], columns=pd.to_datetime(["2026-01-25"]))
    assert fingerprint(dates).fingerprint not in (None, fingerprint(dates.set_axis(["2026-01-25"], axis=1)).fingerprint)


def test_an_index_that_counts_the_rows_is_none() -> None:
    """RangeIndex, the same int64 index, and no index at all are one; any other index is part of the fingerprint."""
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
    expected = fingerprint(pa.table({"a": [1.0, 2.0, 3.0]})).fingerprint
    assert expected == fingerprint(frame).fingerprint == fingerprint(frame.set_axis([0, 1, 2])).fingerprint
    others = [
        frame.set_axis(pd.RangeIndex(1, 4)), frame.set_axis(pd.RangeIndex(0, 6, 2)), frame.rename_axis("a"),
        frame.set_axis(np.array([0, 1, 2], "i4")), frame.set_axis(["0", "1", "2"]), frame.set_axis([0, 2, 1]),
    ]  # fmt: skip
    assert len({expected, *(fingerprint(other).fingerprint for other in others)}) == 7
    assert fingerprint(frame.set_axis(pd.RangeIndex(1, 4))) == fingerprint(frame.set_axis([1, 2, 3]))
    assert [1, 2, 3] != fingerprint_frame(frame).index[0].range
    assert [0, 2] == fingerprint_frame(frame).index[0].range


def test_indexes_of_several_levels() -> None:
    """Levels count by value, whatever unused labels they carry; each has a digest of its own."""
    index = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", "y"])
    frame = pd.DataFrame({"v": range(8)}, index=index.append(index.set_levels([5, 6], level="y")))
    part = frame.iloc[:4]
    assert fingerprint(part) == fingerprint(part.set_axis(index))
    assert [level.name for level in fingerprint_frame(part).index] == ["x", "y"]
    event = fingerprint(index)
    assert isinstance(event, FrameFingerprint)
    assert event.fingerprint != fingerprint(index.set_names(["x", "z"])).fingerprint
    assert isinstance(fingerprint(index.get_level_values(0)), ArrayFingerprint)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pd.period_range("2026", periods=3, freq="M"), pd.period_range("2026", periods=3, freq="D")),
        (pd.interval_range(0, 3), pd.interval_range(0.0, 3.0)),
        (pd.interval_range(0, 30), pd.interval_range(0, 30, closed="both")),
        (pd.arrays.SparseArray([0, 0, 1]), pd.arrays.SparseArray([0, 0, 2])),
        (pd.arrays.SparseArray([0, 0, 1]), np.array([0, 0, 1])),
        (pd.array([True, None], "boolean"), pd.array([False, None], "boolean")),
        (pd.array([1.5, None], "Float64"), pd.array([1.5, 0], "Float64")),
        (pd.array([1.5, None], "Float32"), pd.array([1.5, None], "Float64")),
        (pd.to_datetime(["2026"]).tz_localize("UTC"), pd.to_datetime(["2026"]).tz_localize("Europe/Berlin")),
        (pd.to_timedelta([1], unit="s"), pd.to_timedelta([1], unit="s").as_unit("ms")),
        (pd.Series([1, "a"], dtype=object), pd.Series([1.0, "a"], dtype=object)),
        (pd.Series([None, 1], dtype=object), pd.Series([pd.NaT, 1], dtype=object)),
        (pd.Series([b"a"], dtype=object), pd.Series(["a"], dtype=object)),
        (pa.array([1, 2], pa.time32("s")), pa.array([1, 2], pa.duration("s"))),
        (pa.array([b"ab"], pa.binary(2)), pa.array([b"ab"])),
        (pa.array([[1, 2]], pa.list_(pa.int64(), 2)), pa.array([[1, 2]])),
        (pa.scalar(1), pa.array([1])),
        (pl.Series("a", [1]), pl.Series("b", [1])),
    ],
)
def test_extension_types_are_told_apart(one: object, other: object) -> None:
    """Each of these has a fingerprint, the same again after pickling, and another than its neighbour."""
    assert fingerprint(one).fingerprint is not None
    assert fingerprint(one).fingerprint != fingerprint(other).fingerprint
    assert fingerprint(one) == fingerprint(pickle.loads(pickle.dumps(one)))  # noqa: S301 - our own


def test_a_sparse_array_in_pandas_by_value() -> None:
    """Nulls, numbers and texts of fixed types come out of sparse and masked arrays block by block."""
    sparse = pd.arrays.SparseArray(np.where(np.arange(200_000) % 1_000, 0.0, 2.5), fill_value=0.0)
    event = fingerprint_array(sparse)
    assert hashlib.sha256(np.asarray(sparse).tobytes()).hexdigest() == event.sha256
    masked = pd.array(np.arange(200_000), "Int64")
    masked[123_457] = pd.NA
    assert fingerprint_array(masked).n_nans == 1
    assert fingerprint(masked) == fingerprint(pa.array(masked))


def test_sparse_matrices_by_value() -> None:
    """Format, order of entries, entries given twice and stored zeros make no difference; a value does."""
    matrix = scipy.sparse.random(30, 20, 0.2, random_state=0, format="csr")
    expected = fingerprint(matrix)
    for other in ("csc", "coo", "bsr", "lil", "dok"):
        assert expected == fingerprint(matrix.asformat(other))
    twice = scipy.sparse.coo_array(([1.0, 2.0, 0.0], ([5, 5, 6], [1, 1, 1])), shape=(30, 20))
    once = scipy.sparse.csr_array(([3.0], ([5], [1])), shape=(30, 20))
    assert fingerprint(twice) == fingerprint(once)
    assert fingerprint(once) != fingerprint(once * 2)
    assert fingerprint(once) != fingerprint(scipy.sparse.csr_array(([3.0], ([5], [1])), shape=(30, 21)))
    assert twice.nnz == 3


def test_large_frames_on_several_cores() -> None:
    """Columns taken in parallel give the same as one by one."""
    n = 120_000
    frame = pd.DataFrame({
        "f": np.random.default_rng(0).normal(size=n), "i": np.arange(n), "s": ["a", "bcd"] * (n // 2),
        "o": pd.Series(["é", None] * (n // 2), dtype=object), "c": pd.Categorical(["x", "y", "z"] * (n // 3)),
    })  # fmt: skip
    whole = fingerprint_frame(frame)
    for name in frame:
        assert whole.columns[name] == fingerprint_frame(frame[[name]]).columns[name]


def test_a_column_without_a_form_names_itself() -> None:
    """A frame with a column of open files has no fingerprint, and the reason names the column and the row."""
    event = fingerprint(pd.DataFrame({"a": [1, 2], "f": [1, sys.__stdout__]}))
    assert as_mapping(event)["reason"] == "column 'f': at [1]: it stands for an open file"
    assert event.fingerprint is None


def test_a_frame_sample() -> None:
    """A sample of a frame says so in every column."""
    frame = pd.DataFrame({"a": range(100), "b": ["x"] * 100})
    tables = [frame, pa.Table.from_pandas(frame), pl.from_pandas(frame)]
    for table in tables:
        event = fingerprint(table, sample=10)
        assert isinstance(event, FrameFingerprint)
        assert [100, 2] == event.shape
        assert {"10 of 100 rows, evenly taken"} == {column.sampled for column in event.columns.values()}
        assert event.fingerprint != fingerprint(table).fingerprint


def test_nothing_is_changed_or_kept() -> None:
    """Fingerprinting a frame leaves it as it was, flags and caches included."""
    frame = frame_of({
        "floats": [1.0, None], "ints": [1, 2], "nullable": [1, None], "flags": [True, False], "texts": ["a", None],
        "instants": [None, None], "kinds": ["a", None],
    })  # fmt: skip
    before = frame.copy(deep=True)
    fingerprint(frame)
    assert "_data" not in vars(frame.index).get("_cache", {})
    pd.testing.assert_frame_equal(before, frame)


def test_without_rows_or_columns() -> None:
    """Empty tables have fingerprints, and shape and names tell them apart."""
    empty = [
        pd.DataFrame(), pd.DataFrame(index=range(3)), pd.DataFrame({"a": []}), pd.DataFrame({"b": []}),
        pd.DataFrame({"a": pd.Series([], dtype="i8")}), pa.table({"a": pa.array([], pa.string())}),
        pl.DataFrame({"a": pl.Series([], dtype=pl.List(pl.Int64))}), pd.Series([], dtype=float), pd.Index([]),
    ]  # fmt: skip
    prints = [fingerprint(each).fingerprint for each in empty]
    assert None not in prints
    assert len(set(prints)) == len(prints)


def test_the_wrong_kind_is_an_error_here() -> None:
    """fingerprint_frame of something else names what it got."""
    with pytest.raises(ValueError, match=r"^expected a DataFrame or Table, got int$"):
        fingerprint_frame(1)
    with pytest.raises(ValueError, match=r"^expected an array, got a table of shape \(1, 1\)$"):
        fingerprint_array(pl.DataFrame({"a": [1]}))


class Measured(pd.Series):
    """A Series with a unit."""

    _metadata = ("unit",)
    unit: str

    @property
    def _constructor(self) -> type[Measured]:
        return Measured


class Mapped(pd.DataFrame):
    """A table with a reference system."""

    _metadata = ["crs"]  # noqa: RUF012 - as pandas wants it
    crs: str | None


def mapped(crs: str | None) -> Mapped:
    made = Mapped({"a": [1]})
    made.crs = crs
    return made


def measured(unit: str) -> Measured:
    made = Measured([1.0])
    made.unit = unit
    return made


LABELLED: dict[str, tuple[Any, Any]] = {
    "what a derived table keeps": (mapped("a"), mapped("b")),
    "a derived table": (mapped(None), pd.DataFrame({"a": [1]})),
    "what a derived Series keeps": (measured("m"), measured("km")),
    "instants and objects as columns": (
        pd.DataFrame([[1]], columns=pd.to_datetime(["2020"])),
        pd.DataFrame([[1]], columns=pd.Index([pd.Timestamp("2020")], dtype=object)),
    ),
    "categories and text as columns": (
        pd.DataFrame([[1]], columns=pd.CategoricalIndex(["a"])),
        pd.DataFrame([[1]], columns=["a"]),
    ),
    "width of integers as columns": (
        pd.DataFrame([[1]], columns=pd.Index([0], dtype="int32")),
        pd.DataFrame([[1]], columns=[0]),
    ),
    "frequency of Arrow's periods": (
        pa.array(pd.period_range("1970-01-02", periods=1, freq="D")),
        pa.array(pd.period_range("1970-02", periods=1, freq="M")),
    ),
    "closed end of Arrow's intervals": (
        pa.array(pd.arrays.IntervalArray.from_breaks([0, 1], closed="left")),
        pa.array(pd.arrays.IntervalArray.from_breaks([0, 1], closed="right")),
    ),
    "polars' 128-bit integers": (
        pl.Series([1, 2**100], dtype=pl.Int128),
        pl.Series([1, 2**100 + 1], dtype=pl.Int128),
    ),
    "polars' null of 128 bits and 0": (pl.Series([None], dtype=pl.UInt128), pl.Series([0], dtype=pl.UInt128)),
}


@pytest.mark.parametrize("name", LABELLED)
def test_tables_that_differ_beside_their_values_differ(name: str) -> None:
    """In what a derived class keeps, in the type of the columns' labels, in parameters of a type."""
    one, other = (fingerprint(value).fingerprint for value in LABELLED[name])
    assert None not in (one, other)
    assert one != other
