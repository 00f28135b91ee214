"""Lines that the disk refuses: kept in order, bounded, reported."""

from __future__ import annotations

import errno
import os

import pytest

import ithtel
from ithtel.commands.log.verify import verify
from ithtel.events import Note, RecordingLoss
from written import LOG, notes


def emit_to_a_disk_that_refuses(
    session: ithtel.Session, monkeypatch: pytest.MonkeyPatch, number: int = errno.ENOSPC
) -> None:
    """Emit twenty notes while the system refuses each, by default for lack of space."""

    def refuse(_lines: bytes) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(session.sink, "write", refuse)
        patch.setattr(session.sink, "append", refuse)
        for i in range(20):
            session.emit(Note(text=str(i)))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EAGAIN])
def test_what_could_not_be_written_is_written_later(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    """Lines wait in memory, one warning is printed, the log reports how many were late, and the seals are valid."""
    session = ithtel.start("a", git=False, loguru=False)
    emit_to_a_disk_that_refuses(session, monkeypatch, number)
    session.seal()
    assert 1 == capsys.readouterr().err.count(f"ithtel: cannot write the log ({os.strerror(number)})")
    assert [str(i) for i in range(20)] == notes()
    (loss,) = ithtel.read(LOG).events(RecordingLoss)
    assert (0, None) == (loss.n_dropped, loss.first_seq)
    assert f"{os.strerror(number)}; 20 lines were written late" == loss.reason
    session.close()
    assert "intact" == verify(LOG).lines()[0]


def test_memory_for_what_cannot_be_written_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past `backlog`, lines are dropped and the log reports which; verification does not count this as tampering."""
    session = ithtel.start("a", git=False, loguru=False, backlog="5 KB")
    emit_to_a_disk_that_refuses(session, monkeypatch)
    session.close()
    n_kept = len(notes())
    (loss,) = ithtel.read(LOG).events(RecordingLoss)
    assert 0 < n_kept < 20
    assert (20 - n_kept, n_kept + 1, 20) == (loss.n_dropped, loss.first_seq, loss.last_seq)
    assert "intact" == verify(LOG).lines()[0]
