"""`start`: start to record in a script."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from ithtel import stats
from ithtel.recording import process
from ithtel.recording.process import current

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from ithtel.recording.session import Session

P = ParamSpec("P")
R = TypeVar("R")
SCRIPT = "script"


def start(
    name: str = SCRIPT,
    log_dir: str | os.PathLike[str] | None = None,
    experiment_id: str | None = None,
    **settings: Any,  # noqa: ANN401 - each of its own type
) -> Session:
    """Start to record, and make the new session the current one until it ends.

    Args:
        name: The name of the session and of its file, `{log_dir}/ndjson/{name}.jsonl`.
        log_dir: Folder of the logs, `logs` by default. If it is not writable, the session records to the user's state
            folder, else to memory, and `Session.notice` says so.
        experiment_id: An id that several sessions share; they then have the same trace id.
        settings: Any of `ithtel.Settings`; for tests also a `sink` that receives the lines instead of a file, and a
            `clock` (seconds since the epoch).

    Raises:
        InputError: `name` cannot name a file.
        SettingError: There is no such setting, or the value is not allowed.

    Example:
        >>> import ithtel, tempfile
        >>> with ithtel.start("example", log_dir=tempfile.mkdtemp()) as session:
        ...     session.emit(ithtel.events.Note(text="hello"))
        ...     session.path.name
        'example.jsonl'
    """
    session = process.start(name, log_dir, experiment_id, **settings)
    if session.settings.capture == "scipy":
        _capture(session)
    return session


def running_session() -> Session:
    """Return the current session; start one named `script` if there is none."""
    return current() or start()


def in_a_session(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate `function` so that it starts a session named `script` if none is running."""

    @functools.wraps(function)
    def within(*args: P.args, **kwargs: P.kwargs) -> R:
        running_session()
        return function(*args, **kwargs)

    return within


def _capture(session: Session) -> None:
    """Record the tests of `scipy.stats` that the user's own modules call, until the session ends."""
    from ithtel.stats.capture.capture import SessionCapture, is_own_code

    frame = sys._getframe(1)  # noqa: SLF001 - the caller's names
    while frame.f_back is not None and not is_own_code(frame):
        frame = frame.f_back
    SessionCapture(session, is_own_code, frame.f_globals)


log_hypothesis_result = in_a_session(stats.log_hypothesis_result)
