"""The code of a module shows what can differ from run to run."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import pytest

from ithtel.provenance.unstable import unstable, unstable_code

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(x): return x + 1", []),
        ("import time\ndef f(x): return x", []),
        ("import time\ndef f(): return time.time()", ["clock"]),
        ("def f(): return datetime.now()", ["clock"]),
        ("def f(names): return list({each for each in names})", ["hash_order"]),
        ("def f(): return [each for each in {'a', 'b', 'c'}]", ["hash_order"]),
        ("def f(names): return frozenset(names)", ["hash_order"]),
        ("class Key:\n    def make(self): return uuid.uuid4()", ["entropy"]),
        ("def f(): return tempfile.mkdtemp()", ["temporary_name"]),
        ("def f(x): return lambda: (id(x), hash(x))", ["hash_order", "address"]),
    ],
)
def test_what_differs_is_found_in_any_function(source: str, expected: list[str]) -> None:
    """In methods and inner functions too; importing a module is no use of it."""
    assert expected == unstable_code(compile(source, "", "exec"))


def test_a_module_of_the_user_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Python loaded it."""
    (tmp_path / "module_with_a_set.py").write_text("def names(): return list({'a', 'b', 'c'})", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert ["hash_order"] == unstable(importlib.import_module("module_with_a_set"), 40)


def test_nothing_is_said_of_a_large_file_or_of_no_module() -> None:
    """Reading it would take time that the researcher feels."""
    assert [] == unstable(importlib.import_module("statistics"), 10_000_000)
    assert [] == unstable(None, 1)
    assert [] == unstable(importlib.import_module("sys"), 1)
