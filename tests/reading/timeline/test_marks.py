"""Events appear in a timeline as marks."""

from __future__ import annotations

import pytest

from factories import Writer, data_load, log_of, seed_set
from ithtel import events as ev
from ithtel.reading.timeline.marks import mark_of


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (seed_set(), ("seed", "42", "seed 42 for python, numpy.legacy, numpy:rng")),
        (data_load(), ("data", "data/nav.csv", "data data/nav.csv · 1047 rows × 2 columns")),
        (ev.Note(text="see <A at 0x7f0011223344>"), ("note", "see <A at 0x…>", "see <A at 0x…>")),
        (
            ev.Hazard(kind="clock", detail="uses time.time", names=[], execution_count=1),
            ("hazard", "clock", "clock: uses time.time"),
        ),
    ],
)
def test_an_event_has_a_lane_a_label_and_a_sentence(event: ev.Event, expected: tuple[str, str, str]) -> None:
    """Each kind of event has its own lane."""
    writer = Writer()
    writer.emit(event)
    (record,) = log_of(writer)
    assert expected == mark_of(record)


def test_automatic_fingerprints_are_not_shown() -> None:
    """They are taken after every cell; requested ones are shown."""
    fingerprint = ev.ObjectFingerprint(name="x", type="builtins.int", fingerprint=None, reason="unknown")
    found = []
    for component in ("namespace", "provenance"):
        writer = Writer(component=component)
        writer.emit(fingerprint)
        found += [mark_of(record) for record in log_of(writer)]
    assert [None, ("fingerprint", "x", "x int")] == found


def test_only_warnings_among_messages_are_shown() -> None:
    """Plain information is left out."""
    writer = Writer()
    writer.line({}, msg="quiet", level="INFO")
    writer.line({}, msg="loud", level="WARNING")
    assert [None, ("message", "warning", "warning: loud")] == [mark_of(record) for record in log_of(writer)]
