"""Sessions of a single note, and the notes in a log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from factories import Writer
from ithtel.events import Note

if TYPE_CHECKING:
    from ithtel.reading.lines.log import Log

FILE = Path("logs/ndjson/notebook.jsonl")


def append(writer: Writer, path: Path = FILE) -> None:
    """Add the lines of a session to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.writelines(line + b"\n" for line in writer.lines)


def note(text: str, **writer: object) -> Writer:
    """Return a session that says one thing."""
    log = Writer(**writer).start()
    log.emit(Note(text=text))
    return log.end()


def texts(log: Log) -> list[str]:
    """Return the notes in a log."""
    return [event.text for event in log.events(Note)]
