"""`follow`: the last lines of a log, and those that are added to it, across rotation."""

from __future__ import annotations

import os
import time
from collections import deque
from typing import TYPE_CHECKING, BinaryIO

from ithtel.events import decode_envelope
from ithtel.reading.lines.parse import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ithtel.events import Envelope

_QUIET_POLLS = 10
"""How many polls a rotated file is still read for: another process may not have noticed the rotation yet."""


def follow(
    path: Path,
    n_lines: int = 10,
    *,
    is_endless: bool = True,
    wait: Callable[[], object] = lambda: time.sleep(0.2),
) -> Iterator[Envelope]:
    """Yield the last `n_lines` of the file being written, then, if `is_endless`, each line as it is added.

    Lines that cannot be read are skipped. `wait` is called between two polls of the file.
    """
    files = [_Followed(path)]
    try:
        last: deque[Envelope] = deque(files[0].envelopes(), maxlen=n_lines)
        yield from last
        while is_endless:
            for file in files:
                yield from file.envelopes()
            if not files[-1].is_at(path) and path.exists():
                files.append(_Followed(path))
                continue
            for file in [file for file in files[:-1] if file.n_quiet > _QUIET_POLLS]:
                file.close()
                files.remove(file)
            wait()
    finally:
        for file in files:
            file.close()


class _Followed:
    """A file that is being appended to."""

    def __init__(self, path: Path) -> None:
        self.n_quiet = 0
        self._file: BinaryIO = path.open("rb")
        self._rest = b""

    def envelopes(self) -> Iterator[Envelope]:
        """Yield the complete lines that were added since the last call."""
        is_quiet = True
        while chunk := self._file.read(1 << 20):
            is_quiet = False
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            for line in lines:
                try:
                    yield decode_envelope(line)
                except UNREADABLE:
                    continue
        self.n_quiet = self.n_quiet + 1 if is_quiet else 0

    def is_at(self, path: Path) -> bool:
        """Return whether the file still has its name."""
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), path.stat())
        except OSError:
            return False

    def close(self) -> None:
        self._file.close()
