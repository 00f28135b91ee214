"""`register`: text representations that do not differ between runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessions import run

if TYPE_CHECKING:
    import pytest
    from IPython.core.interactiveshell import InteractiveShell

    Captured = pytest.CaptureFixture[str]


def shown(shell: InteractiveShell, capsys: Captured, cell: str) -> str:
    """Run a cell, and return what it shows, without the prompt."""
    capsys.readouterr()
    run(shell, cell)
    return capsys.readouterr().out.partition(": ")[2].strip()


def are_short(text: str) -> bool:
    """Return whether a text has numbers, all with at most six significant digits."""
    numbers = re.findall(r"[=\[ ](-?\d+\.[\de+-]+)", text)
    return bool(numbers) and all(number == f"{float(number):.6g}" for number in numbers)


def test_a_generator_shows_no_address(shell: InteractiveShell, capsys: Captured) -> None:
    """This holds while the extension is loaded."""
    run(shell, "import numpy as np\nrng = np.random.default_rng(1)")
    run(shell, "rng")
    assert "Generator(PCG64)" == capsys.readouterr().out.strip().rpartition(": ")[2]
    run(shell, "%unload_ext ithtel")
    run(shell, "rng")
    assert " at 0x" in capsys.readouterr().out


def test_a_decision_shows_no_clock(shell: InteractiveShell, capsys: Captured) -> None:
    """It shows no id and at most six digits; fields without a value are left out."""
    run(shell, "import ithtel")
    expected = (
        "DecisionSnapshot(\n"
        "    decision_id='d',\n"
        "    features_at_decision=DecisionFeatures(tmaeg=0.333333),\n"
        "    thresholds=DecisionThresholds(),\n"
        "    action={'size': 0.666667},\n"
        ")"
    )
    assert expected == shown(shell, capsys, "ithtel.log_decision('d', {'tmaeg': 1 / 3}, {}, {'size': 2 / 3})")


def test_a_test_shows_six_digits(shell: InteractiveShell, capsys: Captured) -> None:
    """Digests and lists are abbreviated."""
    run(shell, "import numpy as np\nfrom ithtel import stats\nvalues = np.random.default_rng(1).normal(size=300)")
    said = shown(shell, capsys, "stats.acf(values)")
    assert said.startswith("AcfResult(\n    hypothesis_id='acf:")
    assert re.search(r"input_hash='sha256:[0-9a-f]{12}…'", said)
    assert re.search(r"=\[-?0\.\d{1,7}, ", said)
    assert are_short(said)
    assert re.search(r"scales=\[10, .*, … \d+ more\]", shown(shell, capsys, "stats.hurst(np.resize(values, 900))"))


def test_fitness_shows_six_digits(shell: InteractiveShell, capsys: Captured) -> None:
    """Numbers are abbreviated as in other results."""
    run(shell, "import ithtel\nresult = ithtel.analyze([1, 1.06, 1, 1.12], side='bull', hurdle=0.05)")
    assert are_short(shown(shell, capsys, "result.bull.fitness"))
