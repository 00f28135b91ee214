"""Recorded files are placed in the copy, and nowhere else."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from ithtel.errors import InputError
from ithtel.replay.copying.placing import (
    folder_in,
    is_absolute,
    levels_above,
    make_folder,
    n_levels,
    put,
    within_copy,
)


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A workspace with a copied folder `copy`, beside a victim and a source."""
    (tmp_path / "work" / "copy").mkdir(parents=True)
    (tmp_path / "victim.txt").write_text("precious")
    (tmp_path / "source").write_text("evil")
    return tmp_path / "work"


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "~/x", "~ann/x", "C:\\x", "C:/x", "c:x", "\\\\host\\share", "//host/share", "a\\..\\b", "a\0b",
     "", ".", "..", "a/..", "../..", "x" * 5_000],
)  # fmt: skip
def test_a_path_that_no_copy_can_hold_has_no_place(path: str) -> None:
    """Absolute ones, also of other systems, and what does not name a file."""
    assert within_copy(path, ".") is None


@pytest.mark.parametrize(
    ("path", "inner", "expected", "levels"),
    [
        ("a/../../x.csv", "nb", "x.csv", 0),
        ("../x.csv", ".", "../x.csv", 1),
        ("sub/../../../x.csv", ".", "../../x.csv", 2),
        ("./a//b", "nb", "nb/a/b", 0),
    ],
)
def test_a_path_is_resolved(path: str, inner: str, expected: str, levels: int) -> None:
    """Before anything is made of it."""
    assert expected == within_copy(path, inner)
    assert levels == levels_above(expected)


def test_absolute_is_absolute_on_any_system() -> None:
    """A name with a colon is not."""
    assert [True, True, False] == [is_absolute(path) for path in ("C:/a", "\\a", "synthetic:walk")]


def test_a_copy_is_as_deep_as_its_highest_file_needs(tmp_path: Path) -> None:
    """With the names of the real folders."""
    root = tmp_path / "a" / "b" / "c"
    root.mkdir(parents=True)
    assert Path("top/c") == folder_in(Path("top"), root, ["x", "d/x"])
    assert Path("top/a/b/c") == folder_in(Path("top"), root, ["../../x", "x"])
    assert n_levels(root) == len(root.resolve().parents)


@pytest.mark.parametrize(
    "path", ["../../victim.txt", "../../x/../victim.txt", "../../../../../../../../etc/x", "../.."]
)
def test_nothing_is_written_outside_of_the_workspace(top: Path, path: str) -> None:
    """It is refused."""
    with pytest.raises(InputError, match="outside of the copy"):
        put(top.parent / "source", top, top / "copy", path)
    assert "precious" == (top.parent / "victim.txt").read_text()


def test_a_file_may_lie_above_of_the_copied_folder(top: Path) -> None:
    """Within the workspace."""
    put(top.parent / "source", top, top / "copy", "../data/x.csv")
    assert "evil" == (top / "data" / "x.csv").read_text()


def test_links_on_the_way_that_lead_out_are_replaced(top: Path) -> None:
    """At any component, the last one included."""
    (top / "copy" / "out").symlink_to(top.parent)
    (top / "copy" / "name").symlink_to(top.parent / "victim.txt")
    put(top.parent / "source", top, top / "copy", "out/victim.txt")
    put(top.parent / "source", top, top / "copy", "name")
    make_folder(top, top / "copy", "out/made")
    assert "precious" == (top.parent / "victim.txt").read_text()
    assert not (top.parent / "made").exists()
    assert "evil" == (top / "copy" / "name").read_text()


def test_links_that_stay_in_the_copy_are_followed(top: Path) -> None:
    """As the session followed them."""
    (top / "copy" / "real").mkdir()
    (top / "copy" / "link").symlink_to("real")
    put(top.parent / "source", top, top / "copy", "link/x")
    assert "evil" == (top / "copy" / "real" / "x").read_text()


def test_a_content_with_another_digest_is_refused(top: Path) -> None:
    """And not left behind."""
    with pytest.raises(InputError, match="does not have its digest"):
        put(top.parent / "source", top, top / "copy", "x", hashlib.sha256(b"good").hexdigest())
    assert not (top / "copy" / "x").exists()


def test_a_pipe_is_not_waited_for(top: Path) -> None:
    """Nor copied."""
    os.mkfifo(top.parent / "pipe")
    with pytest.raises(InputError, match="expected an ordinary file"):
        put(top.parent / "pipe", top, top / "copy", "x")
