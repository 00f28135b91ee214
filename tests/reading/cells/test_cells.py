"""The status of each cell: sequences of runs and edits, each with what a person would say of the page."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

import ithtel
from ithtel.commands.log.cells import cells
from sessions import run

if TYPE_CHECKING:
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.reading.cells.values import CellStatus

C, S, N = "current", "stale", "not reproducible"
PARTIAL = "from functools import partial\ndef g(x, y): return x * y * k"
METHOD = "class C:\n    def f(self): return k"
READ = "t = Path('f').read_text()"
WRITE = "n = Path('f').write_text(str(0)); m = 1"
CLASS = "class C:\n    rate = 1\n    def f(self): return self.rate"


def statuses(shell: InteractiveShell, *runs: tuple[str, str]) -> dict[str, CellStatus]:
    """Run cells with ids as a front end does, and return the status of each."""
    for cell_id, source in runs:
        shell.run_cell(source, store_history=True, cell_id=cell_id)
    session = ithtel.current()
    assert session is not None
    return {cell.cell_id: cell for cell in cells(session).cells if cell.cell_id is not None}


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ("a: x = 1 | b: y = x + 1 | c: print(y)", {"a": C, "b": C, "c": C}),
        ("a: x = 1 | b: y = x + 1 | c: print(y) | a: x = 2", {"a": C, "b": S, "c": S}),
        ("a: x = 1 | b: y = x + 1 | a: x = 1", {"a": C, "b": C}),
        ("a: x = 1 | b: y = x + 1 | a: x = 2 | b: y = x + 1", {"a": C, "b": C}),
        ("a: x = 1 | b: y = x + 1 | a: x = 2 | a: x = 1", {"a": C, "b": C}),
        ("a: x = 1 | b: y = x * 0 | c: print(y) | a: x = 2 | b: y = x * 0", {"a": C, "b": C, "c": C}),
        ("a: x = 1 | b: y = x | c: x = 5 | d: print(y, x)", {"a": C, "b": C, "c": C, "d": C}),
        ("a: x = 1 | b: y = x | a: z = 1", {"a": C, "b": S}),
        ("a: x = 1 | b: y = 2 | c: x = 3 | b: y = x", {"b": N, "c": C}),
        ("a: n = 1 | b: n = n + 1 | c: print(n)", {"a": C, "b": C, "c": C}),
        ("a: n = 1 | b: n = n + 1 | c: print(n) | b: n = n + 1", {"a": C, "b": N, "c": S}),
        ("a: v = [1] | b: w = v | c: w.append(2) | d: print(v)", {"b": C, "c": C, "d": C}),
        ("a: v = [1] | d: d0 = 1 | b: w = v | e: print(v) | d: w.append(2)", {"e": S}),
        ("a: v = [1] | f: f0 = 1 | b: h = {'v': v} | c: print(h) | f: v.append(2)", {"c": S}),
        ("a: v = [1]\ndef add(): v.append(2) | b: b0 = 1 | c: print(v) | b: add()", {"c": S}),
        ("a: v = [1]\ndef add(u): u.append(2) | b: b0 = 1 | c: print(v) | b: add(v)", {"c": S}),
        ("a: k = 1 | b: def g(x): return x * k | c: out = g(3)", {"a": C, "b": C, "c": C}),
        ("a: k = 1 | b: def g(x): return x * k | c: out = g(3) | a: k = 5", {"a": C, "b": C, "c": S}),
        ("a: k = 1 | b: def g(x): return x * k | c: out = g(3) | a: k = 5 | c: out = g(3)", {"b": C, "c": C}),
        ("a: k = 1 | b: def g(x): return x * k\ndef h(x): return g(x) | c: out = h(3) | a: k = 5", {"b": C, "c": S}),
        ("a: k = 1 | b: g = lambda x: x * k | c: out = list(map(g, [3])) | a: k = 5", {"b": C, "c": S}),
        (f"a: k = 1 | b: {PARTIAL} | p: h = partial(g, 2) | c: out = h(3) | a: k = 5", {"b": C, "p": C, "c": S}),
        ("a: k = 1 | b: import functools\n@functools.lru_cache\ndef g(x): return x * k | c: out = g(3) | a: k = 5",
         {"b": C, "c": S}),
        (f"a: {CLASS} | e: e0 = 1 | b: o = C() | c: out = o.f() | e: C.rate = 2", {"c": S}),
        (f"a: {CLASS} | b: o = C() | c: out = o.f() | a: {CLASS.replace('1', '3')}", {"c": S}),
        (f"a: k = 1\n{METHOD} | b: o = C() | c: out = o.f() | a: k = 2\n{METHOD}", {"c": S}),
        ("a: def g(x): return x | b: y = g(1) | a: def g(x): return 2 * x", {"b": S}),
        ("a: def g(x): return x | b: y = g(1) | a: def g(x): return x  # the same", {"b": C}),
        ("a: import math; x = 1 | b: y = math.pi | c: z = x | a: import math; x = 2", {"b": C, "c": S}),
        ("a: x = 1\nk = 5 | b: y = x\nm = 3 | c: print(m) | d: print(y) | a: x = 2\nk = 5", {"b": S, "c": C, "d": S}),
        ("a: import random; r = random.Random() | b: x = r.random() | c: print(x)", {"b": N, "c": N}),
        ("a: import numpy as np; r = np.random.default_rng() | b: x = r.random() | b: x = r.random() | c: print(x)",
         {"b": N, "c": N}),
        ("a: import numpy as np; r = np.random.default_rng(1) | b: x = r.random() | c: print(x)", {"b": C, "c": C}),
        ("a: import numpy as np; r = np.random.default_rng(1) | b: x = r.random() | b: x = r.random()", {"b": N}),
        ("a: import random; random.seed(1) | b: x = random.random() | c: print(x)", {"b": C, "c": C}),
        ("a: import random; random.seed(1) | b: x = random.random() | b: x = random.random()", {"b": N}),
        ("a: import random; random.seed(1) | b: x = random.random() | a: import random; random.seed(2)", {"b": S}),
        ("a: import datetime; t = datetime.datetime.now() | b: print(t) | c: y = 1", {"a": N, "b": N, "c": C}),
        ("a: x = 1 | b: y = x | a: 1/0", {"a": C, "b": S}),
        ("a: x = 1 | b: y = x | c: del x | b: y = 2", {"a": C, "b": C, "c": C}),
        (f"w: from pathlib import Path | a: {WRITE} | b: {READ} | a: {WRITE.replace('0', '22')}", {"b": S}),
        ("a: y = 1 | b: exec('x = y', {'y': 2}) | a: y = 3", {"b": C}),
        ("a: y = 1 | b: exec('x = y') | a: y = 3", {"b": S}),
    ],
)  # fmt: skip
def test_status(shell: InteractiveShell, runs: str, expected: dict[str, str]) -> None:
    """A cell is current if a run from the top would show the same."""
    steps = [(step[0], step[2:].strip()) for step in (part.strip() for part in runs.split(" | "))]
    found = statuses(shell, *steps)
    assert expected == {cell_id: found[cell_id].status for cell_id in expected}, {
        cell_id: cell.text for cell_id, cell in found.items()
    }


@pytest.mark.parametrize(
    ("runs", "cell", "reason"),
    [
        ((("a", "x = 1"), ("b", "y = x"), ("a", "x = 2")), "b",
         "uses `x` of [2], which was edited and run again as [4] with another value"),
        ((("s", "it = iter([1, 2])"), ("a", "x = next(it)"), ("b", "y = x"), ("a", "x = next(it)")), "b",
         "uses `x` of [3], which was run again as [5] with another value"),
        ((("a", "x = 1"), ("b", "y = x"), ("c", "z = y"), ("a", "x = 2")), "c", "uses `y` of [3], which is stale"),
        ((("a", "y = 1"), ("b", "x = 3"), ("a", "y = x")), "a", "uses `x` of [3], which stands below it"),
        ((("a", "x = 1"), ("b", "y = x"), ("a", "z = 1")), "b",
         "uses `x` of [2], which was edited and run again as [4] and no longer makes it"),
        ((("a", "n = 1"), ("b", "n = n + 1"), ("b", "n = n + 1")), "b", "uses `n` as its own earlier run [3] left it"),
    ],
)  # fmt: skip
def test_the_reason_in_words(
    shell: InteractiveShell, runs: tuple[tuple[str, str], ...], cell: str, reason: str
) -> None:
    """It names the variable, the cell that made it, and what happened to that cell."""
    assert [reason] == [each.text for each in statuses(shell, *runs)[cell].reasons]


@pytest.mark.parametrize(
    ("runs", "stale"),
    [
        (["k = 1", "def g(x): return x * k", "out = g(3)", "k = 5", "out = g(3)"], []),
        (["n = 1", "n = n + 1", "n = n + 1", "m = n"], []),
        (["it = iter([1, 5])", "k = next(it)", "out = k", "k = next(it)"], ["out = k"]),
    ],
)
def test_without_ids_a_text_that_ran_again_may_be_two_cells(
    shell: InteractiveShell, runs: list[str], stale: list[str]
) -> None:
    """Its place is not known, so no reason is given."""
    for source in runs:
        run(shell, source)
    session = ithtel.current()
    assert session is not None
    found = [cell.source for cell in cells(session).cells if cell.source in runs and cell.status != "current"]
    assert stale == [source for source in found if source != "k = next(it)"]


def test_what_cannot_be_compared_is_named(shell: InteractiveShell) -> None:
    """A value without a fingerprint may have changed within."""
    found = statuses(shell, ("a", "g = (i for i in [1])"), ("b", "h = g"))
    assert ("g",) == found["b"].not_checked


PAGE = [("a", "x = 1"), ("b", "y = x"), ("c", "z = y")]


def save(notebook: Path, cells: list[tuple[str, str]]) -> None:
    """Save the notebook's file as it is now."""
    listed = [{"id": cell_id, "cell_type": "code", "source": source} for cell_id, source in cells]
    notebook.write_text(json.dumps({"cells": listed}), encoding="utf-8")


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (PAGE, {"a": C, "b": C, "c": C}),
        ([*PAGE, ("d", "print(z)")], {"a": C, "b": C, "c": C, "d": "never run"}),
        ([("a", "x = 2"), *PAGE[1:]], {"a": S, "b": S, "c": S}),
        ([("a", "x = 1\n"), *PAGE[1:]], {"a": C, "b": C, "c": C}),
        (PAGE[1:], {"b": S, "c": S}),
        ([PAGE[0], PAGE[2]], {"a": C, "c": S}),
        ([PAGE[1], PAGE[0], PAGE[2]], {"a": C, "b": N, "c": N}),
        ([("new", "x = 1"), *PAGE[1:]], {"a": C, "b": C, "c": C}),
    ],
)
def test_the_page_as_it_was_saved(
    shell: InteractiveShell, tmp_path: Path, page: list[tuple[str, str]], expected: dict[str, str]
) -> None:
    """Cells that were edited, added, deleted or moved after they ran."""
    notebook = tmp_path / "page.ipynb"
    shell.user_ns["__vsc_ipynb_file__"] = str(notebook)
    run(shell, "%ithtel stop")
    run(shell, "%ithtel start page")
    for cell_id, source in PAGE:
        shell.run_cell(source, store_history=True, cell_id=cell_id)
    save(notebook, page)
    found = statuses(shell)
    assert expected == {cell_id: found[cell_id].status for cell_id in expected}


def test_a_cell_that_is_not_saved_yet_is_on_the_page(shell: InteractiveShell, tmp_path: Path) -> None:
    """The file was saved before it ran."""
    notebook = tmp_path / "page.ipynb"
    shell.user_ns["__vsc_ipynb_file__"] = str(notebook)
    run(shell, "%ithtel stop")
    save(notebook, PAGE[:1])
    os.utime(notebook, (1, 1))
    run(shell, "%ithtel start page")
    found = statuses(shell, *PAGE)
    assert [C, C, C] == [found[cell_id].status for cell_id, _ in PAGE]
