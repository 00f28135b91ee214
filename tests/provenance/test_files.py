"""A file's fingerprint is of its bytes, and is not computed twice."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ithtel.errors import InputError, MissingFileError
from ithtel.provenance.files import fingerprint_file

if TYPE_CHECKING:
    from pathlib import Path

LATER = time.time_ns() + 10**12


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a small file."""
    path = tmp_path / "file.bin"
    path.write_bytes(b"content")
    return path


@given(st.binary(max_size=100))
def test_digest(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """The digest is that of the bytes."""
    path = tmp_path_factory.getbasetemp() / "digest.bin"
    path.write_bytes(content)
    result = fingerprint_file(path)
    assert hashlib.sha256(content).hexdigest() == result.sha256
    assert len(content) == result.size_bytes


def test_path_as_given(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path is the one that was given."""
    monkeypatch.chdir(file.parent)
    assert fingerprint_file("file.bin").path == "file.bin"


def test_changed(file: Path) -> None:
    """A changed file has another digest, also where its size and time stay within a tick of the clock."""
    first = fingerprint_file(file)
    file.write_bytes(b"CONTENT")
    os.utime(file, ns=(first.mtime_ns, first.mtime_ns))
    assert first.sha256 != fingerprint_file(file).sha256


def test_cached(file: Path) -> None:
    """A settled file is not read again while time, size and inode stay."""
    first = fingerprint_file(file, now_ns=LATER)
    with file.open("r+b") as open_file:
        open_file.write(b"CONTENT")
    os.utime(file, ns=(first.mtime_ns, first.mtime_ns))
    assert first == fingerprint_file(file, now_ns=LATER)


@pytest.mark.parametrize("change", ["time", "size", "inode"])
def test_not_cached(file: Path, change: str) -> None:
    """A new time, size or inode means that the file is read again."""
    first = fingerprint_file(file, now_ns=LATER)
    if change == "inode":
        other = file.with_name("other.bin")
        other.write_bytes(b"CONTENT")
        other.replace(file)
    else:
        file.write_bytes(b"longer content" if change == "size" else b"CONTENT")
    shift = 1 if change == "time" else 0
    os.utime(file, ns=(first.mtime_ns, first.mtime_ns + shift))
    assert first.sha256 != fingerprint_file(file, now_ns=LATER).sha256


def test_missing(tmp_path: Path) -> None:
    """A file that is not there is named in the error."""
    with pytest.raises(MissingFileError, match=r"no file '.*absent.csv'"):
        fingerprint_file(tmp_path / "absent.csv")


def test_folder(tmp_path: Path) -> None:
    """A folder has no fingerprint."""
    with pytest.raises(InputError, match=r"^expected a file, got a folder: "):
        fingerprint_file(tmp_path)


def test_pipe(tmp_path: Path) -> None:
    """A pipe is not waited for."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match=r"^expected a file, got a special file: "):
        fingerprint_file(tmp_path / "pipe")


def test_bad_name() -> None:
    """A name that no file can have is an error of input."""
    with pytest.raises(InputError, match=r"^cannot read "):
        fingerprint_file("a\0b")


def test_events(file: Path) -> None:
    """The fingerprint says itself as a read and as a write."""
    fingerprint = fingerprint_file(file)
    assert fingerprint.sha256 == fingerprint.read().sha256 == fingerprint.written().sha256
