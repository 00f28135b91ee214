"""`capture_events`, `recorded_events`, `FakeClock`: help users test what their own code records.

To use the fixture, write `from ithtel.testing import recorded_events` in a `conftest.py`.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ithtel.events import Event, Provenance, UnknownEvent
from ithtel.reading.lines.log import Log
from ithtel.recording.file.sink import MemorySink
from ithtel.recording.process import overriding
from ithtel.recording.session import Session
from ithtel.recording.settings import Settings

try:
    import pytest
except ImportError:  # only the fixture needs it
    pytest = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.reading.lines.record import Record

E = TypeVar("E", bound=Event)


class FakeClock:
    """A clock in seconds since 1970 that moves only when `advance` is called.

    >>> clock = FakeClock(100.0)
    >>> clock.advance(2.5)
    >>> clock()
    102.5
    """

    def __init__(self, seconds: float = 1_769_351_452.0) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        """Return the current time."""
        return self.seconds

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self.seconds += seconds


@dataclass(frozen=True, kw_only=True)
class Captured:
    """The lines and events recorded so far; complete at any moment."""

    session: Session
    sink: MemorySink

    @property
    def log(self) -> Log:
        """The lines as a log, as `ithtel.read` returns it."""
        return Log.from_lines(self.sink.lines())

    @property
    def records(self) -> list[Record]:
        """All lines in order, without seals."""
        return [record for record in self.log if record.event_type != "log.seal"]

    @overload
    def events(self) -> list[Event | UnknownEvent]: ...
    @overload
    def events(self, kind: type[E]) -> list[E]: ...
    def events(self, kind: type[Event] | None = None) -> list[Any]:
        """Return the events, all or of one kind; plain messages are in `records`."""
        events = [record.event for record in self.records if record.event is not None]
        return events if kind is None else [event for event in events if isinstance(event, kind)]


@contextmanager
def capture_events(*, clock: FakeClock | None = None, **settings: object) -> Iterator[Captured]:
    """Record in memory what this thread (and tasks it starts) emits, even if another session is running.

    Args:
        clock: The source of times; by default a clock that stands still.
        settings: Any of `ithtel.Settings`.

    Example:
        >>> import ithtel
        >>> with capture_events() as captured:
        ...     _ = ithtel.analyze([1, 1.06, 1, 1.12], side="bull", hurdle=0.05)
        >>> [event.bar_index for event in captured.events(ithtel.events.EpochDetected)]
        [1, 3]
    """
    sink = MemorySink()
    provenance = Provenance(session_id="sess_captured", git_sha=None, input_hash=None, random_seed=None)
    chosen = Settings(git=False, loguru=False).replaced(**settings)
    session = Session("captured", sink, chosen, provenance, trace_id="0" * 32, clock=clock or FakeClock())
    disconnect = None
    if chosen.loguru:
        from ithtel.recording import loguru_bridge as bridge

        disconnect = bridge.connect(session)
    try:
        with overriding(session):
            yield Captured(session=session, sink=sink)
    finally:
        if disconnect is not None:
            disconnect()


if pytest is not None:

    @pytest.fixture
    def recorded_events() -> Iterator[Captured]:
        """Yield what the test records: `recorded_events.events(ithtel.events.EpochDetected)`."""
        with capture_events() as captured:
            yield captured
