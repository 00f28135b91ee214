"""What two runs of a cell asked outside, as evidence for a difference."""

from __future__ import annotations

import pytest

from ithtel.reading.diff.causes.external import contacts_of, names_program
from ithtel.reading.history.values import Contact, Execution


def asking(*contacts: tuple[str, str]) -> Execution:
    """Return a run of a cell that asked these: kind, target."""
    return Execution(place=1, contacts=[Contact(kind=kind, target=target, owner="f") for kind, target in contacts])


def test_who_was_asked_in_one_run_only_comes_first() -> None:
    """It explains more than who was asked in both."""
    a, b = asking(("host", "a.org"), ("program", "git")), asking(("host", "a.org"), ("database", "p.db"))
    assert {
        "git": "f ran git in the first session only",
        "p.db": "f queried p.db in the second session only",
        "a.org": "f talked to a.org, and its answer is not recorded",
    } == contacts_of(a, b)
    assert ["git", "p.db", "a.org"] == list(contacts_of(a, b))


def test_cells_that_asked_nobody_have_no_evidence() -> None:
    """As those of older logs, which hold no contacts."""
    assert {} == contacts_of(asking(), asking())


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("[Errno 2] No such file or directory: 'ffmpeg'", True),
        ("[Errno 2] No such file or directory: '/opt/bin/ffmpeg'", True),
        ("[Errno 2] No such file or directory: 'a.mp4'", False),
        ("", False),
    ],
)
def test_a_missing_program_is_told_from_a_missing_file(text: str, is_named: bool) -> None:
    """By the name in the message."""
    assert is_named == names_program(text, asking(("program", "ffmpeg -i a.mp4")))
