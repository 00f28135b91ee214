"""Comparing as every front end does: sources, exit codes, forms of the verdict."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import ithtel
from factories import Writer
from ithtel import events
from ithtel.cli import app
from ithtel.commands.log.diff import diff
from ithtel.errors import IthtelError, LogError, MissingFileError, NoSessionError
from ithtel.provenance.fingerprint import fingerprint


def write(held: int, session_id: str, *, path: Path = Path("logs/ndjson/notebook.jsonl"), **start: object) -> Path:
    """Add a session of one cell to a log."""
    before = path.read_bytes() if path.exists() else b""
    event = fingerprint(held, "x")
    assert isinstance(event, events.ObjectFingerprint)
    writer = Writer(session_id=session_id).start(**start)
    writer.cell("y = 0", writes=["y"]).cell("x = f()", event, writes=["x"], reads=["y"]).end().write(path)
    path.write_bytes(before + path.read_bytes())
    return path


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    if isinstance(result.exception, IthtelError):
        return 2, str(result.exception)
    return result.exit_code, result.output


def test_the_last_two_sessions_of_a_log_are_compared() -> None:
    """`ithtel diff LOG`."""
    write(1, "sess_1")
    write(1, "sess_2")
    assert (0, "identical: 2 cells\n") == run("diff", "logs")
    write(2, "sess_3")
    code, text = run("diff", "logs/ndjson/notebook.jsonl")
    assert 1 == code
    assert text.startswith("departs at cell [2]: unknown (1 of 2 cells the same)\n")


def test_two_logs_are_compared() -> None:
    """Each may name a session."""
    log, other = write(1, "sess_1"), write(2, "sess_2", path=Path("other.jsonl"))
    assert 1 == run("diff", str(log), str(other))[0]
    assert 0 == run("diff", f"{log}@-1", f"{log}@sess_1")[0]


def test_the_verdict_as_json_and_as_a_page() -> None:
    """To the screen, or to a file in the format of its suffix."""
    log, other = write(1, "sess_1"), write(2, "sess_2", path=Path("other.jsonl"))
    _, text = run("diff", str(log), str(other), "--format", "json")
    assert "departs" == json.loads(text)["verdict"]["outcome"]
    run("diff", str(log), str(other), "-o", "verdict.html")
    written = Path("verdict.html").read_text(encoding="utf-8")
    assert "<!DOCTYPE html>" in written
    assert "departs at cell [2]" in written
    assert "<script" not in written


def test_one_session_that_is_named_has_nothing_to_be_compared_with() -> None:
    """What is missing is reported, in the words of the caller."""
    log = write(1, "sess_1")
    said = f"'{log}@-1' is one session: name a second one, or the log alone to compare its last two"
    assert (2, said) == run("diff", f"{log}@-1")


def test_an_only_session_has_nothing_to_be_compared_with() -> None:
    """What is there is reported."""
    write(1, "sess_1")
    with pytest.raises(NoSessionError, match="holds 1 session"):
        diff("logs")


@pytest.mark.parametrize(
    ("content", "error"), [(None, MissingFileError), (b"", NoSessionError), (b"garbage\n", LogError)]
)
def test_what_is_no_log_is_said(content: bytes | None, error: type[Exception]) -> None:
    """As a sentence."""
    log = write(1, "sess_1")
    if content is not None:
        Path("bad.jsonl").write_bytes(content)
    with pytest.raises(error):
        diff(log, "bad.jsonl")


def test_a_newer_log_is_refused() -> None:
    """It may mean something else."""
    log = write(1, "sess_1", schema_version=99)
    with pytest.raises(LogError, match="schema version 99"):
        diff(log, log)


def test_sessions_of_scripts_are_compared_too() -> None:
    """What ran outside cells is one step: another seed, another input, another epoch are found."""
    logs = []  # type: ignore[var-annotated]
    for seed in (1, 1, 2):
        session = ithtel.start(f"script{len(logs)}", git=False)
        rng = ithtel.seed(seed).generator
        ithtel.analyze(np.exp(rng.normal(size=200).cumsum() / 50), side="bull", hurdle=0.05)
        session.close()
        logs.append(ithtel.read(session.path))
    assert ithtel.diff(logs[0], logs[1]).is_identical
    difference = ithtel.diff(logs[0], logs[2])
    assert not difference.is_identical
    assert "seed_changed" in difference.text()


def test_a_line_that_cannot_be_read_is_noted() -> None:
    """A cell that seems to be gone may be in it."""
    log, other = write(1, "sess_1"), write(1, "sess_2", path=Path("other.jsonl"))
    lines = other.read_bytes().splitlines(keepends=True)
    other.write_bytes(b"".join([*lines[:3], b"torn\n", *lines[3:]]))
    code, text = run("diff", str(log), str(other))
    assert 0 == code
    assert "note: the second log, line 4: not JSON: invalid character (byte 4)\n" in text


def test_doctor_lineage_and_timeline_report_what_they_cannot_read() -> None:
    """On standard error, as every verb that reads."""
    log = write(1, "sess_1")
    log.write_bytes(b"torn\n" + log.read_bytes())
    for arguments in (("doctor", str(log)), ("lineage", str(log), "x"), ("timeline", str(log))):
        done = CliRunner().invoke(app, list(arguments))
        assert f"ithtel: {log}, line 1: not JSON" in done.stderr, arguments
