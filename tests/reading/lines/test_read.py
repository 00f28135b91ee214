"""What `read` finds, and what it says when it finds nothing."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from factories import Writer, log_of, quickstart
from ithtel.errors import InputError, LogError, MissingFileError, NoSessionError
from ithtel.events import CellStart, Note
from ithtel.reading.lines.log import Log
from ithtel.reading.lines.read import read

if TYPE_CHECKING:
    from ithtel.reading.lines.record import Record

FILE = Path("logs/ndjson/notebook.jsonl")


def append(writer: Writer, path: Path = FILE) -> None:
    """Add the lines of a session to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.writelines(line + b"\n" for line in writer.lines)


def note(text: str, **writer: object) -> Writer:
    """Return a session that says one thing."""
    log = Writer(**writer).start()  # type: ignore[arg-type]
    log.emit(Note(text=text))
    return log.end()


def texts(log: Log) -> list[str]:
    """Return the notes in a log."""
    return [event.text for event in log.events(Note)]


@pytest.fixture
def three() -> list[str]:
    """Three sessions after each other in one file; returns their ids."""
    ids = [f"sess_2026010{n}_000000_00000{n}" for n in (1, 2, 3)]
    for n, session_id in enumerate(ids):
        append(note(f"note {n}", session_id=session_id, start=1e9 + 1000 * n))
    return ids


@pytest.mark.parametrize("source", ["logs", "logs/ndjson", "logs/ndjson/*.jsonl", "logs/ndjson/notebook.jsonl"])
@pytest.mark.usefixtures("three")
def test_file_folder_and_glob_name_the_same(source: str) -> None:
    """A log is found by its file, its folders, a glob; relative or absolute."""
    assert texts(read(source)) == texts(read(Path(source).absolute())) == ["note 2"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [("", ["note 2"]), ("@-1", ["note 2"]), ("@-2", ["note 1"]), ("@-3", ["note 0"])],
)
@pytest.mark.usefixtures("three")
def test_at_counts_sessions_from_the_end(given: str, expected: list[str]) -> None:
    """`@-1` is the latest session, `@-2` the one before."""
    assert expected == texts(read(f"logs{given}"))


def test_a_session_is_named_by_its_id(three: list[str]) -> None:
    """By `@id`, or by the argument."""
    assert texts(read(f"{FILE}@{three[0]}")) == texts(read(FILE, session=three[0])) == ["note 0"]
    assert texts(read(FILE, session=-2)) == ["note 1"]
    assert texts(read(FILE, session="all")) == ["note 0", "note 1", "note 2"]


def test_a_file_may_have_an_at_in_its_name() -> None:
    """A file that exists is meant as it is written."""
    path = Path("logs/run@-2.jsonl")
    append(note("here"), path)
    assert texts(read(path)) == ["here"]


def test_two_ways_to_name_a_session_contradict() -> None:
    """`@` and `session=` cannot be combined."""
    with pytest.raises(InputError, match="give only one of them"):
        read("logs@-2", session=-1)


@pytest.mark.parametrize(
    ("source", "error", "said"),
    [
        ("logs/ndjson/notebok.jsonl", MissingFileError, "did you mean 'notebook.jsonl'"),
        ("nowhere", MissingFileError, "no file or folder 'nowhere'"),
        ("nowhere/deep/x.jsonl", MissingFileError, "no file or folder"),
        ("logs/ndjson/x*.jsonl", MissingFileError, "no file matches"),
        ("logs@-4", NoSessionError, r"holds 3 sessions \(-1 is the latest\)"),
        ("logs@sess_20260101_000000_000009", NoSessionError, "did you mean 'sess_20260101_000000_000001'"),
        ("empty", LogError, "no log in 'empty'"),
    ],
)
@pytest.mark.usefixtures("three")
def test_what_is_missing_is_named(source: str, error: type[Exception], said: str) -> None:
    """Each error names what was given and what is there."""
    Path("empty").mkdir()
    with pytest.raises(error, match=said):
        read(source)


def test_an_empty_file_has_no_session() -> None:
    """An empty file has no session: it is an empty log."""
    Path("x.jsonl").touch()
    with pytest.raises(NoSessionError, match="it is empty"):
        read("x.jsonl")
    assert list(read("x.jsonl", session="all")) == []


def test_a_file_of_garbage_is_an_error_that_names_a_line() -> None:
    """If nothing can be read, the first problem is reported."""
    Path("x.jsonl").write_bytes(b"hello\nworld\n")
    with pytest.raises(LogError, match=r"x\.jsonl, line 1: not JSON"):
        read("x.jsonl")


def test_rotated_and_compressed_parts_come_in_order() -> None:
    """Parts by time and number, packed or not, then the file being written; a part in both forms counts once."""
    lines = note("x").lines
    folder = Path("logs/ndjson")
    folder.mkdir(parents=True)
    names = ["n.20260101-000000.2", "n.20260101-000000.10", "n.20260102-000000.1", "n"]
    for name, line in zip(names, [lines[0], lines[1], lines[2], quickstart(session_id="other").lines[0]], strict=True):
        (folder / f"{name}.jsonl").write_bytes(line + b"\n")
    packed = folder / f"{names[0]}.jsonl"
    Path(f"{packed}.gz").write_bytes(gzip.compress(packed.read_bytes()))
    (folder / f"{names[1]}.jsonl.gz").write_bytes(gzip.compress((folder / f"{names[1]}.jsonl").read_bytes()))
    (folder / f"{names[1]}.jsonl").unlink()
    (folder / "n2.jsonl").write_bytes(b"not of this name")
    (folder / "n.jsonl.tmp").write_bytes(b"not a log")
    log = read(folder / "n.jsonl", session="all")
    assert [record.envelope.seq for record in log] == [0, 1, 2, 0]
    assert log.problems == []
    assert [record.envelope.seq for record in read(packed, session="all")] == [0]


def test_a_live_file_may_be_missing_while_it_rotates() -> None:
    """The name of the live file finds its parts."""
    append(note("x"), Path("n.20260101-000000.1.jsonl"))
    assert texts(read("n.jsonl")) == ["x"]


def test_files_are_merged_by_time() -> None:
    """Across files the order is that of `ts`, within a file that of its lines; also with very many files."""
    for n in range(40):
        append(note(f"{n:02d}", session_id=f"s{n}", start=1e9 + (7 * n % 40) * 60), Path(f"logs/ndjson/f{n}.jsonl"))
    append(note("late", session_id="a", start=1e9 - 0.0015), Path("logs/ndjson/a.jsonl"))
    records = list(read("logs", session="all"))
    assert [r.envelope.ts for r in records] == sorted(r.envelope.ts for r in records)
    assert len(records) == 41 * 3
    assert read("logs").session_id == "s17"


def test_few_files_are_open_at_a_time() -> None:
    """A file is opened when its time has come and closed at its end."""
    for n in range(30):
        append(note(f"{n:02d}", session_id=f"s{n}", start=1e9 + n * 60), Path(f"logs/ndjson/f{n}.jsonl"))
    most = max(len(os.listdir("/proc/self/fd")) for _ in read("logs", session="all"))  # noqa: PTH208 - a count
    assert most < len(os.listdir("/proc/self/fd")) + 5  # noqa: PTH208


def test_a_log_is_iterable_again_and_again() -> None:
    """Two passes give equal records, and lines added in between are seen."""
    path = quickstart().write(FILE)
    log = read(path)
    assert list(log) == list(log)
    n, session = len(list(log)), log.session
    assert session is not None
    assert session.n_events == n
    with path.open("ab") as file:
        file.write(Writer().line({"event_type": "note", "text": "more"}, msg="more") + b"\n")
    assert len(list(log)) == n + 1
    assert log.sessions[-1].n_events == n + 1


def test_sessions_say_what_is_known() -> None:
    """Start, end, size and whether it was closed, of every session in the file."""
    append(quickstart())
    open_session = Writer("sess_b", start=2e9).start()
    append(open_session)
    first, second = read(FILE).sessions
    assert (first.name, first.is_complete, first.n_events) == ("notebook", True, len(quickstart().lines))
    assert first.end_time == first.last_time
    assert (second.session_id, second.is_complete, second.end_time) == ("sess_b", False, None)
    assert (second.ithtel_version, second.experiment_id, second.git_sha) == ("0.1.0", "exp_1", "0123abcd")


def test_sessions_that_interleave_are_told_apart() -> None:
    """Lines of two processes in one file: the session that began later is the latest."""
    one, two = note("one", session_id="one", pid=1), note("two", session_id="two", pid=2)
    pairs = zip(one.lines, two.lines, strict=True)
    FILE.parent.mkdir(parents=True)
    FILE.write_bytes(b"".join(a + b"\n" + b + b"\n" for a, b in pairs))
    assert texts(read(FILE)) == ["two"]
    assert texts(read(FILE, session=-2)) == ["one"]


def test_memory_is_read_like_a_file() -> None:
    """Lines in memory, with or without line feeds, and from a generator."""
    lines = quickstart().lines
    log = Log.from_lines(line + b"\n" for line in lines)
    assert [r.envelope for r in log] == [r.envelope for r in Log.from_lines(lines)]
    assert log.session_id is None
    assert Log.from_lines(lines, session="other").session is None


def test_a_growing_list_is_read_anew() -> None:
    """A session in memory that goes on is seen to go on."""
    lines = quickstart().lines[:3]
    log = Log.from_lines(lines)
    assert len(list(log)) == 3
    lines.append(Writer().line({}, msg="hello"))
    assert len(list(log)) == 4


def test_a_record_has_all_fields_of_its_context() -> None:
    """`context` keeps what this version does not know."""
    line = Writer().line({"event_type": "note", "text": "a", "colour": "red"}, msg="a")
    (record,) = Log.from_lines([line])
    assert record.context == {"event_type": "note", "text": "a", "colour": "red"}
    assert (record.event, record.event_type, record.raw) == (Note(text="a"), "note", line)


def test_plain_messages_and_newer_events_are_records() -> None:
    """A plain message has no event; a newer event keeps its name."""
    writer = Writer()
    writer.line({"n": 1}, msg="plain")
    writer.line({"event_type": "from.later", "n": 2}, msg="newer")
    plain, newer = log_of(writer)
    assert (plain.event, plain.event_type, plain.context) == (None, None, {"n": 1})
    assert newer.event_type == "from.later"


def test_events_can_be_chosen() -> None:
    """By struct, by name, or all."""
    log = log_of(quickstart())
    assert len(list(log.events(CellStart))) == len(list(log.events("cell.start"))) == 5
    assert len(list(log.events())) == len(list(log))


def test_records_are_frozen() -> None:
    """Nothing read can be changed."""
    record: Record = next(iter(log_of(quickstart())))
    with pytest.raises(AttributeError):
        record.line_number = 5  # type: ignore[misc]


def test_reprs_hold_no_absolute_path() -> None:
    """A log shows its file's name."""
    path = quickstart().write(FILE)
    assert repr(read(path.absolute())) == "Log('notebook.jsonl')"
