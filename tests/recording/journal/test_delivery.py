"""Each line is written once, even when the write is interrupted."""

from __future__ import annotations

from typing import Any

import pytest

import ithtel
from ithtel.commands.log.verify import verify
from ithtel.events import Note
from written import LOG, notes


class _Interrupting:
    """A sink method that is interrupted before or after it has done its work."""

    def __init__(self, real: Any, before: list[bool]) -> None:
        self.real = real
        self.before = before

    def __call__(self, lines: bytes) -> Any:
        is_before = self.before.pop(0) if self.before else None
        if is_before:
            raise KeyboardInterrupt
        done = self.real(lines)
        if is_before is False:
            raise KeyboardInterrupt
        return done


@pytest.mark.parametrize("is_before", [True, False])
def test_an_interrupt_around_the_write_neither_loses_nor_doubles(
    monkeypatch: pytest.MonkeyPatch, is_before: bool
) -> None:
    """The line is there once, under its number, whether or not the system had written it."""
    session = ithtel.start("a", git=False, loguru=False)
    monkeypatch.setattr(session.sink, "write", _Interrupting(session.sink.write, [is_before]))
    with pytest.raises(KeyboardInterrupt):
        session.emit(Note(text="1"))
    session.emit(Note(text="2"))
    assert ["1", "2"] == notes()
    session.close()
    assert "intact" == verify(LOG).lines()[0]


def test_interrupts_of_the_recovery_neither_lose_nor_double(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second interrupt during the recovery from the first is harmless."""
    session = ithtel.start("a", git=False, loguru=False)
    monkeypatch.setattr(session.sink, "write", _Interrupting(session.sink.write, [True]))
    monkeypatch.setattr(session.sink, "append", _Interrupting(session.sink.append, [False]))
    with pytest.raises(KeyboardInterrupt):
        session.emit(Note(text="1"))
    session.emit(Note(text="2"))
    session.close()
    assert ["1", "2"] == notes()
    assert "intact" == verify(LOG).lines()[0]
