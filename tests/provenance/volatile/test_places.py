"""The folder of a session and temporary names do not count."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from ithtel.provenance.volatile.marks import Marks
from ithtel.provenance.volatile.places import Places, without_places


def cleaned(text: str, places: Places | None = None) -> tuple[str, dict[str, int]]:
    """Return the text without places, and what was replaced."""
    marks = Marks()
    return without_places(text, marks, places), dict(marks.counts)


@pytest.mark.parametrize(
    "text", ["{}", "'{}'", "{}/data/x.csv", "File {}/lib.py, line 3", "PosixPath('{}/x')", "file://{}/x"]
)
def test_the_folder_is_the_same_text_anywhere(text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Alone, in a path, in quotes, in a URL."""
    found = []
    for name in ("one", "another/deeper"):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        monkeypatch.chdir(folder)
        found.append(cleaned(text.replace("{}", str(Path.cwd()))))
    assert found[0] == found[1]
    assert {"folder": 1} == found[0][1]


def test_a_session_in_a_temporary_folder_has_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is below its random name counts with it; other temporary names still are such."""
    found = []
    for below in ("run/one", "run/two"):
        with tempfile.TemporaryDirectory() as top:
            folder = Path(top, below)
            folder.mkdir(parents=True)
            with monkeypatch.context() as patch:
                patch.chdir(folder)
                found.append(cleaned(f"{Path.cwd()}/x.csv and {tempfile.gettempdir()}/tmpab12cd_9"))  # noqa: S108 - only a text
    assert found[0] == found[1]
    assert {"folder", "temporary name"} == found[0][1].keys()


def test_the_folders_above_and_the_home_are_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`../data` of a notebook in a folder of its project."""
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.chdir(tmp_path)
    assert cleaned(f"{tmp_path.parent}/data/x.csv") == cleaned("/home/ann/data/x.csv")


@pytest.mark.parametrize("text", ["/home/anna/x", "/srv/home/ann/x", "/etc/passwd", "a/b", "1/2", "/home/ann.bak/x"])
def test_other_paths_are_data(text: str) -> None:
    """Also those that begin or end like the folder."""
    assert (text, {}) == cleaned(text, Places(("/home/ann",), "/tmp"))  # noqa: S108 - a name


def test_temporary_names_are_the_same_text() -> None:
    """Whatever their prefix and suffix are; the suffix counts."""
    one, other = (cleaned(tempfile.mktemp(".csv", "run-")) for _ in range(2))  # noqa: S306 - the name only
    assert one == other
    assert "temporary name" in one[1]
    assert one != cleaned(tempfile.mktemp(".txt", "run-"))  # noqa: S306
