"""The lines of one session and process are checked one by one."""

from __future__ import annotations

import pytest

from factories import Writer
from ithtel import events as ev
from ithtel.events import decode_envelope
from ithtel.reading.verify.chains import ChainVerdict, Tally
from ithtel.reading.verify.finding import Place


def written() -> list[bytes]:
    """Return four lines: a start and three notes."""
    writer = Writer().start()
    for text in "abc":
        writer.emit(ev.Note(text=text))
    return writer.lines


def check(lines: list[bytes]) -> ChainVerdict:
    """Return the verdict about these lines."""
    tally = Tally(session_id="a", pid=1)
    for number, line in enumerate(lines, start=1):
        tally.add(Place(path="a.jsonl", line_number=number, position=number), line + b"\n", decode_envelope(line))
    return tally.verdict()


def test_lines_without_an_end_are_not_suspicious() -> None:
    """A crash leaves them."""
    verdict = check(written())
    assert ("ended without close", None, 4) == (verdict.status, verdict.finding, verdict.n_unsealed)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([0, 1, 3], "a.jsonl, line 3: removed: before this line the line with seq 2 is missing"),
        ([0, 3], "a.jsonl, line 2: removed: before this line 2 lines are missing, with seq 1 to 2"),
        ([0, 1, 1, 2], "a.jsonl, line 3: added: a second line has seq 1"),
        ([0, 2, 1, 3], "a.jsonl, line 2: moved: lines that belong before this one come later: from seq 1"),
    ],
)
def test_a_gap_in_the_numbers_is_a_change(order: list[int], expected: str) -> None:
    """Missing, repeated and moved lines are distinguished."""
    lines = written()
    verdict = check([lines[place] for place in order])
    assert ("changed", expected) == (verdict.status, str(verdict.finding))


def test_a_recorded_loss_explains_a_gap() -> None:
    """Lines that could not be written are not suspicious."""
    lines = written()
    writer = Writer()
    writer.lines = [b""] * 3
    loss = writer.emit(ev.RecordingLoss(n_dropped=2, first_seq=1, last_seq=2, reason="full"))
    assert check([lines[0], loss]).finding is None


def test_an_invalid_event_is_a_change() -> None:
    """Only of the kinds that matter for verification."""
    lines = written()
    assert "this line is not a valid event" in str(check([lines[0].replace(b'"pid"', b'"pid"'), _broken()]).finding)


def _broken() -> bytes:
    writer = Writer()
    writer.lines = [b""]
    return writer.line({"event_type": "log.seal", "sha256": 3}, msg="sealed")
