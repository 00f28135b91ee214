"""`main`: mistakes, errors of the operating system, closed output, completion, schemas."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

import ithtel
from ithtel.events import Note

if TYPE_CHECKING:
    from commandline import Call

CSV = "Date,NAV\n2024-01-02,100\n2024-01-03,106\n2024-01-04,100\n2024-01-05,113\n"


@pytest.fixture
def nav() -> Path:
    """A small NAV file."""
    Path("fund.csv").write_text(CSV, encoding="utf-8")
    return Path("fund.csv")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["analyze", "fund.csv", "--hurdle", "mmd"], "no hurdle 'mmd' (did you mean 'mdd'?)"),
        (["analyze"], "give either files or --synthetic N"),
        (["analyze", "fund.csv", "--synthetic", "5"], "give either files or --synthetic N"),
        (["analyze", "--synthetic", "1"], "at least 2 bars"),
        (["analyze", "fund.csv", "--side", "up"], "'up' is not one of"),
        (["analyze", "fund.csv", "--seed", "-1"], "-1"),
        (["events", "nothing.jsonl"], "nothing.jsonl"),
        (["epochs", "fund.csv"], "fund.csv"),
        (["timeline", "logs/ndjson/bull_ith.jsonl", "-o", "a.gif"], "expected a .png or .svg file"),
        (["timeline", "logs/ndjson/bull_ith.jsonl", "--theme", "pink"], "pink"),
        (["bogus"], "No such command 'bogus'"),
    ],
)
def test_a_mistake_is_exit_code_2(call: Call, nav: Path, arguments: list[str], said: str) -> None:
    """The message on standard error names what is allowed; there is no traceback."""
    call("analyze", str(nav), "--hurdle", "0.05")
    done = call(*arguments)
    assert 2 == done.code
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.slow
def test_schemas_are_printed_written_and_checked(call: Call) -> None:
    """The exit code is 1 if the written schemas differ."""
    assert "ith-epoch-event" in json.loads(call("schemas").out)
    assert 0 == call("schemas", "--write").code
    assert 0 == call("schemas", "--check").code
    Path("schemas/note.json").unlink()
    done = call("schemas", "--check")
    assert (1, "schemas/note.json differs: run ithtel schemas --write\n") == (done.code, done.out)


def test_a_folder_that_cannot_be_written_is_said(call: Call, nav: Path) -> None:
    """A warning is printed once; the analysis still runs."""
    Path("logs").write_text("in the way")
    done = call("analyze", str(nav), "--hurdle", "0.05")
    assert 0 == done.code
    assert 1 == done.err.count("cannot write to logs")


@pytest.mark.kernel
def test_a_shell_completes_verbs_and_options() -> None:
    """Bash gets the completions it asks for."""

    def completed(words: str, at: int) -> list[str]:
        asked = {"_ITHTEL_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(at)}
        command = [str(Path(sys.executable).with_name("ithtel"))]
        return subprocess.run(
            command, env={**os.environ, **asked}, capture_output=True, text=True, check=True
        ).stdout.split()

    assert ["verify"] == completed("ithtel ver", 1)
    assert ["--summary"] == completed("ithtel events --su", 2)


def run(*arguments: str, stdout: int | IO[bytes] = subprocess.PIPE, **environment: str) -> tuple[int, bytes, str]:
    """Run `ithtel` as a process; return its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "ithtel", *arguments],
        stdout=stdout, stderr=subprocess.PIPE, env={**os.environ, **environment}, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout or b"", done.stderr.decode()


@pytest.mark.kernel
@pytest.mark.parametrize("verb", ["schemas", "profiles"])
def test_a_reader_that_has_enough_is_no_error(verb: str) -> None:
    """`ithtel … | true` prints no traceback and exits as after SIGPIPE: 1 would be a verdict."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as pipe:  # noqa: PTH123 - a descriptor
        code, _, err = run(verb, stdout=pipe)
    assert (141, "") == (code, err)


@pytest.mark.kernel
def test_what_an_encoding_lacks_is_escaped(call: Call, nav: Path) -> None:
    """A terminal without UTF-8 gets escapes instead of a traceback."""
    assert 0 == call("analyze", str(nav), "--hurdle", "0.05").code
    session = ithtel.start("arrows", git=False, loguru=False)
    session.emit(Note(text="a → b"))
    session.close()
    code, out, err = run("tail", "logs/ndjson/arrows.jsonl", PYTHONIOENCODING="latin-1")
    assert (0, "") == (code, err)
    assert rb"a \u2192 b" in out


@pytest.mark.kernel
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_output_that_cannot_be_written_is_one_line() -> None:
    """A full disk gives one line and exit code 2."""
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        code, _, err = run("schemas", stdout=full)
    assert (2, "ithtel: No space left on device\n") == (code, err)
