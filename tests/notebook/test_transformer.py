"""`transform`: `%%provenance` and `%%flamegraph` become line magics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ithtel.notebook.transformer import transform
from sessions import recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@pytest.mark.parametrize(
    "stack",
    ["%%time\n%%provenance --outputs x", "%%provenance --outputs x\n%%time", "%%capture\n%%provenance --outputs x"],
)
def test_it_stands_anywhere_in_a_stack(shell: InteractiveShell, stack: str) -> None:
    """Above or below another `%%` line."""
    run(shell, f"{stack}\nx = 1")
    assert 1 == shell.user_ns["x"]
    assert ["x"] == [c["name"] for c in recorded("object.fingerprint", component="provenance")]


def test_line_numbers_of_a_traceback_are_the_cells(shell: InteractiveShell) -> None:
    """The call replaces the marker's line."""
    run(shell, "%%provenance\n\n1 / 0")
    assert any(", line 3," in line for line in recorded("cell.end")[-1]["error"]["traceback"])


def test_whether_a_cell_is_complete_is_asked_without_running(shell: InteractiveShell) -> None:
    """The transformer has no effects."""
    assert "complete" == shell.input_transformer_manager.check_complete("%%provenance\nx = 1\n\n")[0]
    assert "incomplete" == shell.input_transformer_manager.check_complete("%%provenance\nfor i in x:")[0]
    assert [] == recorded("object.fingerprint", component="provenance")


def test_other_cells_are_left_alone() -> None:
    """Also those that ask for help about the magic."""
    for lines in (["x = 1\n"], ["%%time\n", "x = 1\n"], ["%%provenance?\n"], []):
        assert lines == transform(lines)


def test_blank_lines_before_the_marker_stay() -> None:
    """So line numbers do not change."""
    expected = ["\n", "get_ipython().run_line_magic('flamegraph', '--gil')\n", "x = 1\n"]
    assert expected == transform(["\n", "%%flamegraph --gil\n", "x = 1\n"])
