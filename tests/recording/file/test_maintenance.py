"""When the file of a session is rotated."""

from __future__ import annotations

import ithtel
from ithtel.events import Note
from ithtel.events.format.files import parts_of
from ithtel.testing import FakeClock
from written import LOG, notes


def test_a_file_is_rotated_when_its_time_has_come() -> None:
    """The age of a file is that of its first line, not the file system's."""
    clock = FakeClock()
    session = ithtel.start("a", git=False, loguru=False, rotation="1 h", compression="none", clock=clock)
    session.emit(Note(text="1"))
    clock.advance(3_599)
    session.emit(Note(text="2"))
    assert [] == parts_of(LOG.parent, "a")
    clock.advance(2)
    session.emit(Note(text="3"))
    (part,) = parts_of(LOG.parent, "a")
    assert ["1", "2"] == notes(part.path)
    assert ["1", "2", "3"] == notes()
