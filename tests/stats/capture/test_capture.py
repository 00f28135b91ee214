"""Capture of scipy.stats in scripts: which calls are recorded, and that calls behave the same."""

from __future__ import annotations

import contextlib
import importlib.util
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from scipy.stats import ttest_rel as imported_before

import ithtel
from ithtel import stats
from ithtel.stats.capture import captured
from ithtel.stats.capture.capture import FUNCTIONS, MODULE, ScipyCapture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

RNG = np.random.default_rng(2)
A, B = RNG.normal(size=40), RNG.normal(0.4, size=40)


@pytest.fixture
def session() -> Iterator[ithtel.Session]:
    """A session that runs."""
    with ithtel.start("study", git=False) as session:
        yield session


def events(session: ithtel.Session) -> list[Any]:
    """Return the recorded tests."""
    return list(ithtel.read(session.path).events("hypothesis_result"))


def test_a_call_of_ones_own_is_on_record(session: ithtel.Session) -> None:
    """Function, arguments' fingerprints, p-value; what is returned is what SciPy returns."""
    expected = scipy_stats.ttest_ind(A, B, equal_var=False)
    with ithtel.capture_scipy():
        result = scipy_stats.ttest_ind(A, B, equal_var=False)
    assert (expected, type(expected)) == (result, type(result))
    (event,) = events(session)
    assert ("scipy.stats.ttest_ind", "A | B") == (event.test_name, event.subject)
    assert (result.statistic, result.pvalue) == (event.statistic, event.p_value)
    arguments = event.details.context["arguments"]
    assert stats.describe(A).input_hash == arguments["a"]
    assert stats.describe(B).input_hash == arguments["b"]
    assert False is arguments["equal_var"]
    assert stats.cliffs_delta(A, B).input_hash == event.input_hash
    assert (80, 0) == (event.n_samples, event.n_dropped)


def test_the_same_call_is_the_same_hypothesis(session: ithtel.Session) -> None:
    """Other data or another option is another."""
    with ithtel.capture_scipy():
        for x, how in ((A, "two-sided"), (A, "two-sided"), (A, "less"), (B, "two-sided")):
            scipy_stats.ttest_1samp(x, 0.0, alternative=how)
    ids = [event.hypothesis_id for event in events(session)]
    assert (ids[0], 3) == (ids[1], len(set(ids)))
    assert 3 == ithtel.ledger(session).n_hypotheses


def test_what_is_not_ones_own_is_not_counted(session: ithtel.Session) -> None:
    """Calls from ithtel, from SciPy itself and from what is installed."""
    library = type(sys)("some_library")
    code = compile("from scipy import stats\ndef test(x): return stats.shapiro(x)", "/x/site-packages/some.py", "exec")
    exec(code, library.__dict__)  # noqa: S102 - a module as if it were installed
    with ithtel.capture_scipy():
        stats.mann_whitney(A, B)
        library.test(A)
        pd.DataFrame({"a": A, "b": B}).corr("spearman")
        scipy_stats.kstest(A, "norm")
    assert ["scipy.stats.kstest"] == [event.test_name for event in events(session)]


def test_a_name_imported_before_is_not_seen_and_the_ledger_says_so(session: ithtel.Session) -> None:
    """By name."""
    with ithtel.capture_scipy():
        imported_before(A, B)
    assert [] == events(session)
    coverage = ithtel.ledger(session).coverage
    assert (True, ["imported_before"]) == (coverage.is_scipy_captured, coverage.names_not_seen)


def test_a_wrapper_left_from_a_capture_that_ended_is_not_seen(
    session: ithtel.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It only calls through, and the next capture says so."""
    with ithtel.capture_scipy():
        monkeypatch.setitem(globals(), "left_over", scipy_stats.ttest_1samp)
    with ithtel.capture_scipy():
        globals()["left_over"](A, 0.0)
    assert [] == events(session)
    assert ["imported_before", "left_over"] == ithtel.ledger(session).coverage.names_not_seen


def test_a_wrapper_of_a_capture_that_goes_on_is_seen(session: ithtel.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own, and that of one around it."""
    outer, inner = ScipyCapture(_from_here), ScipyCapture(_from_here)
    with contextlib.ExitStack() as undone:
        for capture in (outer, inner):
            capture.install()
            undone.callback(capture.undo)
        monkeypatch.setitem(globals(), "of_the_inner", scipy_stats.ttest_1samp)
        assert ["imported_before"] == outer.names_not_seen(globals())
        globals()["of_the_inner"](A, 0.0)
    assert 1 == len(events(session))


def test_what_a_name_holds_is_not_touched() -> None:
    """Objects whose attributes do anything, or fail, are not touched."""
    capture = ScipyCapture(_always)
    capture.install()
    assert [] == capture.names_not_seen({"hostile": Hostile(), "mock": mock.MagicMock()})
    capture.undo()


@ithtel.capture_scipy()
def decorated() -> None:
    """Call past the wrapper."""
    imported_before(A, B)


def in_a_stack() -> None:
    """Call past the wrapper."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(ithtel.capture_scipy())
        imported_before(A, B)


@pytest.mark.parametrize("call", [decorated, in_a_stack])
def test_names_not_seen_are_told_however_it_is_entered(session: ithtel.Session, call: Callable[[], None]) -> None:
    """As a decorator and through a stack, too."""
    call()
    assert ["imported_before"] == ithtel.ledger(session).coverage.names_not_seen


def test_it_is_undone(session: ithtel.Session) -> None:
    """Every function is SciPy's own again; one that was kept calls through."""
    before = {name: getattr(scipy_stats, name) for name in FUNCTIONS if hasattr(scipy_stats, name)}
    finders = list(sys.meta_path)
    with ithtel.capture_scipy():
        kept = scipy_stats.ttest_ind
        assert kept is not before["ttest_ind"]
    assert before == {name: getattr(scipy_stats, name) for name in before}
    assert finders == sys.meta_path
    assert before["ttest_ind"](A, B) == kept(A, B)
    assert [] == events(session)


def test_two_captures_count_once_and_undo_in_any_order(session: ithtel.Session) -> None:
    """The outer one counts."""
    before = {name: getattr(scipy_stats, name) for name in FUNCTIONS if hasattr(scipy_stats, name)}
    one, two = ScipyCapture(_always), ScipyCapture(_from_here)
    one.install()
    two.install()
    one.undo()
    scipy_stats.ttest_ind(A, B)
    two.undo()
    assert 1 == len(events(session))
    assert before == {name: getattr(scipy_stats, name) for name in before}


def _always(_frame: object) -> bool:
    return True


def _from_here(frame: Any) -> bool:
    return frame.f_globals["__name__"] == __name__


def test_an_error_is_scipys_and_records_nothing(session: ithtel.Session) -> None:
    """Of the same kind with the same words."""
    with pytest.raises(ValueError, match="could not convert") as expected:
        scipy_stats.ttest_ind(A, "x")
    with ithtel.capture_scipy(), pytest.raises(ValueError, match="could not convert") as found:
        scipy_stats.ttest_ind(A, "x")
    assert str(expected.value) == str(found.value)
    assert [] == events(session)


def test_a_failure_of_ours_never_fails_the_call(session: ithtel.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is counted as a loss."""
    monkeypatch.setattr(captured, "events", lambda *_: 1 / 0)
    with ithtel.capture_scipy():
        result = scipy_stats.ttest_ind(A, B)
    assert 0 < result.pvalue < 1
    assert 1 == session.n_dropped


class Hostile:
    """An argument that resists being looked at."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


def test_strange_arguments_never_fail_the_call(session: ithtel.Session) -> None:
    """Objects, generators, a Generator: SciPy gets them as they are."""
    rng = np.random.default_rng(1)
    with ithtel.capture_scipy():
        scipy_stats.permutation_test((A, B), lambda x, y: x.mean() - y.mean(), n_resamples=20, rng=rng)
        with pytest.raises((TypeError, ValueError, RuntimeError)):
            scipy_stats.shapiro(Hostile())
    assert 1 == len(events(session))


def test_a_session_that_asks_for_it_captures_until_it_ends() -> None:
    """`capture="scipy"` does the same as `capture_scipy`; names imported before are reported."""
    original = scipy_stats.ttest_ind
    with ithtel.start("study", git=False, capture="scipy") as session:
        assert scipy_stats.ttest_ind is not original
        scipy_stats.ttest_ind(A, B)
        imported_before(A, B)
    assert scipy_stats.ttest_ind is original
    assert ["scipy.stats.ttest_ind"] == [event.test_name for event in events(session)]
    coverage = ithtel.ledger(session.path).coverage
    assert (True, ["imported_before"]) == (coverage.is_scipy_captured, coverage.names_not_seen)


def test_the_setting_is_that_of_the_session_that_takes_the_events() -> None:
    """One that does not ask gets none, and takes none from the one that does; two that ask count once."""
    with ithtel.start("asks", git=False, capture="scipy") as asks:
        with ithtel.start("does_not", git=False) as does_not:
            scipy_stats.ttest_ind(A, B)
        with ithtel.start("asks_too", git=False, capture="scipy") as asks_too:
            scipy_stats.ttest_ind(A, B)
        scipy_stats.ttest_rel(A, B)
    assert [[], ["scipy.stats.ttest_ind"], ["scipy.stats.ttest_rel"]] == [
        [event.test_name for event in events(session)] for session in (does_not, asks_too, asks)
    ]


def test_the_environment_asks_for_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a session that starts by itself."""
    monkeypatch.setenv("ITHTEL_CAPTURE", "scipy")
    ithtel.log_data_load("fund.csv")
    scipy_stats.ttest_ind(A, B)
    session = ithtel.stop()
    assert session is not None
    assert ["scipy.stats.ttest_ind"] == [event.test_name for event in events(session)]


def test_wrapped_functions_are_pickled_and_documented() -> None:
    """By the name under which they are found."""
    import inspect

    original = scipy_stats.ttest_ind
    with ithtel.capture_scipy():
        wrapped = scipy_stats.ttest_ind
        assert wrapped is pickle.loads(pickle.dumps(wrapped))  # noqa: S301 - our own
        assert (inspect.signature(original), original.__doc__) == (inspect.signature(wrapped), wrapped.__doc__)


def test_without_a_session_nothing_happens() -> None:
    """And nothing is written."""
    with ithtel.capture_scipy():
        assert 0 < scipy_stats.ttest_ind(A, B).pvalue < 1
    assert ithtel.current() is None


@pytest.mark.kernel
def test_scipy_imported_later_is_seen(tmp_path: Path) -> None:
    """`from scipy.stats import …` too, and its module is what it would be without us."""
    code = """
import sys, ithtel
with ithtel.start("study", git=False) as session:
    with ithtel.capture_scipy():
        assert "scipy.stats" not in sys.modules
        from scipy.stats import ttest_1samp
        ttest_1samp([1.0, 2.0, 4.0], 0.0)
        assert "exec_module" not in vars(sys.modules["scipy.stats"].__spec__.loader)
    print([event.test_name for event in ithtel.read(session.path).events("hypothesis_result")])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "['scipy.stats.ttest_1samp']\n" == done.stdout, done.stderr


@pytest.mark.kernel
def test_who_only_looks_for_scipy_ends_no_capture(tmp_path: Path) -> None:
    """As is usual before an optional package is imported."""
    code = """
import importlib.util, ithtel
with ithtel.start("study", git=False) as session:
    with ithtel.capture_scipy():
        assert importlib.util.find_spec("scipy.stats")
        from scipy.stats import ttest_1samp
        ttest_1samp([1.0, 2.0, 4.0], 0.0)
    print([event.test_name for event in ithtel.read(session.path).events("hypothesis_result")])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "['scipy.stats.ttest_1samp']\n" == done.stdout, done.stderr


def test_every_function_of_the_installed_scipy_that_gives_a_p_value_is_known() -> None:
    """A later SciPy may bring one: this says its name."""
    assert importlib.util.find_spec(MODULE) is not None
    silent = {"false_discovery_control", "ttest_ind_from_stats"}
    told = {
        name for name in scipy_stats.__all__
        if callable(getattr(scipy_stats, name)) and not name[0].isupper()
        and "pvalue : " in (getattr(scipy_stats, name).__doc__ or "")
    }  # fmt: skip
    assert set() == told - set(FUNCTIONS) - silent
