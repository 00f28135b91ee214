"""Files that a notebook needs and that the copy of its folder does not hold are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ithtel.replay.copying.above import LARGE_BYTES, MAX_FILES, files_above, missing_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with data, a module, and the notebook's folder, which is returned."""
    for name in ("data", "src", ".git", "nb"):
        (tmp_path / name).mkdir()
    for name in ("data/x.csv", "data/y.csv", "src/model.py", ".git/config", "nb/n.ipynb"):
        (tmp_path / name).touch()
    return tmp_path / "nb"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("pd.read_csv('../data/x.csv')", ["../data/x.csv"]),
        ('f"../data/{name}.csv"', ["../data/x.csv", "../data/y.csv"]),
        ("Path('..') / 'data'", ["../data/x.csv", "../data/y.csv", "../src/model.py"]),
        ("sys.path.append('../src')", ["../src/model.py"]),
        ("open('../data/no.csv'); x['a..b']; 'beside.csv'", []),
        ("not ( Python '../data/x.csv'", ["../data/x.csv"]),
    ],
)
def test_what_a_cell_names_above_of_its_folder(folder: Path, source: str, expected: list[str]) -> None:
    """Files and folders that exist; neither hidden ones nor the notebook's own."""
    assert expected == files_above([source], folder)


def test_of_a_very_large_folder_only_modules_are_taken(folder: Path) -> None:
    """And nothing large."""
    for n in range(MAX_FILES):
        (folder.parent / "src" / f"{n}.txt").touch()
    with (folder.parent / "data" / "z.bin").open("wb") as file:
        file.truncate(LARGE_BYTES + 1)
    assert ["../src/model.py"] == files_above(["'../src'"], folder)
    assert "../data/z.bin" not in files_above(["'../data'"], folder)


@pytest.mark.parametrize(
    "error",
    [
        "[Errno 2] No such file or directory: '../data/x.csv'",
        "No such file or directory (os error 2): ../data/x.csv",
        "[Errno 2] No such file or directory: '{copy}/../data/x.csv'",
        "cannot open `x`: {copy}/../data/x.csv does not exist",
    ],
)
def test_an_error_names_the_file_that_is_missing(folder: Path, tmp_path: Path, error: str) -> None:
    """By its place in the session's folder."""
    copy = tmp_path / "elsewhere" / "copy" / "nb"
    copy.mkdir(parents=True)
    assert "../data/x.csv" == missing_file(error.format(copy=copy), copy, folder)


def test_a_file_that_the_copy_has_is_not_missing(folder: Path) -> None:
    """Nor one that the session does not have either."""
    assert missing_file("bad content in '../data/x.csv'", folder, folder) is None
    assert missing_file("No such file: '../data/no.csv'", folder, folder) is None
