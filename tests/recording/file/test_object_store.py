"""Content kept on request: once, whole, under its digest."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

import ithtel
from ithtel.errors import SettingError
from ithtel.events import FileRead, GitState, ModuleLoaded
from ithtel.events.format.files import object_path
from ithtel.provenance.git import git_state
from ithtel.recording.file.object_store import ObjectStore

LOGS = Path("logs")


def digest(content: bytes) -> str:
    """Return the digest of content."""
    return hashlib.sha256(content).hexdigest()


def kept(content: bytes) -> bool:
    """Return whether content is in the store."""
    path = object_path(LOGS, digest(content))
    return path.exists() and path.read_bytes() == content


def test_a_content_is_kept_once() -> None:
    """It is stored under its digest and readable by the owner only."""
    store = ObjectStore(LOGS)
    assert store.put(b"abc")
    before = object_path(LOGS, digest(b"abc")).stat()
    assert store.put(b"abc")
    assert before.st_mtime_ns == object_path(LOGS, digest(b"abc")).stat().st_mtime_ns
    assert 0o600 == before.st_mode & 0o777


def test_what_is_too_large_or_another_is_not_kept() -> None:
    """No partly written file is left behind."""
    Path("data.csv").write_bytes(b"12345678")
    store = ObjectStore(LOGS, limit_bytes=5)
    assert not store.put(b"123456")
    assert not store.put_file(Path("data.csv"), digest(b"12345678"))
    assert not ObjectStore(LOGS).put_file(Path("data.csv"), digest(b"other"))
    assert not store.put(b"abc", sha256=digest(b"abd"))
    assert not [path for path in LOGS.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("keep", "expected"), [("inputs", (True, False)), ("code", (False, True)), ("", (False, False))]
)
def test_events_say_what_to_keep(keep: str, expected: tuple[bool, bool]) -> None:
    """Only the kinds of content that the setting names are kept."""
    for name in ("nav.csv", "model.py"):
        Path(name).write_bytes(name.encode())
    with ithtel.start("notebook", keep=keep) as session:
        session.emit(
            FileRead(path=str(Path("nav.csv").absolute()), sha256=digest(b"nav.csv"), size_bytes=7, mtime_ns=1)
        )
        session.emit(ModuleLoaded(name="model", path="model.py", sha256=digest(b"model.py")))
    assert expected == (kept(b"nav.csv"), kept(b"model.py"))


def test_the_changes_since_the_commit_are_kept() -> None:
    """A replay can apply the diff."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
    Path("a.txt").write_text("one\n", encoding="utf-8")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], check=True, env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull})
    Path("a.txt").write_text("two\n", encoding="utf-8")
    state = git_state()
    assert isinstance(state, GitState)
    with ithtel.start("notebook", keep="code", git=False) as session:
        session.emit(state)
    assert b"+two" in object_path(LOGS, str(state.diff_sha256)).read_bytes()


def test_a_private_session_keeps_nothing() -> None:
    """A private session ignores the setting `keep`."""
    Path("nav.csv").write_bytes(b"1")
    with ithtel.start("notebook", keep="inputs", private=True) as session:
        session.emit(FileRead(path="nav.csv", sha256=digest(b"1"), size_bytes=1, mtime_ns=1))
    assert not kept(b"1")


def test_an_unknown_kind_is_refused() -> None:
    """The error lists the allowed values."""
    with pytest.raises(SettingError, match="did you mean 'inputs'"):
        ithtel.start("notebook", keep="input")
