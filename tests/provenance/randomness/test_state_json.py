"""States become JSON and come back, with arrays of any shape."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from ithtel.provenance.randomness.state_json import UnreadableStateError, decode, encode, freeze


@pytest.mark.parametrize(
    "array",
    [np.arange(3, dtype=np.uint64), np.arange(6, dtype=np.int32).reshape(2, 3), np.array([True]), np.array([0.5, -1])],
)
def test_an_array_survives(array: Any) -> None:
    """Its dtype and shape, too."""
    back = decode(msgspec.json.decode(msgspec.json.encode(encode(freeze({"kept": array})))))["kept"]
    assert (array.dtype, array.tolist()) == (back.dtype, back.tolist())


def test_numbers_survive() -> None:
    """Negative ones and those of NumPy become numbers of Python."""
    assert {"a": -5, "b": [7, 0.5, None, "x"]} == decode(encode(freeze({"a": np.int64(-5), "b": (7, 0.5, None, "x")})))


@pytest.mark.parametrize("state", [object(), {1: 2}, np.array(["x"]), [lambda: 1]])
def test_what_json_cannot_hold_is_refused(state: Any) -> None:
    """With a reason."""
    with pytest.raises(UnreadableStateError, match="its state"):
        freeze(state)


def test_endless_states_are_refused() -> None:
    """A list may hold itself."""
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(UnreadableStateError, match="deeply"):
        freeze(endless)
