"""The fingerprints that `%%provenance` requests, and the line that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions import recorded, run

if TYPE_CHECKING:
    import pytest
    from IPython.core.interactiveshell import InteractiveShell

    Captured = pytest.CaptureFixture[str]


def test_it_says_what_a_result_came_from(shell: InteractiveShell, capsys: Captured) -> None:
    """One line shows names, kinds and shapes; the fingerprints are recorded."""
    run(shell, "import numpy as np\nnav = np.arange(1.0, 4.0)")
    run(shell, "%%provenance --inputs nav --outputs result --name demo\nresult = nav.reshape(3, 1) * 2")
    assert "provenance: demo: nav float64[3] → result float64[3 × 1]\n" == capsys.readouterr().out
    assert ["nav", "result"] == [c["name"] for c in recorded("array.fingerprint", component="provenance")]


def test_unnamed_it_takes_what_the_cell_reads_and_writes(shell: InteractiveShell, capsys: Captured) -> None:
    """Modules are code, not inputs."""
    run(shell, "import numpy as np\na = np.ones(2)\nb = 3")
    run(shell, "%%provenance\nc = np.sum(a) * b")
    assert "provenance: a float64[2], b int → c float64\n" == capsys.readouterr().out


def test_the_input_is_taken_before_the_cell_changes_it(shell: InteractiveShell) -> None:
    """A change in place does not affect the recorded input."""
    run(shell, "import numpy as np\na = np.zeros(2)")
    run(shell, "%%provenance --inputs a --outputs a\na += 1")
    before, after = recorded("array.fingerprint", component="provenance")
    assert ([0.0, 0.0], [1.0, 1.0]) == (before["range"], after["range"])


def test_as_a_line_it_does_the_same(shell: InteractiveShell, capsys: Captured) -> None:
    """Linters skip cells that begin with `%%`."""
    run(shell, "a = 1")
    run(shell, "%provenance --inputs a --outputs b\nb = a + 1")
    assert "provenance: a int → b int\n" == capsys.readouterr().out


def test_what_was_not_made_is_said(shell: InteractiveShell, capsys: Captured) -> None:
    """The line marks an output that the cell did not bind."""
    run(shell, "%%provenance --outputs missing\nx = 1")
    assert "provenance: nothing → missing (not made)\n" == capsys.readouterr().out


def test_a_failed_cell_says_so(shell: InteractiveShell, capsys: Captured) -> None:
    """Its inputs are still recorded."""
    run(shell, "a = 1")
    run(shell, "%%provenance --inputs a\nb = a / 0")
    assert "provenance: a int → failed" in capsys.readouterr().out
    assert ["a"] == [c["name"] for c in recorded("object.fingerprint", component="provenance")]
