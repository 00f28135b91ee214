"""The end of a log for a person: one line an event, coloured by its level."""

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
    """Yield the last lines of a log as text, then, if `is_endless`, each as it is added; across rotation.

    Raises:
        MissingFileError: There is no such log, or nothing is written in this folder.
        LogError: Nothing in it can be read.
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
        raise LogError(f"nothing in {str(path)!r} can be read: {log.problems[0]}")
    return last


def line_of(envelope: Envelope, *, has_colour: bool = False) -> str:
    """Return time, level, component and message of a line; control characters in the message are shown, not obeyed."""
    said = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in envelope.msg)
    text = f"{envelope.ts[11:23]} {envelope.level:<8} {envelope.component}  {said}"
    colour = _COLOURS.get(envelope.level, "") if has_colour else ""
    return f"\x1b[{colour}m{text}\x1b[0m" if colour else text


def _live_file(path: Path) -> Path:
    """Return the file being written: the one named, or the one in a folder that was written to last."""
    paths = [each for group in find_files(path) for each in group.paths]
    live = [each for each in paths if (file := parse_path(each)) is None or file.rotated is None]
    if not live:
        raise MissingFileError(f"no log is being written in {str(path)!r}: its files are rotated parts")
    return max(live, key=lambda each: each.stat().st_mtime_ns)
