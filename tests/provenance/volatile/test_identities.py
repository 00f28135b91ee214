"""Process ids, uuids of the session and addresses of what lives do not count."""

from __future__ import annotations

import uuid

import pytest

from ithtel.provenance.volatile.clock import Window
from ithtel.provenance.volatile.identities import without_identities, without_time_uuids
from ithtel.provenance.volatile.marks import Marks

PID = 41_234
MADE = uuid.UUID("12345678-1234-4234-9234-123456789abc")
LIVING = 139_708_734_262_160


def kinds(text: str, *, is_asked: bool = False) -> list[str]:
    """Return what was replaced."""
    marks = Marks()
    known = {MADE.hex, MADE.hex[:8], f"T_{MADE.hex[:5]}"}
    without_identities(text, (PID, 1), known, lambda number: number == LIVING, marks, is_asked=is_asked)
    return list(marks.counts)


@pytest.mark.parametrize(
    "text", [f"pid {PID}", f"PID: {PID}", f"process id is {PID}", f"{PID}", f"run-{PID}.log", f"a\n{PID}\nb"]
)
def test_a_process_id_has_a_label_or_a_line(text: str) -> None:
    """Of its own."""
    assert ["process id"] == kinds(text)


@pytest.mark.parametrize("text", [f"{PID} rows", f"x = {PID}.5", f"9{PID}", f"pid {PID}7", "1"])
def test_an_equal_number_is_data(text: str) -> None:
    """Without a label; the parent of a process may have the number 1."""
    assert (["process id"] if text == "1" else []) == kinds(text)


def test_a_cell_that_asks_for_it_shows_it_anywhere() -> None:
    """As `print(x, os.getpid())` does."""
    assert ["process id"] == kinds(f"0.5 {PID} rows", is_asked=True)


def test_a_uuid_counts_unless_the_session_made_it() -> None:
    """With and without dashes, and its beginning."""
    for text in (str(MADE), MADE.hex, f"run_id={MADE.hex[:8]}", f"{MADE}.csv"):
        assert ["uuid"] == kinds(text), text
    assert [] == kinds("87654321-1234-4234-9234-123456789abc")


def test_the_id_of_a_styled_table_is_a_uuid() -> None:
    """Pandas takes the first five digits of one; five other digits are data."""
    assert ["uuid"] == kinds(f'<table id="T_{MADE.hex[:5]}"><th id="T_{MADE.hex[:5]}_level0_col0">')
    assert [] == kinds('<table id="T_87654">')


def test_a_uuid_made_from_the_clock_is_recognised() -> None:
    """By its time."""
    marks = Marks()
    made = uuid.uuid1()
    now = made.time / 1e7 - 12_219_292_800
    without_time_uuids(str(made), Window(now, now + 1), marks)
    assert {"uuid": 1} == marks.counts
    assert str(made) == without_time_uuids(str(made), Window(now + 60, now + 61), Marks())


def test_an_address_is_that_of_something_alive() -> None:
    """Decimal or hexadecimal; any other number is data."""
    assert ["address"] == kinds(f"{LIVING}") == kinds(hex(LIVING)) == kinds(f"<A {LIVING}>")
    assert [] == kinds(f"{LIVING + 1} 0x{LIVING + 1:x} 0.{LIVING} {LIVING}.5")
