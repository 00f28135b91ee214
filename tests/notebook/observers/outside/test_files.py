"""`Files`: the files that a cell read and wrote, without noise."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ithtel.notebook.observers.outside.files import AT_ONCE_BYTES
from sessions import LOG, hazards, recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def names(kind: str) -> list[str]:
    """Return the names of the files that were read or written."""
    return [Path(c["path"]).name for c in recorded(f"file.{kind}")]


def digest_of(name: str) -> str:
    """Return the digest of a file."""
    return hashlib.sha256(Path(name).read_bytes()).hexdigest()


def test_what_python_opens_is_recorded(shell: InteractiveShell) -> None:
    """Reads and writes are recorded, with the digest after the cell."""
    Path("in.txt").write_text("data")
    run(
        shell,
        "with open('in.txt') as file: text = file.read()\nwith open('out.txt', 'w') as file: file.write(text * 2)",
    )
    assert (["in.txt"], ["out.txt"]) == (names("read"), names("write"))
    assert digest_of("in.txt") == recorded("file.read")[0]["sha256"]
    assert digest_of("out.txt") == recorded("file.write")[0]["sha256"]


@pytest.mark.parametrize(
    ("read", "write"),
    [
        ("pd.read_csv('t.csv')", "pd.DataFrame({'a': [1]}).to_csv('t.csv')"),
        ("pd.read_parquet('t.parquet')", "pd.DataFrame({'a': [1]}).to_parquet('t.parquet')"),
        ("pl.read_parquet('t.parquet')", "pl.DataFrame({'a': [1]}).write_parquet('t.parquet')"),
        ("duckdb.sql(\"select * from 't.parquet'\").fetchall()", "pl.DataFrame({'a': [1]}).write_parquet('t.parquet')"),
        ("np.load(folder / 't.npy')", "np.save(folder / 't.npy', np.zeros(3))"),
        ("Path('t.txt').read_text()", "Path('t.txt').write_text('x')"),
    ],
)
def test_libraries_open_files_unseen(shell: InteractiveShell, read: str, write: str) -> None:
    """Files opened in C++ or Rust (Arrow, polars, DuckDB) are found by their names in the cell."""
    for module in ("polars", "duckdb", "pyarrow"):
        pytest.importorskip(module)
    run(shell, "import pandas as pd, polars as pl, duckdb, numpy as np\nfrom pathlib import Path\nfolder = Path('.')")
    assert run(shell, write).success
    assert 1 == len(names("write"))
    assert [] == names("read")
    assert run(shell, read).success
    assert names("write") == names("read")


def test_a_file_that_is_renamed_counts_under_its_last_name(shell: InteractiveShell) -> None:
    """Libraries write to a temporary name first."""
    run(shell, "import os\nwith open('x.tmp', 'w') as f: f.write('1')\nos.replace('x.tmp', 'x.txt')")
    assert ["x.txt"] == names("write")


def test_a_file_that_is_gone_again_is_none(shell: InteractiveShell) -> None:
    """Temporary files are not recorded."""
    run(shell, "import tempfile\nwith tempfile.NamedTemporaryFile('w') as file: file.write('x')")
    assert [] == names("write")


def test_noise_is_left_out(shell: InteractiveShell) -> None:
    """Modules, caches, system files and our own log are not recorded."""
    Path("mine.py").write_text("y = 1")
    run(
        shell,
        f"import sys, json; sys.path.insert(0, '')\nimport mine, wave, pathlib\npathlib.Path({str(LOG)!r}).read_text()",
    )
    run(shell, "pathlib.Path('/proc/self/stat').read_text()\nimport inspect\ninspect.getsource(json)")
    assert ([], []) == (names("read"), names("write"))
    assert ["mine"] == [c["name"] for c in recorded("module.loaded") if c["name"] == "mine"]


def test_a_large_file_is_digested_later(shell: InteractiveShell) -> None:
    """The digest is computed in the background, and the event belongs to the cell."""
    Path("big.bin").write_bytes(b"x" * (AT_ONCE_BYTES + 1))
    run(shell, "import pathlib\nn = len(pathlib.Path('big.bin').read_bytes())")
    run(shell, "%ithtel stop")
    (event,) = [c for c in recorded("file.read") if c["path"].endswith("big.bin")]
    assert digest_of("big.bin") == event["sha256"]


def test_a_file_that_changed_between_cells_is_a_hazard(shell: InteractiveShell) -> None:
    """An earlier cell read another content."""
    Path("d.csv").write_text("a\n1\n")
    run(shell, "import pathlib\none = pathlib.Path('d.csv').read_text()")
    Path("d.csv").write_text("a\n2\n")
    run(shell, "two = pathlib.Path('d.csv').read_text()")
    assert {"changed_file": ["d.csv has changed since [2] read or wrote it"]} == hazards()


def test_a_file_that_is_overwritten_is_a_hazard(shell: InteractiveShell) -> None:
    """Another cell overwrote what an earlier cell had read."""
    Path("d.csv").write_text("a\n1\n")
    run(shell, "import pathlib\none = pathlib.Path('d.csv').read_text()")
    run(shell, "n = pathlib.Path('d.csv').write_text('b')")
    assert {"changed_file": ["d.csv, which [2] read or wrote, was overwritten"]} == hazards()


def test_a_record_that_something_wrote_meanwhile_is_no_input(shell: InteractiveShell) -> None:
    """A log written meanwhile has this run's times and ids; an older log is data like any other."""
    old, new = Path("old/ndjson/run.jsonl"), Path("new/ndjson/run.jsonl")
    for path in (old, new):
        path.parent.mkdir(parents=True)
        path.write_text("{}\n")
    os.utime(old, (1e9, 1e9))
    run(shell, f"from pathlib import Path\ntexts = [Path(path).read_text() for path in ({str(old)!r}, {str(new)!r})]")
    assert [old.resolve()] == [Path(c["path"]).expanduser() for c in recorded("file.read")]


def events(kind: str, name: str) -> list[dict[str, object]]:
    """Return the events about a file."""
    return [c for c in recorded(f"file.{kind}") if Path(c["path"]).name == name]


@pytest.mark.parametrize(("existed", "mode"), [(False, "w"), (True, "w"), (False, "a"), (True, "a")])
def test_whether_a_written_file_was_there_before_is_recorded(shell: InteractiveShell, existed: bool, mode: str) -> None:
    """A replay must start with it, or without it."""
    if existed:
        Path("x.txt").write_text("before")
    run(shell, f"with open('x.txt', {mode!r}) as file: file.write('x')")
    assert [existed] == [c["existed"] for c in events("write", "x.txt")]


def test_what_a_cell_appends_to_is_an_input(shell: InteractiveShell) -> None:
    """With the digest of what was there before."""
    Path("x.txt").write_text("before")
    before = digest_of("x.txt")
    run(shell, "with open('x.txt', 'a') as file: file.write('x')")
    assert [before] == [c["sha256"] for c in events("read", "x.txt")]
    assert [digest_of("x.txt")] == [c["sha256"] for c in events("write", "x.txt")]


def test_what_a_cell_reads_and_then_overwrites_is_an_input(shell: InteractiveShell) -> None:
    """With the digest of what it read."""
    Path("x.txt").write_text("before")
    before = digest_of("x.txt")
    run(shell, "from pathlib import Path\nPath('x.txt').write_text(Path('x.txt').read_text() + 'x')")
    assert [before] == [c["sha256"] for c in events("read", "x.txt")]


def test_a_cache_that_a_cell_tried_to_read_in_vain_is_no_input(shell: InteractiveShell) -> None:
    """It made the file."""
    run(shell, "try: file = open('c.txt')\nexcept OSError:\n    with open('c.txt', 'w') as file: file.write('x')")
    assert ([], [False]) == (events("read", "c.txt"), [c["existed"] for c in events("write", "c.txt")])


def test_a_file_that_stays_open_is_recorded_when_it_is_written(shell: InteractiveShell) -> None:
    """By the cell that closes it."""
    run(shell, "file = open('late.txt', 'w')\n_ = file.write('x')")
    run(shell, "y = 1")
    run(shell, "file.close()")
    assert digest_of("late.txt") == events("write", "late.txt")[-1]["sha256"]
    assert 2 == len(events("write", "late.txt"))


def test_a_database_is_written_if_it_has_changed(shell: InteractiveShell) -> None:
    """SQLite opens it for both."""
    run(shell, "import sqlite3\nwith sqlite3.connect('t.db') as db: _ = db.execute('create table t(a)')\ndb.close()")
    run(shell, "db = sqlite3.connect('t.db')\nrows = db.execute('select * from t').fetchall()\ndb.close()")
    assert (1, 1) == (len(events("write", "t.db")), len(events("read", "t.db")))


def test_folders_that_the_session_made_are_recorded_with_their_files(shell: InteractiveShell) -> None:
    """The outermost one; a folder that was there is not one of them."""
    Path("old").mkdir()
    run(shell, "import os\nos.makedirs('new/deep')\nos.makedirs('old', exist_ok=True)")
    run(shell, "for path in ('new/deep/a.txt', 'old/b.txt'):\n    with open(path, 'w') as file: file.write('x')")
    made = events("write", "a.txt")[0]["made_folder"]
    assert Path("new").resolve() == Path(str(made)).expanduser()
    assert "made_folder" not in events("write", "b.txt")[0]


def test_formats_that_hold_dates_have_a_digest_of_their_content(shell: InteractiveShell) -> None:
    """And pickles the reason why they have none."""
    run(shell, "import gzip, pickle\nwith gzip.open('x.csv.gz', 'w') as file: file.write(b'1')")
    run(shell, "with open('x.pkl', 'wb') as file: pickle.dump([1], file)")
    assert str(events("write", "x.csv.gz")[0]["content"]).startswith("gzip:sha256:")
    assert "pickle" in str(events("write", "x.pkl")[0]["reason"])


def test_a_path_with_dots_is_one_file(shell: InteractiveShell) -> None:
    """Opened by Python, and named in the text."""
    Path("sub").mkdir()
    Path("d.csv").write_text("x")
    run(shell, "with open('sub/../d.csv') as file: text = file.read()")
    assert 1 == len(events("read", "d.csv"))
