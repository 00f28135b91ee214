"""`CellStack`: the cells that are running, and what IPython knows about a cell."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from ithtel.notebook.cells.stack import CellStack, cell_id_of, is_switched_off, running_cell, tags_of
from sessions import LOG, recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def test_a_nested_cell_belongs_to_the_one_around_it(shell: InteractiveShell) -> None:
    """It adds no events of its own."""
    before = len(recorded("cell.start"))
    run(shell, "get_ipython().run_cell('nested = 1')")
    assert before + 1 == len(recorded("cell.start"))


def test_a_tagged_cell_is_not_recorded(shell: InteractiveShell) -> None:
    """The tag `ithtel-skip` switches a cell off if the host sends tags."""
    try:
        shell.run_cell("secret = 'hunter2'", store_history=True, cell_meta={"tags": ["ithtel-skip"]})
    except TypeError:
        pytest.skip("this IPython takes no cell_meta")
    assert "hunter2" not in LOG.read_text(encoding="utf-8")


def test_an_empty_stack_has_no_run() -> None:
    """Ending an unknown cell changes nothing."""
    stack = CellStack()
    assert (None, None, False) == (stack.current, stack.pop(None), stack.is_nested())


def test_ending_a_cell_ends_those_within_it() -> None:
    """They may have failed without an end of their own."""
    stack = CellStack()
    outer, inner = SimpleNamespace(), SimpleNamespace()
    run_of_outer: Any = SimpleNamespace(cell=SimpleNamespace(ends_with=lambda info: info is outer))
    stack.push(outer, run_of_outer)
    stack.push(inner, None)
    assert stack.current is run_of_outer
    assert stack.pop(outer) is run_of_outer
    assert not stack.is_nested()


def test_each_thread_has_its_own_stack() -> None:
    """Subshells run cells beside each other."""
    stack = CellStack()
    stack.push(SimpleNamespace(), None)
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(stack.is_nested()))
    thread.start()
    thread.join()
    assert ([False], True) == (found, stack.is_nested())


def test_a_cell_without_an_id_is_identified_by_text_and_number() -> None:
    """The host's id takes precedence."""
    given: Any = SimpleNamespace(cell_id="abc")
    assert "abc" == cell_id_of(given, "x", 1)
    assert cell_id_of(None, "x", 1) == cell_id_of(None, "x", 1) != cell_id_of(None, "x", 2)


@pytest.mark.parametrize(
    ("source", "tags", "expected"),
    [
        ("x = 1\n  # ithtel: off\n", (), True),
        ("x = 1", ("ithtel-skip",), True),
        ("x = '# ithtel: off'", (), False),
        ("x = 1  # ithtel: off", ("other",), False),
    ],
)
def test_a_cell_is_switched_off_by_a_line_or_a_tag(source: str, tags: tuple[str, ...], expected: bool) -> None:
    """The comment must be a line of its own."""
    assert expected is is_switched_off(tags, source)


def test_tags_come_from_the_metadata_of_the_cell(bare: InteractiveShell) -> None:
    """Without metadata there are none."""
    info: Any = SimpleNamespace(cell_meta={"tags": ["a", "b"]})
    assert (("a", "b"), ()) == (tags_of(bare, info), tags_of(bare, None))


def test_outside_a_cell_none_is_running(bare: InteractiveShell) -> None:
    """Inside a cell it is found on the stack."""
    assert running_cell(bare) is None
    bare.user_ns["find"] = lambda: running_cell(bare).raw_cell
    assert "find()" == run(bare, "find()").result
