"""A changed log is detected, with the line and the kind of change."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import ithtel
from examples import share
from ithtel.commands.log.verify import validate, verify
from ithtel.errors import InputError, LogError, NoSessionError
from ithtel.events import LogSeal, Note, SessionEnd
from ithtel.reading.verify.verify import Verification, verify_files

LOG = Path("logs/ndjson/a.jsonl")


def write(*, is_closed: bool = True, n_cells: int = 3) -> list[bytes]:
    """Write a session with one seal per cell, and return its lines."""
    session = ithtel.start("a", git=False, loguru=False)
    for cell in range(n_cells):
        for i in range(3):
            session.emit(Note(text=f"{cell}.{i}"))
        session.seal()
    if is_closed:
        session.close()
    return LOG.read_bytes().splitlines(keepends=True)


def check(lines: list[bytes]) -> Verification:
    """Verify these lines instead."""
    LOG.write_bytes(b"".join(lines))
    return verify_files([(LOG,)])


def test_what_was_not_touched_is_intact() -> None:
    """Consistent in itself; each seal covers the lines since the last one."""
    write()
    verdict = verify(LOG)
    assert verdict.is_good
    assert "intact" == verdict.lines()[0]
    assert [4, 4, 4] == [seal.n_lines for seal in ithtel.read(LOG).events(LogSeal)]


def test_a_seal_is_written_only_where_there_is_something_to_seal() -> None:
    """A cell without lines gets no seal."""
    session = ithtel.start("a", git=False, loguru=False)
    for _ in range(5):
        session.seal()
    assert 1 == len(list(ithtel.read(LOG).events(LogSeal)))


def test_the_end_of_a_session_seals_itself() -> None:
    """Its line carries the digest over itself, so the last line is covered too."""
    write()
    (end,) = ithtel.read(LOG).events(SessionEnd)
    assert end.sha256 == verify(LOG).verification.chains[0].digest


def test_a_crash_is_not_suspicious() -> None:
    """`ended without close`, exit code 0; lines after the last seal are counted."""
    write(is_closed=False)
    lines = LOG.read_bytes().splitlines(keepends=True)
    assert "ended without close" == check(lines[:-2]).status
    assert 3 == check(lines[:-2]).chains[0].n_unsealed  # the last seal itself, and two notes
    torn = check([*lines[:-2], lines[-2][:40]])
    assert "ended without close" == torn.status


def test_every_changed_line_is_named() -> None:
    """One letter anywhere: the verdict names the line, and says changed."""
    lines = write()
    for at, line in enumerate(lines):
        if b'"note"' in line:
            forged = [*lines[:at], line.replace(b'"text":"', b'"text":"x'), *lines[at + 1 :]]
            finding = check(forged).finding
            assert finding is not None
            assert (at + 1, "changed") == (finding.place.line_number, finding.what)


def test_every_removed_line_is_noticed() -> None:
    """Removing the last line looks like a crash: only a digest kept elsewhere shows it."""
    lines = write()
    for at in range(len(lines) - 1):
        finding = check([*lines[:at], *lines[at + 1 :]]).finding
        assert finding is not None
        assert (at + 1, "removed") == (finding.place.line_number, finding.what)
    assert "ended without close" == check(lines[:-1]).status


def test_every_added_line_is_noticed() -> None:
    """A second copy of a line and a line of another kind are both found."""
    lines = write()
    for at, line in enumerate(lines):
        finding = check([*lines[: at + 1], line, *lines[at + 1 :]]).finding
        assert finding is not None
        assert (at + 2, "added") == (finding.place.line_number, finding.what)
    finding = check([*lines[:3], b'{"hello":1}\n', *lines[3:]]).finding
    assert finding is not None
    assert (4, "added") == (finding.place.line_number, finding.what)


def test_every_moved_line_is_noticed() -> None:
    """The first place that is not as it was is named."""
    lines = write()
    for at in range(1, len(lines) - 3):
        finding = check([*lines[:at], *lines[at + 1 : at + 3], lines[at], *lines[at + 3 :]]).finding
        assert finding is not None
        assert (at + 1, "moved") == (finding.place.line_number, finding.what)


@settings(deadline=None, max_examples=share(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_any_changed_byte_is_noticed(seed: int) -> None:
    """A law: no byte of a closed log can be another without a finding.

    But for the name of the last event: without it the log looks as if the session had crashed before its end.
    """
    if not LOG.with_suffix(".kept").exists():
        write()
        LOG.with_suffix(".kept").write_bytes(LOG.read_bytes())
    content = bytearray(LOG.with_suffix(".kept").read_bytes())
    chance = random.Random(seed)
    at = chance.randrange(len(content))
    content[at] = chance.choice([byte for byte in range(256) if byte != content[at]])
    LOG.write_bytes(content)
    assume(b'"event_type":"session.end"' in content)
    assert verify_files([(LOG,)]).finding is not None


def test_a_digest_kept_elsewhere_decides() -> None:
    """Of the whole, or of any seal; of another log it is not."""
    lines = write()
    verdict = verify(LOG)
    digest = verdict.verification.chains[0].digest
    seal = next(iter(ithtel.read(LOG).events(LogSeal))).sha256
    assert verify(LOG, expect=digest).is_good
    assert verify(LOG, expect=f"sha256:{seal}").is_good
    LOG.write_bytes(b"".join(lines[:-1]))
    assert not verify(LOG, expect=digest).is_good
    with pytest.raises(InputError, match=r"^expected a digest of 64 hexadecimal digits, got "):
        verify(LOG, expect="abc")


def test_sessions_and_processes_of_one_file_are_verified_each_by_itself() -> None:
    """Two sessions, one after the other; one of them may be asked for."""
    write()
    lines = write()
    assert 2 == len(verify(LOG).verification.chains)
    at = next(at for at, line in enumerate(lines) if b'"0.1"' in line)
    LOG.write_bytes(b"".join(lines).replace(lines[at], lines[at].replace(b"0.1", b"9.9")))
    assert not verify(LOG).is_good
    assert not verify(f"{LOG}@-2").is_good
    assert verify(f"{LOG}@-1").is_good


def test_long_runs_are_sealed_in_between() -> None:
    """Ten thousand lines in one cell: more than two seals, all intact."""
    session = ithtel.start("a", git=False, loguru=False)
    for i in range(10_000):
        session.emit(Note(text=str(i)))
    session.close()
    assert len(list(ithtel.read(LOG).events(LogSeal))) > 2
    assert "intact" == verify(LOG).lines()[0]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    return subprocess.run([sys.executable, "-m", "ithtel", *arguments], capture_output=True, check=False, text=True)


@pytest.mark.kernel
def test_the_command_line_says_it_with_its_exit_code() -> None:
    """0 intact or a crash, 1 changed."""
    lines = write()
    done = run("verify", str(LOG))
    assert (0, "intact") == (done.returncode, done.stdout.splitlines()[0])
    LOG.write_bytes(b"".join([*lines[:3], *lines[4:]]))
    done = run("verify", str(LOG))
    assert 1 == done.returncode
    assert done.stdout.startswith(f"changed: {LOG}, line 4: removed: before this line the line with seq 3 is missing")


@pytest.mark.kernel
def test_validate_says_which_lines_do_not_fit() -> None:
    """Exit code 1 and the field; events of a newer version are not a problem."""
    lines = write()
    assert (0, []) == (run("validate", str(LOG)).returncode, validate(LOG).problems)
    newer = lines[1].replace(b'"event_type":"note"', b'"event_type":"note.of.the.future"')
    LOG.write_bytes(b"".join([*lines, newer]))
    assert (1, []) == (validate(LOG).n_unknown, validate(LOG).problems)
    LOG.write_bytes(b"".join([*lines, lines[1].replace(b'"text":"0.0"', b'"text":1')]))
    done = run("validate", str(LOG))
    assert 1 == done.returncode
    assert f"line {len(lines) + 1}: event 'note': field 'context.text': expected 'str', got 'int'" in done.stderr


def test_a_log_without_a_line_is_not_intact() -> None:
    """An emptied file is not reported as intact."""
    write()
    LOG.write_bytes(b"")
    with pytest.raises(NoSessionError, match=f"^no session in '{LOG}': it is empty$"):
        verify(LOG)


def test_what_cannot_be_read_to_its_end_is_not_intact() -> None:
    """A damaged part, or a file that cannot be opened: an error that names it."""
    lines = write()
    whole = gzip.compress(b"".join(lines))
    part = LOG.with_name("b.jsonl.gz")
    for content in (whole[: len(whole) // 2], b"\x1f\x8bgarbage"):
        part.write_bytes(content)
        with pytest.raises(LogError, match=f"^{part}: damaged or truncated after line "):
            verify(part)
    dangling = LOG.with_name("c.jsonl")
    dangling.symlink_to("nowhere")
    with pytest.raises(LogError, match=f"^{dangling}: cannot be opened: "):
        verify(dangling)


def test_a_known_event_with_a_wrong_field_is_no_event_of_a_newer_version() -> None:
    """It is a problem, and counted once."""
    lines = write()
    LOG.write_bytes(b"".join([*lines, lines[1].replace(b'"text":"0.0"', b'"text":1')]))
    found = validate(LOG)
    assert (0, 1) == (found.n_unknown, len(found.problems))


def test_a_session_of_a_newer_format_is_not_read_but_verified() -> None:
    """It would be misread, but its bytes can be checked."""
    ithtel.start("a", git=False, loguru=False).close()
    LOG.write_bytes(LOG.read_bytes().replace(b'"schema_version":1', b'"schema_version":2'))
    problem = "has schema version 2, but this ithtel reads versions up to 1: install a newer ithtel"
    with pytest.raises(LogError, match=f"^'{LOG}' {problem}$"):
        ithtel.read(LOG)
    assert validate(LOG).problems[-1].message.endswith(f" {problem}")
    assert verify(LOG).verification.chains


def test_a_file_that_is_no_log_is_not_accused(tmp_path: Path) -> None:
    """Nothing says that it ever was one."""
    (tmp_path / "nav.csv").write_text("Date,NAV\n2024-01-02,100\n", encoding="utf-8")
    with pytest.raises(NoSessionError, match="no line can be read"):
        verify(tmp_path / "nav.csv")
