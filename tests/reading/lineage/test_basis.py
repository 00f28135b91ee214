"""The external inputs of a value: data, seeds, modules and the commit."""

from __future__ import annotations

from factories import SHA
from ithtel.reading.history.values import Execution, History
from ithtel.reading.lineage.basis import Basis


def test_data_are_those_of_the_steps_and_modules_those_loaded_by_then() -> None:
    """A cell that is not a step contributes no data, a later one no module."""
    cells = [
        Execution(place=1, code={"early.py": SHA}, files={"aside.csv": SHA}),
        Execution(place=2, files={"nav.csv": SHA}),
        Execution(place=3, code={"late.py": SHA}),
    ]
    basis = Basis.of(History(name="a", executions=cells), cells[1:2], [42, 42])
    assert ({"nav.csv": SHA}, {"early.py": SHA}, (42,)) == (basis.data, basis.modules, basis.seeds)


def test_each_input_has_a_line() -> None:
    """Uncommitted changes are named by their digest."""
    basis = Basis(data={"a.csv": None}, seeds=(1,), commit="0123abcd", is_dirty=True, diff_sha256="ff")
    assert [
        "data    a.csv (no digest)",
        "seed    1",
        "commit  0123abcd with uncommitted changes ff",
    ] == basis.lines()
