"""One line at a time, also when a signal handler emits while a line is being written."""

from __future__ import annotations

import itertools
import signal
from collections import Counter
from typing import TYPE_CHECKING

import pytest

import ithtel
from ithtel.commands.log.verify import verify
from ithtel.events import Note
from ithtel.recording.journal.journal import Journal
from written import LOG, notes, numbers

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def _alarm() -> Iterator[None]:
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


@pytest.mark.usefixtures("_alarm")
def test_a_signal_handler_may_emit_in_the_middle_of_an_emit() -> None:
    """Its line comes afterwards, neither is lost, and the numbers stay in order."""
    session = ithtel.start("a", git=False, loguru=False)
    counter, handled = itertools.count(), list[int]()

    def handler(*_: object) -> None:
        mine = next(counter)
        handled.append(mine)
        session.emit(Note(text=f"handler {mine}"))

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 1e-4, 2e-4)
    for i in range(5_000):
        session.emit(Note(text=str(i)))
    signal.setitimer(signal.ITIMER_REAL, 0)
    written = notes()
    assert [str(i) for i in range(5_000)] == [text for text in written if not text.startswith("handler")]
    assert Counter(f"handler {k}" for k in handled) == Counter(text for text in written if text.startswith("handler"))
    assert handled
    (seqs,) = numbers().values()
    assert list(range(len(seqs))) == seqs


def test_lines_keep_their_numbers_when_the_journal_is_asked_in_between() -> None:
    """Reading the digest changes nothing."""
    session = ithtel.start("a", git=False, loguru=False)
    before = session.digest
    assert before == session.digest
    session.emit(Note(text="x"))
    assert before != session.digest
    digest = session.digest
    session.close()
    assert isinstance(session._writer.journal, Journal)
    assert verify(LOG, expect=digest).is_good
    assert not verify(LOG, expect=before).is_good
