"""The folder of profiles: names, the index under many writers, the index made again."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ithtel.errors import LogError
from ithtel.profiling import store
from ithtel.profiling.frames import Frame
from ithtel.profiling.profile import Profile
from ithtel.profiling.stacks import Stacks
from ithtel.profiling.store import Format, Origin

NOW = datetime(2026, 1, 25, 14, 30, 52, tzinfo=UTC)
STACKS = Stacks({(Frame("burn", "hot.py", 6, "own"),): 42})
PROFILE = Profile(stacks=STACKS, target="cell 3", rate_hz=100, duration_s=0.4201, sampler="py-spy")
ORIGIN = Origin(command="python -- '<a>.py' & co", package="my package", session_id="sess_1", git_sha="0123abcd")


def save(form: Format = "flamegraph") -> Path:
    """Write a profile, in the same second as all others."""
    return store.save(PROFILE, ORIGIN, form=form, now=NOW)


def test_names_say_package_and_time() -> None:
    """In UTC; a second profile of a second gets a number."""
    assert "artifacts/profiles/my_package-20260125-143052.svg" == save().as_posix()
    assert "my_package-20260125-143052.1.svg" == save().name
    assert "my_package-20260125-143052.txt" == save("raw").name
    assert "my_package-20260125-143052.json" == save("speedscope").name


def test_the_index_says_all_of_a_profile() -> None:
    """One entry each."""
    save("speedscope")
    (entry,) = json.loads(Path("artifacts/profiles/INDEX.json").read_text(encoding="utf-8"))
    assert entry == {
        "file": "my_package-20260125-143052.json", "time": "2026-01-25T14:30:52Z", "command": "python -- '<a>.py' & co",
        "rate_hz": 100, "duration_s": 0.42, "n_samples": 42, "sampler": "py-spy", "format": "speedscope",
        "git_sha": "0123abcd", "session_id": "sess_1",
    }  # fmt: skip


def test_the_folder_is_the_owners_and_not_gits() -> None:
    """As those of the logs."""
    path = save()
    assert 0o600 == path.stat().st_mode & 0o777
    assert 0o700 == path.parent.stat().st_mode & 0o777
    assert "*\n" == Path("artifacts/.gitignore").read_text(encoding="utf-8")


@pytest.mark.parametrize("index", [None, "[{", '{"an": "object"}'])
def test_the_index_is_made_again_from_the_files(index: str | None) -> None:
    """Every entry as it was, whatever the index holds; files of others are none."""
    for form in store.SUFFIXES:
        save(form)
    before = store.entries()
    path = Path("artifacts/profiles/INDEX.json")
    path.unlink()
    if index is not None:
        path.write_text(index, encoding="utf-8")
        with pytest.raises(LogError, match="--reindex to rebuild it"):
            store.entries()
    (path.parent / "notes.txt").write_text("mine", encoding="utf-8")
    assert before == store.reindex() == store.entries()


def test_a_deleted_profile_leaves_the_index() -> None:
    """When it is made again."""
    save().unlink()
    assert [] == store.reindex()


def test_a_profile_of_another_tool_is_indexed_by_what_it_shows() -> None:
    """Time from its name, samples from its stacks."""
    folder = Path("artifacts/profiles")
    folder.mkdir(parents=True)
    (folder / "older-20250101-000000.txt").write_text("a (x.py:1) 3\na (x.py:1);b (x.py:2) 4\n", encoding="utf-8")
    (folder / "older-20250101-000001.svg").write_text("<svg/>", encoding="utf-8")
    (folder / "older-20250101-000002.json").write_text("{}", encoding="utf-8")
    first, second, third = store.reindex()
    assert ("2025-01-01T00:00:00Z", 7, "raw", None) == (first.time, first.n_samples, first.format, first.rate_hz)
    assert (0, "flamegraph") == (second.n_samples, second.format)
    assert (0, "speedscope") == (third.n_samples, third.format)


WRITER = """
import sys; sys.path.insert(0, sys.argv[1])
from test_store import save
for _ in range(10): save()
"""


@pytest.mark.kernel
def test_several_processes_write_one_index() -> None:
    """Nothing of theirs is lost, and no two files share a name."""
    here = str(Path(__file__).parent)
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, here]) for _ in range(4)]
    assert [0] * 4 == [writer.wait() for writer in writers]
    files = sorted(path.name for path in Path("artifacts/profiles").glob("*.svg"))
    assert 40 == len(files)
    assert files == sorted(entry.file for entry in store.entries())
    assert [] == list(Path("artifacts/profiles").glob(".INDEX*"))
