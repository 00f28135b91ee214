"""Rotation, compression, retention: at every step each line can be read exactly once."""

from __future__ import annotations

import gzip
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from backports import zstd

import ithtel
from ithtel.commands.log.verify import verify
from ithtel.events import LogSeal, Note
from ithtel.events.format.files import parts_of
from ithtel.recording.file import rotation
from ithtel.recording.file.rotation import keep_up
from ithtel.recording.upkeep import Upkeep, parse_upkeep
from ithtel.testing import FakeClock
from written import LOG, notes

if TYPE_CHECKING:
    from collections.abc import Callable

    from ithtel.recording.settings import Compression


def write(n: int = 300, **settings: object) -> list[str]:
    """Write notes with rotation at 20 KB, and return them."""
    texts = [str(i) for i in range(n)]
    with ithtel.start("a", git=False, loguru=False, **{"rotation": "20 KB", **settings}) as session:
        for text in texts:
            session.emit(Note(text=text))
    return texts


@pytest.mark.parametrize(("kind", "unpacked"), [("gz", gzip.decompress), ("zst", zstd.decompress)])
def test_parts_belong_to_the_log_in_order(kind: str, unpacked: Callable[[bytes], bytes]) -> None:
    """All lines are read by file name, by folder and by glob, with either compression."""
    texts = write(compression=kind)
    parts = sorted(LOG.parent.glob(f"a.*.jsonl.{kind}"))
    assert len(parts) > 3
    assert texts == notes() == notes("logs") == notes("logs/ndjson/*")
    assert all(len(unpacked(part.read_bytes())) < 22_000 for part in parts)  # 20 KB, and a seal
    assert "intact" == verify(LOG).lines()[0]


def test_zstandard_gives_way_to_gzip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package, parts are compressed with gzip; reading zstd parts asks for the package."""
    texts = write(100, compression="zst")
    with monkeypatch.context() as without:
        for module in ("compression.zstd", "backports.zstd"):
            without.setitem(sys.modules, module, None)
        texts += write(100, compression="zst")
        assert {"gz", "zst"} == {part.compression for part in parts_of(LOG.parent, "a")}
        log = ithtel.read(LOG, "all")
        assert len(texts) > len(list(log.events(Note)))
        assert "needs the package 'backports.zstd'" in log.problems[0].message
    assert texts == notes()


def test_each_part_ends_with_a_seal() -> None:
    """A part can be verified by itself."""
    write(compression="none")
    for part in LOG.parent.glob("a.*.jsonl"):
        assert isinstance(list(ithtel.read(part, "all").events())[-1], LogSeal)


def test_nothing_is_deleted_unless_asked() -> None:
    """`retention` by number, and by age."""
    write()
    n_parts = len(parts_of(LOG.parent, "a"))
    keep_up(LOG.parent, "a", parse_upkeep("gz", ""))
    assert n_parts == len(parts_of(LOG.parent, "a"))
    keep_up(LOG.parent, "a", parse_upkeep("gz", "2 files"))
    assert 2 == len(parts_of(LOG.parent, "a"))
    keep_up(LOG.parent, "a", parse_upkeep("gz", "1 day"))
    assert 2 == len(parts_of(LOG.parent, "a"))
    keep_up(LOG.parent, "a", parse_upkeep("gz", "1 day"), now=time.time() + 90_000)
    assert [] == parts_of(LOG.parent, "a")
    assert LOG.exists()


STEPS = ["shutil.copyfileobj", "os.fsync", "Path.rename", "Path.unlink"]
KILLED = """
import os, signal, sys
from pathlib import Path
from ithtel.recording import upkeep
from ithtel.recording.file import rotation

step, kind, is_done = sys.argv[1], sys.argv[2], sys.argv[3] == "True"
module, name = step.split(".")
owner = {"shutil": rotation.shutil, "os": rotation.os, "Path": Path}[module]
real = getattr(owner, name)

def dies(*arguments):
    if is_done:
        real(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(owner, name, dies)
rotation.keep_up(Path("logs/ndjson"), "a", upkeep.Upkeep(compression=kind))
"""


@pytest.mark.kernel
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_a_kill_at_any_step_of_compression_leaves_each_line_once(step: str, is_done: bool, kind: Compression) -> None:
    """A kill before or after any step loses nothing, and the next session finishes the work."""
    texts = write(100, compression="none")
    done = subprocess.run([sys.executable, "-c", KILLED, step, kind, str(is_done)], check=False)
    assert -signal.SIGKILL == done.returncode
    assert texts == notes()
    keep_up(LOG.parent, "a", Upkeep(compression=kind))
    assert texts == notes()
    assert all(part.compression == kind for part in parts_of(LOG.parent, "a"))


def test_a_crash_between_rename_and_new_file_loses_nothing() -> None:
    """The log then consists of its parts, and the next session continues it."""
    texts = write(100, compression="none")
    with rotation.locks.folder_lock(LOG.parent):  # type: ignore[attr-defined]
        rotation.rotate(LOG, "a", time.time())
    assert texts == notes()
    texts += write(10, compression="none")
    assert texts == notes()


def test_a_part_that_somebody_has_open_for_writing_is_not_compressed() -> None:
    """A process that has not noticed the rotation still writes to the part; it is compressed once that process ends."""
    session = ithtel.start("a", git=False, loguru=False)
    session.emit(Note(text="1"))
    with rotation.locks.folder_lock(LOG.parent):  # type: ignore[attr-defined]
        part = rotation.rotate(LOG, "a", time.time())
    keep_up(LOG.parent, "a", Upkeep(compression="gz"))
    assert part.exists()
    session.emit(Note(text="2"))
    session.seal()
    session.emit(Note(text="3"))
    assert LOG.exists()
    keep_up(LOG.parent, "a", Upkeep(compression="gz"))
    assert not part.exists()
    assert ["1", "2", "3"] == notes()


def test_a_clock_that_was_set_back_keeps_the_order() -> None:
    """A part never sorts before an older one."""
    clock = FakeClock()
    session = ithtel.start("a", git=False, loguru=False, rotation="2 KB", compression="none", clock=clock)
    for i in range(30):
        clock.advance(-1_000.0)
        session.emit(Note(text=str(i)))
    assert [str(i) for i in range(30)] == notes()


def test_the_old_quick_start_passes_them_on() -> None:
    """`setup_ndjson_logger(rotation=…, retention=…)`."""
    ithtel.setup_ndjson_logger("x", rotation="10 MB", retention="30 days")
    session = ithtel.current()
    assert session is not None
    assert ("10 MB", "30 days") == (session.settings.rotation, session.settings.retention)
