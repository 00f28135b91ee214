"""`tail`: the last lines of a log as text, one line per event, coloured by level."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from ithtel.errors import LogError, MissingFileError
from ithtel.events.format.files import parse_path
from ithtel.reading.lines.files import find_files
from ithtel.reading.lines.read import read
from ithtel.reading.lines.tail import follow

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from ithtel.events import Envelope

_COLOURS = {
    "TRACE": "2", "DEBUG": "2", "INFO": "", "SUCCESS": "32", "WARNING": "33", "ERROR": "31", "CRITICAL": "1;31",
}  # fmt: skip


def tail(
    source: str | os.PathLike[str], n_lines: int = 10, *, is_endless: bool = False, has_colour: bool = False
) -> Iterator[str]:
    """Yield the last lines of a log as text; if `is_endless`, also each new line, across rotations.

    Raises:
        MissingFileError: There is no such log, or none in this folder is being written.
        LogError: No line can be read.
    """
    path = Path(source).expanduser()
    if is_endless or not path.is_file():
        path = _live_file(path)
    for envelope in follow(path, n_lines) if is_endless else _last(path, n_lines):
        yield line_of(envelope, has_colour=has_colour)


def _last(path: Path, n_lines: int) -> Iterable[Envelope]:
    log = read(path, "all")
    last = deque((record.envelope for record in log), maxlen=n_lines)
    if n_lines and not last and log.problems:
        raise LogError(f"cannot read any line of {str(path)!r}: {log.problems[0]}")
    return last


def line_of(envelope: Envelope, *, has_colour: bool = False) -> str:
    """Return time, level, component and message of a line; control characters in the message are escaped."""
    text = f"{envelope.ts[11:23]} {envelope.level:<8} {envelope.component}  {envelope.msg}"
    text = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
    colour = _COLOURS.get(envelope.level, "") if has_colour else ""
    return f"\x1b[{colour}m{text}\x1b[0m" if colour else text


def _live_file(path: Path) -> Path:
    """Return the file that is being written: the named one, or the one in a folder that was written to last."""
    paths = [each for group in find_files(path) for each in group.paths]
    live = [each for each in paths if (file := parse_path(each)) is None or file.rotated is None]
    if not live:
        raise MissingFileError(f"no log in {str(path)!r} is being written: all files are rotated parts")
    return max(live, key=lambda each: each.stat().st_mtime_ns)
