"""`read` finds files and sessions, or says what is missing."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from factories import quickstart
from ithtel.errors import InputError, LogError, MissingFileError, NoSessionError
from ithtel.reading.lines.read import read
from notes import FILE, append, note, texts


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
    """Each error names the argument and what exists."""
    Path("empty").mkdir()
    with pytest.raises(error, match=said):
        read(source)


def test_an_empty_file_has_no_session() -> None:
    """An empty file has no session, but is a log without records."""
    Path("x.jsonl").touch()
    with pytest.raises(NoSessionError, match="it is empty"):
        read("x.jsonl")
    assert list(read("x.jsonl", session="all")) == []


def test_a_file_of_garbage_is_an_error_that_names_a_line() -> None:
    """If nothing can be read, the error gives the first problem."""
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
