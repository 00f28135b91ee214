"""`%ithtel set capture=scipy` and `%ithtel audit`, as a user types them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scipy import stats as scipy_stats

from sessions import recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

DATA = "import numpy as np\nfrom scipy import stats\nrng = np.random.default_rng(1)\na, b = rng.normal(size=(2, 30))"
ORIGINAL = scipy_stats.ttest_ind


def names() -> list[str]:
    """Return the names of the recorded tests."""
    return [event["test_name"] for event in recorded() if event.get("event_type") == "hypothesis_result"]


def test_nothing_is_captured_unless_asked_for(shell: InteractiveShell) -> None:
    """SciPy is unchanged."""
    run(shell, DATA + "\nstats.ttest_ind(a, b)")
    assert scipy_stats.ttest_ind is ORIGINAL
    assert [] == names()


def test_calls_of_cells_are_captured_on_request(shell: InteractiveShell) -> None:
    """Calls in functions that cells define count; calls in ithtel and in libraries do not."""
    run(shell, "%ithtel set capture=scipy")
    run(shell, DATA)
    run(shell, "result = stats.ttest_ind(a, b)")
    run(shell, "def test(x):\n    return stats.shapiro(x)\ntest(a)")
    run(
        shell,
        "import ithtel, pandas as pd\nithtel.stats.shapiro_wilk(a)\npd.DataFrame({'a': a, 'b': b}).corr('kendall')",
    )
    assert ["scipy.stats.ttest_ind", "scipy.stats.shapiro"] == names()
    assert ORIGINAL(shell.user_ns["a"], shell.user_ns["b"]) == shell.user_ns["result"]


@pytest.mark.parametrize("line", ["%ithtel set capture=none", "%ithtel stop", "%unload_ext ithtel"])
def test_it_is_undone(shell: InteractiveShell, line: str) -> None:
    """Changing the setting, stopping and unloading each undo it."""
    run(shell, "%ithtel set capture=scipy")
    assert scipy_stats.ttest_ind is not ORIGINAL
    run(shell, line)
    assert scipy_stats.ttest_ind is ORIGINAL


def test_it_goes_on_in_the_next_session(shell: InteractiveShell) -> None:
    """The setting belongs to the notebook."""
    run(shell, "%ithtel set capture=scipy")
    run(shell, "%ithtel stop")
    run(shell, "%ithtel start")
    assert scipy_stats.ttest_ind is not ORIGINAL


def test_asked_for_twice_it_wraps_once(shell: InteractiveShell) -> None:
    """Each test is recorded once."""
    run(shell, "%ithtel set capture=scipy")
    run(shell, "%ithtel set capture=scipy")
    run(shell, DATA + "\nstats.ttest_ind(a, b)")
    assert 1 == len(names())


def test_the_audit_says_which_names_are_not_seen(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """It lists names that the notebook imported earlier."""
    run(shell, DATA + "\nfrom scipy.stats import ttest_ind, norm")
    run(shell, "%ithtel set capture=scipy")
    run(shell, "ttest_ind(a, b)\nstats.ttest_rel(a, b)")
    capsys.readouterr()
    run(shell, "%ithtel audit")
    said = capsys.readouterr().out
    assert "nor calls of names imported earlier (ttest_ind)." in said
    assert "1 captured from scipy.stats." in said


def test_the_audit_of_a_log_by_name(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing log is one line."""
    run(shell, "import ithtel\nithtel.log_hypothesis_result(test_name='mine', p_value=0.01, decision='yes')")
    capsys.readouterr()
    run(shell, "%ithtel audit logs/ndjson/notebook.jsonl")
    assert "1 p-value adjusted" in capsys.readouterr().out
    run(shell, "%ithtel audit nothing.jsonl")
    captured = capsys.readouterr()
    assert (captured.out + captured.err).startswith("UsageError: ")


def test_an_unknown_capture_is_an_error(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """The message says so, and nothing is wrapped."""
    run(shell, "%ithtel set capture=numpy")
    captured = capsys.readouterr()
    assert "UsageError" in captured.out + captured.err
    assert scipy_stats.ttest_ind is ORIGINAL
