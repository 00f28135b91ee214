"""Older flat lines become envelopes of the current format."""

from __future__ import annotations

from ithtel.events import DataLoad
from ithtel.reading.lines.log import Log


def test_older_flat_lines_are_read() -> None:
    """The flat form becomes an event of today."""
    line = b'{"ts":"2025-01-02T03:04:05+01:00","event_type":"data_load","source":"nav.csv","rows":7,"session_id":"old"}'
    log = Log.from_lines([line, b'{"ts":"2025-01-02","event_type":"something","x":1}'])
    first, second = log
    assert isinstance(first.event, DataLoad)
    assert (first.event.source_path, first.event.row_count, first.event.column_count) == ("nav.csv", 7, None)
    assert (first.envelope.ts, first.session_id) == ("2025-01-02T02:04:05.000000Z", "old")
    assert (second.event_type, second.context["x"], second.session_id) == ("something", 1, "unknown")
    assert log.problems == []
