"""The base of all events."""

from __future__ import annotations

import msgspec

from ithtel.events import EpochDetected, Note, event_type
from ithtel.events.base import Event


class Untold(Event, tag="untold", frozen=True, kw_only=True):
    """An event without a sentence of its own."""

    text: str | None = None


def test_an_event_is_named_by_its_tag() -> None:
    """The class and the instance."""
    assert ("note", "note") == (event_type(Note), event_type(Note(text="x")))


def test_a_field_that_is_none_by_default_is_omitted() -> None:
    """It is not null in the line."""
    assert b'{"event_type":"untold"}' == msgspec.json.encode(Untold())


def test_an_event_without_a_sentence_is_called_by_its_name() -> None:
    """One line for a person."""
    assert "untold" == Untold().sentence()


def test_a_table_has_the_sentences_of_its_rows() -> None:
    """Constants hold for all rows."""
    columns = {"epoch_index": [1, 2], "bar_index": [5, 9], "excess_gain": 0.5, "excess_loss": 0.0}
    rows = [EpochDetected(epoch_index=e, bar_index=b, excess_gain=0.5, excess_loss=0.0) for e, b in ((1, 5), (2, 9))]
    assert [row.sentence() for row in rows] == EpochDetected.sentences(columns)
