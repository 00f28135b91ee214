"""`capture_events`, `recorded_events`, `FakeClock`."""

from __future__ import annotations

import ithtel
from ithtel.events import EpochDetected, Note
from ithtel.testing import Captured, FakeClock, capture_events, recorded_events  # noqa: F401 - a fixture


def test_events_are_captured_and_no_file_is_made() -> None:
    """A running session gets none of them."""
    outer = ithtel.start("outer", git=False)
    before = outer.n_events
    with capture_events() as captured:
        ithtel.analyze([1, 1.06, 1, 1.12], side="bull", hurdle=0.05)
    assert [1, 3] == [event.bar_index for event in captured.events(EpochDetected)]
    assert before == outer.n_events


def test_the_clock_stands_still_until_told() -> None:
    """Times in a captured log come from the clock."""
    clock = FakeClock(0.0)
    with capture_events(clock=clock) as captured:
        captured.session.emit(Note(text="a"))
        clock.advance(1.5)
        captured.session.emit(Note(text="b"))
    assert ["1970-01-01T00:00:00.000000Z", "1970-01-01T00:00:01.500000Z"] == [
        record.envelope.ts for record in captured.records
    ]


def test_messages_are_captured_where_asked() -> None:
    """Messages of loguru are captured on request."""
    from loguru import logger

    with capture_events(loguru=True) as captured:
        logger.info("hello")
    assert ["hello"] == [record.envelope.msg for record in captured.records]


def test_the_fixture_gives_what_the_test_records(recorded_events: Captured) -> None:  # noqa: F811
    """Empty at first."""
    assert [] == recorded_events.events()
    ithtel.current().emit(Note(text="x"))
    assert ["x"] == [event.text for event in recorded_events.events(Note)]
