"""Whether a log is as it was written, and whether its lines fit the schemas."""

from __future__ import annotations

from pathlib import Path

import pytest

import ithtel
from ithtel.commands.log.source import log_of
from ithtel.commands.log.verify import validate, verify, verify_log
from ithtel.errors import InputError, NoSessionError

LOG = Path("logs/ndjson/demo.jsonl")


@pytest.fixture
def digest() -> str:
    """The digest of a log with one closed session."""
    with ithtel.start("demo") as session:
        session.emit(ithtel.events.Note(text="kept"))
    return verify(LOG).verification.chains[0].digest


def change() -> None:
    """Change a line of the log."""
    LOG.write_bytes(LOG.read_bytes().replace(b"kept", b"made"))


def test_an_untouched_log_is_intact(digest: str) -> None:
    """And it is the one that is expected."""
    verdict = verify(LOG, f"sha256:{digest.upper()}")
    assert verdict.is_good
    assert "intact, and it is the expected log" == verdict.lines()[0]


def test_another_digest_is_not_this_log(digest: str) -> None:
    """The log itself may be intact."""
    verdict = verify(LOG, "0" * 64)
    assert not verdict.is_good
    assert "intact, but not the expected log: it has no such digest" == verdict.lines()[0]
    assert digest in verdict.lines()[1]


@pytest.mark.usefixtures("digest")
def test_a_changed_line_is_found() -> None:
    """In the whole log, in one session of it, and in a log in hand."""
    change()
    assert not verify(LOG).is_good
    assert verify(f"{LOG}@-1").lines()[0].startswith("changed: ")
    assert "changed" == verify_log(log_of(LOG)).status


@pytest.mark.parametrize("expect", ["abc", "x" * 64, ""])
def test_only_a_digest_can_be_expected(expect: str) -> None:
    """Of 64 hexadecimal digits."""
    with pytest.raises(InputError, match=f"^expected a digest of 64 hexadecimal digits, got {expect!r}$"):
        verify(LOG, expect)


def test_without_a_session_there_is_nothing_to_verify() -> None:
    """The reason is named."""
    Path("a.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(NoSessionError, match=r"^no session in 'a.jsonl': it is empty$"):
        verify("a.jsonl")


@pytest.mark.usefixtures("digest")
def test_every_line_is_validated() -> None:
    """Of all sessions, unless one is named; a file may have an @ in its name."""
    n_lines = len(LOG.read_bytes().splitlines())
    assert (n_lines, 0, []) == (validate(LOG).n_lines, validate(LOG).n_unknown, validate(LOG).problems)
    with ithtel.start("demo"):
        pass
    assert validate(LOG).n_lines > n_lines == validate(f"{LOG}@-2").n_lines
    strange = LOG.with_name("a@b.jsonl")
    strange.write_bytes(LOG.read_bytes() + b"garbage\n")
    assert ["not JSON"] == [problem.message[:8] for problem in validate(strange).problems]
