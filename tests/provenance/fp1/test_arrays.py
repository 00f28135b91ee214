from __future__ import annotations

import hashlib
import pickle
import sys
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from examples import share
from ithtel.provenance.fingerprint import as_mapping, fingerprint, fingerprint_array, method_of, take
from ithtel.provenance.fp1 import blocks, digest

DTYPES = st.one_of(
    hnp.boolean_dtypes(), hnp.integer_dtypes(), hnp.unsigned_integer_dtypes(), hnp.floating_dtypes(),
    hnp.complex_number_dtypes(), hnp.datetime64_dtypes(), hnp.timedelta64_dtypes(),
    hnp.byte_string_dtypes(min_len=1), hnp.unicode_string_dtypes(min_len=1),
)  # fmt: skip
ARRAYS = hnp.arrays(
    DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5),
    elements={"allow_subnormal": False},
)  # fmt: skip
ORDINARY = hnp.arrays(
    st.one_of(hnp.integer_dtypes(endianness="<"), hnp.floating_dtypes(endianness="<", sizes=[32, 64])),
    hnp.array_shapes(min_dims=0, min_side=0, max_side=6), elements={"allow_nan": False, "allow_subnormal": False},
)  # fmt: skip
quick = settings(max_examples=share(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def plain(array: np.ndarray[Any, Any]) -> str:
    """Return the sha256 of the bytes, as anyone would take it."""
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def layouts(array: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
    """Return the same values in other memory."""
    swapped = array.astype(array.dtype.newbyteorder())
    if not array.ndim:
        return [array.copy(), swapped, np.repeat(array[np.newaxis], 4)[::2][1:].reshape(())]
    strided = np.empty(tuple(2 * n for n in array.shape), array.dtype)
    every_second = strided[tuple(slice(None, None, 2) for _ in array.shape)]
    every_second[...] = array
    reverse = np.flip(np.flip(array).copy())
    locked = array.copy()
    locked.flags.writeable = False
    return [np.asfortranarray(array), every_second, reverse, locked, swapped, pickle.loads(pickle.dumps(array))]  # noqa: S301


@quick
@given(ARRAYS)
def test_no_layout_changes_anything(array: np.ndarray[Any, Any]) -> None:
    """Order, strides, byte order, the read-only flag and pickling make no difference, in no field."""
    expected = fingerprint(array)
    assert expected.fingerprint is not None
    for other in layouts(array):
        assert expected == fingerprint(other)


@quick
@given(ARRAYS, st.data())
def test_one_flipped_element_is_seen(array: np.ndarray[Any, Any], data: st.DataObject) -> None:
    """Any element that changes changes the fingerprint and the sha256."""
    if not array.size:
        return
    place = data.draw(st.integers(0, array.size - 1))
    changed = array.copy()
    value = data.draw(hnp.from_dtype(array.dtype, allow_subnormal=False))
    changed.flat[place] = value
    one, other = array.flat[place : place + 1], changed.flat[place : place + 1]
    pairs = [(one.real, other.real), (one.imag, other.imag)] if array.dtype.kind == "c" else [(one, other)]
    same = all(a.tobytes() == b.tobytes() or bool(a[0] != a[0] and b[0] != b[0]) for a, b in pairs)
    assert same == (fingerprint(array).fingerprint == fingerprint(changed).fingerprint)
    assert same == (fingerprint_array(array).sha256 == fingerprint_array(changed).sha256)


@quick
@given(ORDINARY)
def test_anyone_can_check_the_digest(array: np.ndarray[Any, Any]) -> None:
    """The sha256 of an ordinary array is that of its bytes."""
    assert plain(array) == fingerprint_array(array).sha256


@pytest.mark.parametrize("n", [8, 65_535, 65_536, 65_537, 400_003])
def test_blocks_and_threads_do_not_show(n: int) -> None:
    """One block, many, a second thread: the same digest and the same statistics as NumPy's."""
    array = np.random.default_rng(n).normal(3, 2, n)
    event = fingerprint_array(array)
    assert plain(array) == event.sha256
    assert [array.min(), array.max()] == event.range
    assert event.sketch is not None
    assert pytest.approx(array.mean(), rel=1e-12) == event.sketch.mean
    assert pytest.approx(array.std(), rel=1e-12) == event.sketch.std
    assert event == fingerprint(np.repeat(array, 2)[::2])


def test_a_transposed_array_is_read_in_c_order() -> None:
    """Blocks that begin and end within rows are put together in C order."""
    array = np.random.default_rng(0).normal(size=(7, 11, 1_301)).transpose(2, 0, 1)
    assert plain(array) == fingerprint_array(array).sha256


def test_prefixes_name_the_range_that_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a digest after each 64 MiB that lies inside, each of all bytes up to there."""
    assert digest.PREFIX_BYTES == 64 * 1024 * 1024
    monkeypatch.setattr(digest, "PREFIX_BYTES", 1 << 20)
    array = np.random.default_rng(0).integers(0, 9, 5 << 17)
    expected = [hashlib.sha256(array.tobytes()[: k << 20]).hexdigest() for k in range(1, 5)]
    event = fingerprint_array(array)
    assert expected == event.prefix_sha256
    assert plain(array) == event.sha256
    assert fingerprint_array(array[: 1 << 17]).prefix_sha256 is None


@pytest.mark.parametrize("shape", [(25,), (25, 3), (10, 4), (3,), (11, 2, 2)])
def test_the_first_ten_have_a_digest(shape: tuple[int, ...]) -> None:
    """checksum_first_10 is of the first ten elements along axis 0."""
    array = np.arange(float(np.prod(shape))).reshape(shape)
    assert plain(array[:10])[:16] == fingerprint_array(array).checksum_first_10


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g", "c8", "c16"])
def test_every_nan_is_one(dtype: str) -> None:
    """Sign and payload of a NaN make no difference; that it is there does."""
    array = np.array([1, np.nan, 2], dtype)
    odd = array.copy()
    parts = odd.view({"c8": "f4", "c16": "f8"}.get(dtype, dtype))
    np.negative(parts, out=parts, where=np.isnan(parts))
    assert fingerprint(array) == fingerprint(odd)
    assert fingerprint_array(array).n_nans == 1
    assert fingerprint(array) != fingerprint(np.array([1, 0, 2], dtype))


def test_the_users_array_is_left_alone() -> None:
    """What is made canonical is made so in a copy."""
    array = np.array([1.0, np.nan])
    array.view(np.uint64)[1] = 0xFFF8_0000_0000_BEEF
    flags = np.array([0, 2, 1], np.uint8).view(np.bool_)
    before = array.tobytes(), flags.tobytes()
    assert fingerprint(flags) == fingerprint(np.array([False, True, True]))
    fingerprint(array)
    assert before == (array.tobytes(), flags.tobytes())


def test_padding_is_no_value() -> None:
    """Neither the padding of a long double nor that of an aligned record is hashed."""
    one = np.zeros(3, np.longdouble)
    other = np.frombuffer(b"\xff" * one.nbytes, np.uint8).copy().view(np.longdouble)
    other[:] = 0
    assert fingerprint(one) == fingerprint(other)
    record = np.dtype([("a", "i1"), ("b", "f8")], align=True)
    padded = np.frombuffer(b"\xff" * 32, np.uint8).copy().view(record)
    padded["a"], padded["b"] = 1, 2
    assert fingerprint(padded) == fingerprint(np.array([(1, 2.0)] * 2, [("b_", "i1"), ("c", "f8")]).astype(record))
    assert fingerprint(padded) == fingerprint(padded.astype([("a", "i1"), ("b", "f8")]))


def test_records_are_read_field_by_field() -> None:
    """Nested and repeated fields, in any byte order, NaN made canonical."""
    little = np.dtype([("a", "<f8", 2), ("b", [("c", "<i2"), ("d", "S3")]), ("e", "M8[ns]")])
    array = np.zeros(4, little)
    array["a"][1, 1] = np.nan
    odd = array.astype(little.newbyteorder(">"))
    odd["a"][1, 1] = -np.nan
    assert fingerprint(array) == fingerprint(odd)
    odd["b"]["d"][3] = b"x"
    assert fingerprint(array) != fingerprint(odd)
    assert fingerprint_array(array).dtype == '{"a":float64[2],"b":{"c":int16,"d":S3},"e":datetime64[ns]}'


def test_masked_values_do_not_count_and_the_mask_does() -> None:
    """What lies under a mask does not count; masked differs from 0 and from NaN; an empty mask makes no difference."""
    values = np.ma.array([1, 2, 3], mask=[False, True, False])
    under = np.ma.array([1, 9, 3], mask=[False, True, False])
    assert fingerprint(values) == fingerprint(under)
    assert fingerprint(np.ma.array([1, 2, 3])) == fingerprint(np.array([1, 2, 3]))
    assert fingerprint_array(values).sha256 != fingerprint_array(np.array([1, 0, 3])).sha256
    floats = np.ma.array([1.0, 2.0], mask=[False, True])
    assert fingerprint(floats).fingerprint != fingerprint(np.array([1.0, np.nan])).fingerprint
    assert fingerprint_array(floats).n_nans == 1
    records = np.ma.zeros(12, dtype=[("a", "i4"), ("b", [("c", "f8")])])
    whole = fingerprint(records)
    assert fingerprint(np.asarray(records)) == whole
    records["b"]["c"][11] = np.ma.masked
    assert fingerprint(records) != whole


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="NumPy before 2.0")
def test_strings_of_numpy() -> None:
    """StringDType is text whatever the layout, with nulls; text of fixed width is not that."""
    dtype = np.dtypes.StringDType(na_object=None)
    array = np.array(["a", "é\0", None, ""], dtype)
    strided = np.repeat(array, 2)[::2]
    assert fingerprint(array) == fingerprint(strided)
    event = fingerprint_array(array)
    assert (event.dtype, event.n_nans) == ("string", 1)
    assert fingerprint_array(np.array(["a"])).dtype == "U1"
    assert plain(np.array(["ab", "c"])) == fingerprint_array(np.array(["ab", "c"])).sha256


def test_objects_by_value() -> None:
    """Elements of an object array count by value, nested arrays and missing values among them."""
    one = np.array([1, "a", None, 2.5, (1, 2)], object)
    other = np.array([1, "".join(["a"]), None, 2.5, tuple([1, 2])], object)  # noqa: C409, FLY002 - other objects
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(one) == fingerprint(np.repeat(one, 2)[::2])
    other[4] = (1, 3)
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint_array(one).n_nans == 1


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([1.5, np.inf, -2.0, np.nan]), [-2.0, 1.5]),
        (np.array([np.nan, np.inf]), None),
        (np.array([], "f8"), None),
        (np.array([3, -1], "i2"), [-1, 3]),
        (np.array([2**64 - 1, 0], "u8"), [0, 2**64 - 1]),
        (np.array([True, True]), [True, True]),
        (np.array(["2026-01-25", "NaT"], "M8[D]"), ["2026-01-25", "2026-01-25"]),
        (np.array([5, -7, "NaT"], "m8[s]"), [-7, 5]),
        (np.array([1j]), None),
        (np.array(["a"]), None),
    ],
)
def test_range_of_the_finite_values(array: np.ndarray[Any, Any], expected: object) -> None:
    """[min, max] as JSON values, instants in ISO 8601, None where there is nothing to give."""
    assert expected == fingerprint_array(array).range


def test_the_sketch_is_sixteen_values() -> None:
    """Sixteen values, the first and the last among them, all where there are fewer; null for what is not finite."""
    event = fingerprint_array(np.arange(1_501.0))
    assert event.sketch is not None
    assert [100.0 * i for i in range(16)] == event.sketch.values
    small = fingerprint_array(np.array([1.0, np.nan, np.inf])).sketch
    assert small is not None
    assert small.values == [1.0, None, None]
    assert (small.mean, small.std) == (1.0, 0.0)
    assert fingerprint_array(np.arange(3)).sketch is None


def test_huge_values_have_no_moments_and_no_warning() -> None:
    """A sum that overflows becomes null, not infinity."""
    event = fingerprint_array(np.array([1e308, 1e308, -1e308, 1e308]))
    assert event.sketch is not None
    assert event.sketch.std is None


def test_a_sample_says_so() -> None:
    """A sample reads some rows, names them, and never equals the fingerprint of the whole."""
    array = np.arange(1_000.0).reshape(500, 2)
    event = fingerprint(array, "nav", sample=50)
    assert as_mapping(event)["sampled"] == "50 of 500 rows, evenly taken"
    assert as_mapping(event)["shape"] == [500, 2]
    assert event.fingerprint != fingerprint(array[np.arange(50) * 499 // 49]).fingerprint
    assert fingerprint(array) == fingerprint(array, sample=500)
    with pytest.raises(ValueError, match="sample must be at least 1, got 0"):
        fingerprint(array, sample=0)


def test_a_keyed_hash_without_values() -> None:
    """Another hash gives other digests; ranges and sketches can be left out."""
    import hmac

    method = method_of(lambda: hmac.new(b"key", digestmod="sha256"), with_values=False)
    array = np.arange(400_000.0)
    event = as_mapping(take(array, None, method))
    assert hmac.new(b"key", array.tobytes(), "sha256").hexdigest() == event["sha256"]
    assert event["range"] is None
    assert event["sketch"] is None
    assert take([array], None, method) != fingerprint([array])


def test_derived_arrays() -> None:
    """A class derived from an array is another kind, and what it keeps besides the elements counts."""

    class Other(np.ndarray[Any, Any]):
        pass

    derived = np.arange(3.0).view(Other)
    assert fingerprint(derived).fingerprint not in (None, fingerprint(np.arange(3.0)).fingerprint)
    derived.unit = "m"  # type: ignore[attr-defined]
    of_metres = fingerprint(derived).fingerprint
    derived.unit = "km"  # type: ignore[attr-defined]
    assert of_metres not in (None, fingerprint(derived).fingerprint)
    assert None is not fingerprint(np.ones((1, 1)).view(np.matrix)).fingerprint


def test_without_threads_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no thread can be started the same digest is taken in this one."""
    array = np.arange(1_000_000.0)
    expected = fingerprint(array)

    def no_thread(_self: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", no_thread)
    assert expected == fingerprint(array)


def test_what_an_array_costs_in_memory() -> None:
    """A large array is not copied, and one that must be is copied block by block."""
    import tracemalloc

    array = np.zeros((2_000, 2_000))
    tracemalloc.start()
    fingerprint(array)
    fingerprint(array.T)
    fingerprint(array[:, ::2])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20
    assert blocks.BLOCK_BYTES <= 1 << 20


def test_buffers_are_arrays() -> None:
    """array.array and memoryview are read as NumPy reads them."""
    from array import array

    values = array("d", [1.0, 2.0])
    assert fingerprint(np.array([1.0, 2.0])) == fingerprint(values) == fingerprint(memoryview(values))


@pytest.mark.kernel
def test_no_heavy_package_is_imported() -> None:
    """The module needs NumPy and nothing else that is large."""
    import subprocess

    code = (
        "import sys, ithtel.provenance.fingerprint, ithtel.provenance.fp1.estimate;"
        "print([m for m in ('pandas','pyarrow','polars','scipy','numba','IPython') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
