"""`addresses`, `memory_of`: what is read from memory is what Python itself would tell."""

from __future__ import annotations

import struct
import sys
from typing import TYPE_CHECKING

import numpy as np

from ithtel.provenance import memory

if TYPE_CHECKING:
    import pytest

assert "ctypes" in sys.modules, np.__name__  # NumPy loads it


def test_addresses_are_those_of_id() -> None:
    """The address of each item, in order."""
    items = (1, "a", None, [2], object())
    assert struct.pack("5Q", *map(id, items)) == memory.addresses(items)


def test_an_empty_tuple_has_no_addresses() -> None:
    """It has no items."""
    assert b"" == memory.addresses(())


def test_memory_changes_with_the_state() -> None:
    """A float holds its bits; a generator that is drawn from changes."""
    assert struct.pack("d", 2.5) == memory.memory_of(2.5)
    generator = np.random.MT19937(1)
    before = memory.memory_of(generator)
    assert before == memory.memory_of(generator)
    generator.random_raw()
    assert before != memory.memory_of(generator)


def test_nothing_is_read_on_another_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only CPython's objects lie in memory as expected."""
    memory._is_readable.cache_clear()
    monkeypatch.setattr(sys.implementation, "name", "pypy")
    assert (None, None) == (memory.addresses((1,)), memory.memory_of(1.0))
    monkeypatch.undo()
    memory._is_readable.cache_clear()
