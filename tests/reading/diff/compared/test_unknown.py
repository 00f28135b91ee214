"""Values without a fingerprint are named in every verdict; none counts as equal in silence."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from ithtel import events as ev
from ithtel.events.notebook import OF_A_RECORD, TOO_LARGE
from ithtel.reading.diff.diff import diff
from ithtel.reading.history.baseline import canonical, decode, encode
from ithtel.reading.history.build import history
from research import Session, value

if TYPE_CHECKING:
    from ithtel.reading.diff.verdict import Difference


def made(skipped: dict[str, str], *inside: ev.Event, **start: Any) -> Any:
    return Session(**start).cell("model = f()", *inside, writes="model", skipped=skipped).log()


def texts(difference: Difference) -> list[str]:
    return [line for line in difference.text().splitlines() if line.startswith("not compared")]


@pytest.mark.parametrize("sides", [(True, True), (True, False), (False, True)])
def test_what_was_omitted_in_either_session_is_named(sides: tuple[bool, bool]) -> None:
    """With its cell and the reason, below an identical."""
    known = value("model", np.zeros(3))
    one, other = (made({"model": TOO_LARGE}) if omitted else made({}, known) for omitted in sides)
    difference = diff(one, other)
    assert difference.is_identical
    assert ["not compared: model in [1] (omitted: over the time allowed)"] == texts(difference)
    assert b'"not_compared"' in difference.json()


def test_what_is_opaque_is_named() -> None:
    """Also in a baseline, which keeps why."""
    with sqlite3.connect(":memory:") as connection:
        log = made({"model": "it does not give its state"}, value("model", connection))
    connection.close()
    expected = ["not compared: model in [1] (it does not give its state)"]
    assert expected == texts(diff(log, log))
    baseline = decode(encode(canonical(history(log))))
    assert expected == texts(diff(baseline, canonical(history(log))))


def test_the_value_of_an_old_baseline_without_a_reason_is_named() -> None:
    """Its line has no `skipped`."""
    with sqlite3.connect(":memory:") as connection:
        now = canonical(history(made({}, value("model", connection))))
    connection.close()
    old = msgspec.structs.replace(
        now, executions=[msgspec.structs.replace(each, skipped={}) for each in now.executions]
    )
    assert ["not compared: model in [1] (no fingerprint was recorded)"] == texts(diff(old, old))


@pytest.mark.parametrize("reason", [OF_A_RECORD, "a random generator: its state is recorded as rng.state"])
def test_what_is_compared_otherwise_is_not_named(reason: str) -> None:
    """A generator as a stream; what shows the record is no result."""
    log = made({"model": reason})
    assert [] == texts(diff(log, log))


def test_what_departs_is_not_named_again() -> None:
    """One table has a fingerprint, the other none, and their types differ."""
    with sqlite3.connect(":memory:") as connection:
        other = made({"model": "opaque"}, value("model", connection))
    connection.close()
    difference = diff(made({}, value("model", 1)), other)
    assert not difference.is_identical
    assert [] == texts(difference)


def test_a_session_without_fingerprints_is_named() -> None:
    """It compares by outputs and streams alone."""
    log = made({}, config={"fingerprint": "off"})
    assert "not compared: all values (fingerprint=off in the first session)" in texts(diff(log, made({})))


def test_reasons_are_grouped() -> None:
    """Names of one cell together, then the cells, then the reason once."""
    session = Session()
    session.cell("fig, ax = plot()", writes="fig ax", skipped={"fig": "a figure", "ax": "a figure"})
    session.cell("more = plot()", writes="more", skipped={"more": "a figure"})
    log = session.log()
    assert ["not compared: ax, fig in [1], more in [2] (a figure)"] == texts(diff(log, log))


def test_hazards_stand_below_an_identical() -> None:
    """Once, though both sessions have them; with a departure its own causes are shown instead."""
    hazard = ev.Hazard(kind="clock", detail="it reads the clock", names=["x"], execution_count=1)
    one, other = (Session().cell("x = 1", hazard, value("x", n), writes="x").log() for n in (1, 2))
    assert "identical: 1 cell\nhazard in [1]: clock: it reads the clock" == diff(one, one).text()
    assert "hazard in" not in diff(one, other).text()
