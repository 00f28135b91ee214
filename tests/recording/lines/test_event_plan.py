"""What each event class needs on its way into a line."""

from __future__ import annotations

import pytest

from ithtel.events import EVENTS, CellEnd, DataLoad, EpochDetected, Event, IthStep, Note, SeedSet, event_type
from ithtel.recording.lines.event_plan import plan_of, plans


@pytest.mark.parametrize("kind", EVENTS, ids=event_type)
def test_an_event_that_only_has_to_be_encoded_has_no_other_need(kind: type[Event]) -> None:
    """A plain one is neither learned nor payload, and can be written as a table."""
    plan = plan_of(kind)
    assert not (plan.is_plain and (plan.is_learned or plan.has_payload or plan.is_single))


def test_the_texts_of_an_event_are_those_that_are_searched() -> None:
    """None without any, one by itself, several as a tuple."""
    note = Note(text="x")
    epoch = EpochDetected(epoch_index=1, bar_index=1, excess_gain=0.0, excess_loss=0.0, series="NAV")
    assert ("x", "NAV") == (plan_of(Note).texts(note), plan_of(EpochDetected).texts(epoch))


def test_seeds_and_inputs_are_learned() -> None:
    """Later lines name them."""
    kinds = (SeedSet, DataLoad, CellEnd, Note)
    assert [True, True, False, False] == [plan_of(kind).is_learned for kind in kinds]


def test_a_plan_is_made_once() -> None:
    """It is remembered by class."""
    assert plan_of(IthStep) is plans[IthStep]
