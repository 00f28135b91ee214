"""The magics, typed as a user types them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sessions import recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_randomness() -> object:
    """Restore the global random state."""
    before = random.getstate(), np.random.get_state()  # noqa: NPY002
    yield
    random.setstate(before[0])
    np.random.set_state(before[1])  # noqa: NPY002


@pytest.mark.parametrize("line", ["SEED + 1", "8  # the year's", " 8 "])
def test_a_seed_may_be_an_expression(shell: InteractiveShell, line: str) -> None:
    """A comment may follow it."""
    run(shell, "SEED = 7")
    run(shell, f"rng = %seed {line}")
    assert 8 == recorded("seed.set")[-1]["seed"]


@pytest.mark.parametrize("line", ["-1", "1.5", "'a'", "undefined", "True", "1 +", "--restor @1"])
def test_a_bad_seed_is_one_line(shell: InteractiveShell, capsys: Captured, line: str) -> None:
    """Nothing is seeded, and the message is one line."""
    before = random.getstate()
    run(shell, f"%seed {line}")
    captured = capsys.readouterr()
    assert (captured.out + captured.err).startswith("UsageError: ")
    assert 1 == len((captured.out + captured.err).strip().splitlines())
    assert before == random.getstate()


def test_a_note_is_recorded(shell: InteractiveShell, capsys: Captured) -> None:
    """The text is recorded, and nothing is shown."""
    run(shell, "%note gap in May: a holiday")
    run(shell, "%note")
    assert ["gap in May: a holiday"] == [c["text"] for c in recorded("note")]
    captured = capsys.readouterr()
    assert "%note needs the text of a remark" in captured.out + captured.err


def test_a_note_is_recorded_as_it_stands(shell: InteractiveShell) -> None:
    """IPython does not replace `{x}` and `$x` by values."""
    run(shell, "x = 7")
    run(shell, "%note costs $5, $x and {x}")
    assert ["costs $5, $x and {x}"] == [c["text"] for c in recorded("note")]


@pytest.mark.parametrize("line", ["nope", "", "--graph"])
def test_a_mistake_in_lineage_is_one_line(shell: InteractiveShell, capsys: Captured, line: str) -> None:
    """The name is unknown or missing."""
    run(shell, f"%lineage {line}")
    captured = capsys.readouterr()
    assert "UsageError: " in captured.out + captured.err
    assert 1 == len((captured.out + captured.err).strip().splitlines())


@pytest.mark.parametrize("options", ["--bogus", "--inputs nope", "--name", "--inputs"])
def test_a_bad_option_stops_the_cell_with_one_line(shell: InteractiveShell, capsys: Captured, options: str) -> None:
    """The cell does not run."""
    run(shell, f"%%provenance {options}\nran = True")
    captured = capsys.readouterr()
    said = (captured.out + captured.err).strip()
    assert said.startswith("UsageError: ")
    assert 1 == len(said.splitlines())
    assert "ran" not in shell.user_ns


def test_help_is_there(shell: InteractiveShell, capsys: Captured) -> None:
    """`%%provenance?` explains the options."""
    run(shell, "%%provenance?")
    assert "--inputs" in capsys.readouterr().out
