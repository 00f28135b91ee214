"""`IthtelError` and its kinds. Each message says what happened, what was given and what is allowed."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class IthtelError(Exception):
    """Anything that ithtel reports as an error."""


class InputError(IthtelError, ValueError):
    """A value given by the caller cannot be used."""


class DataError(InputError):
    """A file's content cannot be used. The message names the file, and the line if it is known."""


class MissingFileError(IthtelError, FileNotFoundError):
    """A file or folder that was named does not exist."""


class LogError(IthtelError, ValueError):
    """A log, or a line of one, cannot be read."""


class NoSessionError(IthtelError, LookupError):
    """The session that was asked for does not exist."""


class MissingNameError(IthtelError, KeyError):
    """A mapping has no item of that name."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would quote it


class SettingError(IthtelError, ValueError):
    """There is no setting of that name, or it does not allow the value."""


class RecordingError(IthtelError, RuntimeError):
    """Recording cannot do what was asked in its current state."""


class MissingPackageError(IthtelError, ImportError):
    """A package that comes with an extra is not installed."""


class PlausibilityWarning(UserWarning):
    """Numbers can be used, but probably do not mean what they were taken for."""


def did_you_mean(given: str, allowed: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for a near miss, otherwise the choices if they are few.

    >>> did_you_mean("bul", ["bull", "bear"])
    " (did you mean 'bull'?)"
    """
    names = sorted(allowed)
    by_lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(given.lower(), by_lower, n=1)
    if near:
        return f" (did you mean {by_lower[near[0]]!r}?)"
    return f" (choose from {', '.join(names)})" if 0 < len(names) <= 12 else ""  # noqa: PLR2004 - what fits a line
