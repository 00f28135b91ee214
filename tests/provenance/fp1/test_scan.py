"""One pass over the blocks: canonical bytes, nulls, and statistics."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.provenance.fp1.digest import Method
from ithtel.provenance.fp1.kinds import kind_of
from ithtel.provenance.fp1.scan import Scan, Validity, scan_for, with_canonical_floats

METHOD = Method(nested=lambda _: None)


def scanned(values: np.ndarray, size: int = 8, **options: bool) -> tuple[Scan, list[np.ndarray]]:
    """Scan an array in blocks, and return the scan and the canonical blocks."""
    scan, blocks = scan_for(kind_of(values.dtype), **options), []
    for start in range(0, values.size, size):
        block, valid = scan.canonical(values[start : start + size], None)
        scan.count(block, valid)
        blocks.append(block)
    return scan, blocks


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.integers(1, 9))
def test_the_moments_do_not_depend_on_the_blocks(values: list[float], size: int) -> None:
    """They are those of NumPy, up to rounding."""
    array = np.array(values)
    moments = scanned(array, size)[0].moments()
    assert moments is not None
    assert moments == pytest.approx((array.mean(), array.std()), rel=1e-9, abs=1e-6)
    assert [min(values), max(values)] == scanned(array, size)[0].range()


def test_statistics_are_those_of_finite_values() -> None:
    """NaN is counted; a column without a finite value has none."""
    scan, _ = scanned(np.array([np.nan, 1.0, np.inf, 3.0]))
    assert (1, [1.0, 3.0], (2.0, 1.0)) == (scan.n_nans, scan.range(), scan.moments())
    assert (None, (None, None)) == (scanned(np.array([np.nan]))[0].range(), scanned(np.array([np.nan]))[0].moments())


def test_every_nan_gets_the_same_bits() -> None:
    """The user's array does not change."""
    values = np.array([0x7FF8_0000_0000_0001, 0xFFF8_0000_0000_0000], "<u8").view("<f8")
    _, (block,) = scanned(values)
    assert 1 == len({*block.view("<u8").tolist()})
    assert 2 == len({*values.view("<u8").tolist()})


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([3, -1], np.int8), [-1, 3]),
        (np.array([True]), [True, True]),
        (np.array(["2026-01-25", "NaT"], "M8[D]"), ["2026-01-25", "2026-01-25"]),
        (np.array([5, 7], "m8[s]"), [5, 7]),
        (np.array(["a"]), None),
        (np.array([], np.int64), None),
    ],
)
def test_the_range_is_json(values: np.ndarray, expected: object) -> None:
    """Instants in ISO 8601, durations in their unit."""
    assert expected == scanned(values)[0].range()


def test_booleans_are_one_byte_of_zero_or_one() -> None:
    """Even if a view stored other values."""
    _, (block,) = scanned(np.array([0, 1, 7], np.uint8).view(np.bool_))
    assert b"\x00\x01\x01" == block.tobytes()


@given(st.lists(st.lists(st.booleans(), min_size=8, max_size=8), max_size=6))
def test_validity_is_arrows_bitmap(blocks: list[list[bool]]) -> None:
    """No digest while nothing is null."""
    validity = Validity(METHOD)
    for bits in blocks:
        validity.add(None if all(bits) else np.array(bits), 8)
    everything = [bit for bits in blocks for bit in bits]
    expected = hashlib.sha256(np.packbits(np.array(everything, np.bool_), bitorder="little").tobytes()).hexdigest()
    assert (None if all(everything) else expected) == validity.hexdigest()
    assert everything.count(False) == validity.n_nulls


def test_floats_in_records_are_canonical() -> None:
    """In place, at any depth."""
    odd = np.array([0x7FF8_0000_0000_0001], "<u8").view("<f8")[0]
    values = np.zeros(1, [("a", [("b", "f8")]), ("c", "c16")])
    values["a"]["b"], values["c"] = odd, complex(odd, 1)
    with_canonical_floats(values)
    assert np.array(np.nan).tobytes() == values["a"]["b"].tobytes()
    assert math.isnan(values["c"][0].real)
