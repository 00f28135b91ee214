"""`Surroundings`, `Look`: what a session knows of its present, and one look at texts and values with it."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

from ithtel.provenance.volatile.clock import Window, without_clock
from ithtel.provenance.volatile.durations import uses_timer, without_durations
from ithtel.provenance.volatile.identities import without_identities, without_time_uuids
from ithtel.provenance.volatile.marks import Marks
from ithtel.provenance.volatile.places import without_places

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

MAX_MOMENTS = 1_000
_PLAIN = re.compile(r"[\d/\\]")
"""What no volatile part is without."""


class Surroundings:
    """The present of one session: its clock, folders, process, and what it drew from the operating system.

    Args:
        namespace: Returns the variables, whose addresses are recognised.
        made: Hexadecimal digits that the session drew (`EntropyWatch.made`).
    """

    def __init__(
        self, namespace: Callable[[], Mapping[str, object]] = dict, made: AbstractSet[str] = frozenset()
    ) -> None:
        self._namespace = namespace
        self.made = made
        self.moments: frozenset[int] = frozenset()
        self.started = time.time()

    def look(self, source: str = "") -> Look:
        """Return a look for the cell of this text, which begins now.

        >>> Surroundings().look().cleaned("nothing")[0]
        'nothing'
        """
        return Look(self, source)

    def remember(self, instant: float) -> None:
        """Recognise a moment from now on: a variable keeps it."""
        if len(self.moments) < MAX_MOMENTS:
            self.moments |= {int(instant)}

    def ids(self) -> frozenset[int]:
        """Return the addresses of what the variables hold, and of what lists, tuples and dicts among it hold."""
        found = set()
        for value in list(self._namespace().values()):
            found.add(id(value))
            if any(type(value) is kind for kind in (list, tuple, set)):  # `in` would run code of a metaclass
                found.update(map(id, list(value)[:MAX_MOMENTS]))  # type: ignore[call-overload]
            elif type(value) is dict:
                found.update(map(id, list(value.values())[:MAX_MOMENTS]))
        return frozenset(found)


class Look:
    """Recognises volatile parts while one cell runs. The cell's text says what it asks for: timers, process ids."""

    def __init__(self, surroundings: Surroundings, source: str = "") -> None:
        self.surroundings = surroundings
        self.began = time.time()
        self.is_timed = uses_timer(source)
        self.asks_pid = "pid" in source
        self._started = time.perf_counter()
        self._ids: frozenset[int] | None = None
        self._ids_of: float = 0.0

    LEAST_UPTIME_S = 60.0
    """A smaller number of seconds since the machine started may as well be a result."""

    @property
    def pids(self) -> tuple[int, int]:
        """This process and its parent."""
        return os.getpid(), os.getppid()

    @property
    def window(self) -> Window:
        """The running time of the cell until now."""
        return Window(self.began, time.time(), self.surroundings.moments)

    @property
    def elapsed_s(self) -> float:
        """How long the cell has run, by a clock that nobody sets."""
        return time.perf_counter() - self._started

    def cleaned(self, text: str) -> tuple[str, dict[str, int]]:
        """Return a text without its volatile parts and its padding, and the number of parts of each kind.

        >>> Surroundings().look().cleaned(f"in process: {os.getpid()}")[1]
        {'process id': 1}
        """
        if _PLAIN.search(text) is None:
            return Marks().closed(text), {}
        marks = Marks()
        window = self.window
        clean = without_clock(text, window, marks)
        clean = without_durations(clean, self.elapsed_s + 2.0, marks, is_timed=self.is_timed)
        clean = without_places(clean, marks)
        clean = without_time_uuids(clean, window, marks)
        clean = without_identities(
            clean, self.pids, self.surroundings.made, self.is_alive, marks, is_asked=self.asks_pid
        )
        for moment in marks.moments:
            self.surroundings.remember(moment)
        return marks.closed(clean), dict(marks.counts)

    def remembers(self, instant: float) -> bool:
        """Return whether a moment is the present of this cell, or an earlier one that was remembered; remember it."""
        if not self.window.holds(instant):
            return False
        self.surroundings.remember(instant)
        return True

    def is_alive(self, number: int) -> bool:
        """Return whether a number is the address of something that a variable holds; looked up once a second."""
        now = time.perf_counter()
        if self._ids is None or now - self._ids_of > 1.0:
            self._ids, self._ids_of = self.surroundings.ids(), now
        return number in self._ids
