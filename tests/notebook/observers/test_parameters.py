"""`Parameters`: the values of papermill's parameters cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessions import last, recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@pytest.mark.parametrize("source", ["# Parameters\nalpha = 0.5\nname = 'x'", "\n# Parameters\nalpha = 0.5; name = 'x'"])
def test_the_injected_cell_is_known_by_its_comment(shell: InteractiveShell, source: str) -> None:
    """The values of papermill's injected cell are recorded."""
    run(shell, source)
    assert 'parameters: {"alpha":0.5,"name":"x"}' == last("note")["text"]


def test_a_tagged_cell_is_known(shell: InteractiveShell) -> None:
    """The tag works if the host sends tags."""
    try:
        shell.run_cell("beta = 2", store_history=True, cell_meta={"tags": ["parameters"]})
    except TypeError:
        pytest.skip("this IPython takes no cell_meta")
    assert 'parameters: {"beta":2}' == last("note")["text"]


def test_other_cells_are_none(shell: InteractiveShell) -> None:
    """The comment must come first."""
    run(shell, "x = 1\n# Parameters")
    assert [] == recorded("note")


def test_nothing_is_recorded_in_private(bare: InteractiveShell) -> None:
    """The values are data."""
    bare.config.IthTel.private = True
    run(bare, "%load_ext ithtel")
    run(bare, "# Parameters\nalpha = 0.5")
    assert [] == recorded("note")
