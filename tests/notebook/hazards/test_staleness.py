"""`VariableOrigins`: warnings about values that a run from the top would not reproduce."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessions import hazards, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def cell(shell: InteractiveShell, cell_id: str, source: str) -> None:
    """Run a cell as a front end does that gives ids to cells."""
    shell.run_cell(source, store_history=True, cell_id=cell_id)


@pytest.fixture
def shell(shell: InteractiveShell) -> InteractiveShell:
    """A shell with NumPy, so that values have fingerprints."""
    run(shell, "import numpy as np, pandas as pd")
    return shell


def test_a_stale_value(shell: InteractiveShell) -> None:
    """Its input was made again by a cell above; the warning comes when the value is used."""
    cell(shell, "a", "x = 1")
    cell(shell, "b", "y = x + 1")
    cell(shell, "a", "x = 10")
    assert {} == hazards()
    cell(shell, "c", "z = y")
    assert {"stale_cell": ["y of [4] was made from x as it was before [5]"]} == hazards()


def test_the_same_value_again_makes_nothing_stale(shell: InteractiveShell) -> None:
    """A cell that runs again and gives the same value is harmless."""
    cell(shell, "a", "x = np.zeros(3)\ndef f(): pass")
    cell(shell, "b", "y = x + 1; f()")
    cell(shell, "a", "x = np.zeros(3)\ndef f(): pass")
    cell(shell, "c", "z = y")
    assert {} == hazards()


def test_running_the_cells_below_again_makes_it_good(shell: InteractiveShell) -> None:
    """After an edit, running the cells below again updates them."""
    cell(shell, "a", "x = 1")
    cell(shell, "b", "y = x + 1")
    cell(shell, "a", "x = 10")
    cell(shell, "b", "y = x + 1")
    cell(shell, "c", "z = y")
    assert {} == hazards()


def test_a_name_bound_again_further_down_is_in_order(shell: InteractiveShell) -> None:
    """A run from the top would give the same."""
    cell(shell, "a", "x = 1")
    cell(shell, "b", "y = x + 1")
    cell(shell, "c", "x = 5")
    cell(shell, "d", "z = x + y")
    assert {} == hazards()


def test_out_of_order(shell: InteractiveShell) -> None:
    """A cell ran again and used a value that was made below it."""
    cell(shell, "a", "scale = 1")
    cell(shell, "b", "y = scale * 2")
    cell(shell, "c", "scale = 3")
    cell(shell, "b", "y = scale * 2")
    assert {"out_of_order": ["scale of [5]: made below this cell, but used by it"]} == hazards()


def test_an_edited_cell_may_use_what_is_new(shell: InteractiveShell) -> None:
    """A cell may have been inserted above it, which cannot be seen."""
    cell(shell, "b", "y = 2")
    cell(shell, "new", "scale = 3")
    cell(shell, "b", "y = scale * 2")
    assert {} == hazards()


@pytest.mark.parametrize(
    ("made", "change"),
    [("v = [1]", "v.append(2)"), ("v = np.zeros(3)", "v += 1"), ("v = pd.DataFrame({'a': [1]})", "v['a'] = 2")],
)
def test_an_input_changed_in_place(shell: InteractiveShell, made: str, change: str) -> None:
    """Running the cell again would give another value."""
    run(shell, made)
    run(shell, change)
    assert ["v changed in place: running this cell again gives another value"] == hazards()["mutated_input"]


def test_state_from_nowhere(shell: InteractiveShell) -> None:
    """No recorded cell made the value; each name is reported once."""
    shell.user_ns["injected"] = [1]
    run(shell, "x = injected")
    run(shell, "x = injected")
    assert {"hidden_state": ["injected: no recorded cell made this"]} == hazards()


def test_state_of_a_cell_that_is_not_recorded(shell: InteractiveShell) -> None:
    """`# ithtel: off` leaves no trace, so the origin of its values is unknown."""
    run(shell, "# ithtel: off\nsecret = 1")
    run(shell, "y = secret")
    assert {"hidden_state": ["secret: no recorded cell made this"]} == hazards()


def test_what_ran_before_recording_is_known(bare: InteractiveShell) -> None:
    """It is in the log as `cell.prior`."""
    run(bare, "import numpy as np\na = 1\ndef f(): return a")
    run(bare, "%load_ext ithtel")
    run(bare, "b = a + f()")
    assert {} == hazards()
