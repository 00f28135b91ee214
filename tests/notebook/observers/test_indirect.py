"""Changes in place that a cell makes without naming the value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessions import last, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@pytest.mark.parametrize(
    ("made", "change", "expected"),
    [
        ("v = [1]\nw = v", "w.append(2)", ["v", "w"]),
        ("v = [1]\nh = {'v': v}", "v.append(2)", ["h", "v"]),
        ("class C: rate = 1", "C.rate = 2", ["C"]),
        ("class C: rows = []", "C.rows.append(1)", ["C"]),
        ("class C: rate = 1", "print(C.rate)", []),
        ("def f(): pass", "f.memory = 1", ["f"]),
    ],
)
def test_what_changed(shell: InteractiveShell, made: str, change: str, expected: list[str]) -> None:
    """Other names, containers and attributes of classes count."""
    run(shell, made)
    run(shell, change)
    assert expected == last("cell.end")["mutates"]
