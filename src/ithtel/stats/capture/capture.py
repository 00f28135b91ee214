"""`capture_scipy`, `SessionCapture`: record the `scipy.stats` tests that the user's own code calls, by wrapping them.

A call returns and raises what SciPy returns and raises. Calls from libraries are not counted: the frame shows who
calls. A name imported before (`from scipy.stats import ttest_ind`) bypasses the wrapper, so its calls are not recorded.
"""

from __future__ import annotations

import functools
import sys
from contextlib import contextmanager
from types import FunctionType
from typing import TYPE_CHECKING, Any

import msgspec

from ithtel.provenance.user_code import is_own_file
from ithtel.recording.import_hook import when_imported
from ithtel.recording.process import current
from ithtel.stats.hypothesis import COMPONENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

    from ithtel.recording.session import Session

MODULE = "scipy.stats"
FUNCTIONS = (
    "alexandergovern", "anderson", "anderson_ksamp", "ansari", "barnard_exact", "bartlett", "binomtest",
    "boschloo_exact", "brunnermunzel", "bws_test", "chatterjeexi", "chi2_contingency", "chisquare", "combine_pvalues",
    "cramervonmises", "cramervonmises_2samp", "dunnett", "epps_singleton_2samp", "f_oneway", "fisher_exact", "fligner",
    "friedmanchisquare", "goodness_of_fit", "jarque_bera", "kendalltau", "kruskal", "ks_1samp", "ks_2samp", "kstest",
    "kurtosistest", "levene", "linregress", "logrank", "mannwhitneyu", "median_test", "monte_carlo_test", "mood",
    "multiscale_graphcorr", "normaltest", "page_trend_test", "pearsonr", "permutation_test", "pointbiserialr",
    "poisson_means_test", "power_divergence", "quantile_test", "ranksums", "shapiro", "skewtest", "somersd",
    "spearmanrho", "spearmanr", "tukey_hsd", "ttest_1samp", "ttest_ind", "ttest_ind_from_stats", "ttest_rel",
    "weightedtau", "wilcoxon",
)  # fmt: skip
"""The functions whose result is that of a test; those that the installed SciPy has are wrapped."""
_OWNER = "ithtel_capture"


class ScipyCapture:
    """Wraps the tests of `scipy.stats`, now or when it is imported, until `undo`.

    Args:
        is_users: Returns whether the calling frame runs the user's own code.
    """

    def __init__(self, is_users: Callable[[FrameType], bool]) -> None:
        self._is_users = is_users
        self.is_active = False
        self._wrapped: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {}
        self._call_off: Callable[[], None] | None = None

    def install(self) -> None:
        """Wrap the functions now, or as soon as `scipy.stats` is imported."""
        self.is_active = True
        self._call_off = when_imported(MODULE, self._wrap)

    def undo(self) -> None:
        """Restore SciPy's own functions; a wrapper that is still referenced only calls through from now on."""
        self.is_active = False
        if self._call_off is not None:
            self._call_off()
        module = sys.modules.get(MODULE)
        for name, (original, wrapper) in self._wrapped.items():
            if getattr(module, name, None) is wrapper:
                setattr(module, name, _living(original))
        self._wrapped.clear()

    def names_not_seen(self, namespace: Mapping[str, object]) -> list[str]:
        """Return the names that bypass the wrappers: imported before, or left from a capture that has ended."""
        originals = {id(original) for original, _ in self._wrapped.values()}
        return sorted(
            name for name, value in list(namespace.items())
            if (id(value) in originals or _is_left_over(value)) and name[:1] != "_"
        )  # fmt: skip

    def _wrap(self) -> None:
        module = sys.modules.get(MODULE)
        if not self.is_active:
            return
        for name in FUNCTIONS:
            original = getattr(module, name, None)
            if callable(original):
                wrapper = self._wrapper(name, original)
                self._wrapped[name] = (original, wrapper)
                setattr(module, name, wrapper)

    def _wrapper(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def wrapper(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - SciPy's own arguments and result
            result = original(*args, **kwargs)
            if self.is_active:
                self._note(name, args, kwargs, result, sys._getframe(1))  # noqa: SLF001 - the way to the caller's frame
            return result

        # so that it is pickled under SciPy's name
        wrapper.__module__, wrapper.__qualname__ = MODULE, name
        vars(wrapper)[_OWNER] = self
        return wrapper

    def _note(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], result: object, frame: FrameType
    ) -> None:
        """Write the result of a call; an error here is counted as a loss and does not reach the caller."""
        session = current()
        if session is None or session.is_closed or session.is_paused:
            return
        try:
            if self._is_users(frame):
                from ithtel.stats.capture.captured import events

                for event in events(name, args, kwargs, result, frame.f_globals):
                    session.emit(event, component=COMPONENT)
        except Exception as error:  # noqa: BLE001 - the user's test must not fail because of us
            session.count_loss(f"{MODULE}.{name}: {type(error).__name__}: {error}")


def _living(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the wrapped function if `function` is the wrapper of a capture that has ended."""
    owner = getattr(function, _OWNER, None)
    return _living(function.__wrapped__) if owner is not None and not owner.is_active else function  # type: ignore[attr-defined]


def _is_left_over(value: object) -> bool:
    """Return whether a value is the wrapper of a capture that has ended; only functions are looked into."""
    owner = vars(value).get(_OWNER) if type(value) is FunctionType else None
    return owner is not None and not owner.is_active


@contextmanager
def capture_scipy() -> Iterator[None]:
    """Record the tests of `scipy.stats` that your own modules call within this context, if a session is running.

    A session with `capture="scipy"` does the same until it ends; in a notebook, `%ithtel set capture=scipy` does it for
    the calls of cells. Names imported before are not seen, nor are calls from installed packages. Each p-value becomes
    a `hypothesis_result`, which is `significant` if it is below .05.

    Example:
        >>> import ithtel
        >>> with ithtel.capture_scipy():
        ...     from scipy import stats
        ...     p_value = stats.ttest_1samp([1.0, 2.0, 4.0], 0.0).pvalue
    """
    capture = ScipyCapture(is_own_code)
    capture.install()
    entering = _entering(sys._getframe(1))  # noqa: SLF001 - the way to who enters it
    write_note(current(), names_not_seen=capture.names_not_seen(entering.f_globals))
    try:
        yield
    finally:
        capture.undo()
        write_note(current(), names_not_seen=None)


def _entering(frame: FrameType) -> FrameType:
    """Return the first frame outside contextlib, which enters for a `with` statement, a decorator or an ExitStack."""
    while frame.f_globals.get("__name__") == contextmanager.__module__ and frame.f_back is not None:
        frame = frame.f_back
    return frame


class SessionCapture:
    """Captures for one session until `end` or the end of the session; a nested session has its own setting.

    Args:
        session: Takes the events while it is the current one.
        is_users: Returns whether the calling frame runs the user's own code.
        names: The user's variables, to find those that bypass the wrappers.
    """

    def __init__(self, session: Session, is_users: Callable[[FrameType], bool], names: Mapping[str, object]) -> None:
        self._session = session
        self._capture = ScipyCapture(lambda frame: current() is session and is_users(frame))
        self._capture.install()
        session.on_close(self.end)
        write_note(session, names_not_seen=self._capture.names_not_seen(names))

    @property
    def is_active(self) -> bool:
        """Whether the capture has not ended yet."""
        return self._capture.is_active

    def end(self) -> None:
        """Restore SciPy's own functions; a second call does nothing."""
        if self.is_active:
            self._capture.undo()
            write_note(self._session, names_not_seen=None)


def write_note(session: Session | None, *, names_not_seen: list[str] | None) -> None:
    """Write a line saying that capture has started and which names bypass it, or, for None, that it has ended."""
    if session is None or session.is_closed:
        return
    if names_not_seen is None:
        msg: str = "scipy.stats is no longer watched"
        context: dict[str, object] = {"capture": "none"}
    else:
        bypassing = f"; not seen: {', '.join(names_not_seen)}" if names_not_seen else ""
        msg = f"scipy.stats is watched{bypassing}"
        context = {"capture": "scipy", "names_not_seen": names_not_seen}
    session.write("INFO", msg, msgspec.json.encode(context), component=COMPONENT)


def is_own_code(frame: FrameType) -> bool:
    """Return whether a frame runs code that belongs neither to an installed package nor to ithtel."""
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    return package != "scipy" and is_own_file(frame.f_code.co_filename)
