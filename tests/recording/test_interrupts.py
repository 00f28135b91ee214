"""A KeyboardInterrupt at each single point where CPython looks for signals within the recording: nothing is lost.

The points are found by tracing opcodes: CPython looks for signals after a call, at the start of a function and where a
loop goes back. `scenario` is run once for each, with the interrupt at that point.
"""

from __future__ import annotations

import contextlib
import dis
import errno
import functools
import itertools
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

import ithtel
from ithtel.commands.log.verify import verify
from ithtel.events import Note
from ithtel.recording.file import rotation

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(sys.gettrace() is not None, reason="somebody else traces: a debugger, or coverage"),
    # a generator that was interrupted at its first step is closed by Python, with a message about it
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
LOG = Path("logs/ndjson/a.jsonl")
LOOKS = {"CALL", "CALL_KW", "CALL_FUNCTION_EX", "RESUME", "JUMP_BACKWARD"}
RECORDING = f"{os.sep}ithtel{os.sep}recording{os.sep}"


@functools.cache
def points(code: CodeType) -> frozenset[int]:
    """Return the offsets of the instructions before which CPython looks for signals."""
    instructions = list(dis.get_instructions(code))
    return frozenset(after.offset for one, after in itertools.pairwise(instructions) if one.opname in LOOKS)


class Interrupting:
    """Interrupts the recording at its `n`-th point; `where` tells the place, None if there are fewer points."""

    def __init__(self, n: int) -> None:
        self.where: str | None = None
        self._left = n

    def __enter__(self) -> Self:
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _trace(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if RECORDING not in frame.f_code.co_filename:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode" and frame.f_lasti in points(frame.f_code):
            self._left -= 1
            if self._left == 0:
                self.where = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno} {frame.f_code.co_name}"
                raise KeyboardInterrupt
        return self._trace


def nothing(_session: ithtel.Session) -> None:
    """The file is as it was."""


def deleted(session: ithtel.Session) -> None:
    """The folder is gone."""
    shutil.rmtree(session.path.parent)


def rotated_by_another(session: ithtel.Session) -> None:
    """What we write goes into a part."""
    rotation.rotate(session.path, "a", time.time())
    session.sink._check_at = 0.0  # type: ignore[attr-defined]


def closed(session: ithtel.Session) -> None:
    """A user has closed all descriptors."""
    os.close(session.sink._descriptor)  # type: ignore[attr-defined]


def full(session: ithtel.Session) -> None:
    """The disk is full for a while."""

    def refuse(_lines: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    session.sink.write = session.sink.append = refuse  # type: ignore[assignment, method-assign, misc]


def has_space_again(session: ithtel.Session) -> None:
    """The disk takes lines again, if it did not."""
    if vars(session.sink).pop("append", None) is not None:
        session.sink.settle()


def one_by_one(session: ithtel.Session) -> None:
    """Emit, and seal as at the end of a cell."""
    session.emit(Note(text="1"))
    session.emit(Note(text="2"))
    session.seal()


def in_a_block(session: ithtel.Session) -> None:
    """Emit a table."""
    session.emit_many(Note, {"text": [f"b{i}" for i in range(5)]})


ROTATING = {"rotation": "3 kB", "compression": "none"}


@pytest.mark.parametrize("write", [one_by_one, in_a_block])
@pytest.mark.parametrize(
    ("happens", "settings"),
    [
        (nothing, {}), (deleted, {}), (rotated_by_another, {}), (closed, {}),
        (nothing, ROTATING), (rotated_by_another, ROTATING), (closed, ROTATING), (full, {}),
    ],
)  # fmt: skip
def test_an_interrupt_at_any_point_neither_loses_nor_doubles(
    happens: Callable[[ithtel.Session], None], write: Callable[[ithtel.Session], None], settings: dict[str, str]
) -> None:
    """Each line is there once, in order, without gaps, with valid seals, no matter what happened to the file."""
    n, where = 0, ""
    while where is not None:
        n += 1
        session = ithtel.start("a", git=False, loguru=False, **settings)
        for i in range(4):
            session.emit(Note(text=f"before {i}"))
        happens(session)
        with contextlib.suppress(KeyboardInterrupt), Interrupting(n) as interrupting:
            write(session)
        where = interrupting.where  # type: ignore[assignment]
        has_space_again(session)
        for i in range(3):
            session.emit(Note(text=f"after {i}"))
        session.close()
        seqs = [record.envelope.seq for record in ithtel.read(LOG, "all")]
        assert list(range(len(seqs))) == seqs, where
        assert "intact" == verify(LOG).lines()[0], where
        shutil.rmtree("logs")
    assert n > 50
