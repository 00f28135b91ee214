"""A notebook runs in a copy with recording on, and its log is read before the copy is deleted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from nbformat import v4

from ithtel.commands.replay.replay import replay
from ithtel.errors import InputError
from ithtel.reading.history.build import REPLAY_MARK
from ithtel.reading.history.values import Execution, History, WrittenFile
from ithtel.reading.lines.object_store import Contents
from ithtel.replay.options import RunOptions
from ithtel.replay.run_in_copy import REPLAYING, as_recorded, inputs_above, refuse_nested, run_in_copy
from ithtel.replay.workspace import Origin
from kernels import record

if TYPE_CHECKING:
    from pathlib import Path


def test_a_replay_cannot_start_inside_a_replay() -> None:
    """For each verb; elsewhere nothing happens."""
    refuse_nested("check", {})
    with pytest.raises(InputError, match=r"^cannot check inside a replay$"):
        refuse_nested("check", {REPLAYING: "1"})


@pytest.mark.kernel
def test_the_log_of_the_run_is_returned(tmp_path: Path) -> None:
    """Nothing is written to the folder itself."""
    (tmp_path / "a.txt").write_text("7", encoding="utf-8")
    source = "text = open('a.txt').read()\n_ = open('b.txt', 'w').write(text)"
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source)])
    origin = Origin(root=tmp_path, inner=".", commit=None)
    history = History(name="demo", config={"log_dir": "logs"})
    result = run_in_copy(notebook, origin, history, Contents([]), RunOptions(environ=os.environ), load=True)
    assert result.failure is None
    assert result.log is not None
    sources = [start.source for start in result.log.events("cell.start")]
    assert [source] == [text for text in sources if REPLAY_MARK not in text]  # the cell that prepares the kernel
    assert ["a.txt"] == [path.name for path in tmp_path.iterdir()]


FILES = [
    "%load_ext ithtel",
    "import gzip, os, pickle, time\nfrom pathlib import Path\nx = Path('../data/x.csv').read_text()",
    "root = '..'\ny = (Path(root) / 'data' / 'x.csv').resolve().read_text()",
    (
        "try:\n    c = Path('cache.txt').read_text()\nexcept FileNotFoundError:\n    c = 'new'\n"
        "    _ = Path('cache.txt').write_text('cached')"
    ),
    "with open('run.log', 'a') as file: _ = file.write('line')",
    "os.makedirs('made/deep')\n_ = Path('made/deep/a.txt').write_text('a')\n_ = Path('out/b.txt').write_text(x)",
    "with gzip.open('x.gz', 'w') as file: _ = file.write(b'1')",
    "with open('x.pkl', 'wb') as file: pickle.dump(time.perf_counter(), file)",
    "_ = Path('../data/above.txt').write_text('a')",
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the folder of a notebook in a project with data beside it."""
    folder = tmp_path / "project" / "notebooks"
    for each in (folder / "out", folder.parent / "data"):
        each.mkdir(parents=True)
    (folder.parent / "data" / "x.csv").write_text("1,2", encoding="utf-8")
    return folder


@pytest.mark.kernel
def test_a_session_that_reads_above_and_writes_files_replays_identical(project: Path) -> None:
    """It starts without its caches, logs and folders; what cannot be compared is named."""
    found = replay(record(FILES, project))
    assert found.difference is not None, found.text()
    assert "identical" == found.outcome, found.text()
    files = [each.what for each in found.difference.verdict.not_compared if each.kind == "file"]
    assert "file x.pkl" in files
    assert "file x.pkl in [8]" in found.text()


@pytest.mark.kernel
def test_a_file_with_another_content_departs_at_the_cell_that_wrote_it(project: Path) -> None:
    """Though no value differs."""
    source = "from pathlib import Path\nimport os\n_ = Path('out/b.bin').write_bytes(os.urandom(8))"
    found = replay(record(["%load_ext ithtel", source], project))
    assert "departs" == found.outcome
    assert "written out/b.bin: the file differs" in found.text()


@pytest.mark.kernel
def test_what_a_session_appended_to_cannot_be_replayed_unless_it_was_kept(project: Path) -> None:
    """The verdict is `cannot`, with the reason; with keep=inputs it starts with what was there."""
    (project / "was.txt").write_text("before", encoding="utf-8")
    cells = ["%load_ext ithtel", "with open('was.txt', 'a') as file: _ = file.write('x')"]
    found = replay(record(cells, project))
    assert "cannot" == found.outcome
    assert "was.txt of cell [2] was changed by cell [2]" in found.text()
    (project / "was.txt").write_text("again", encoding="utf-8")
    found = replay(record(cells, project, ITHTEL_KEEP="inputs"))
    assert "identical" == found.outcome, found.text()


@pytest.mark.kernel
def test_a_file_that_the_copy_lacks_is_fetched_and_the_run_repeated(project: Path) -> None:
    """A cell may make up its name; nothing in the folder changes."""
    notebook = v4.new_notebook(
        cells=[v4.new_code_cell("from pathlib import Path\nx = (Path.cwd().parent / 'data' / 'x.csv').read_text()")]
    )
    origin = Origin(root=project, inner=".", commit=None)
    result = run_in_copy(
        notebook, origin, History(name="demo"), Contents([]), RunOptions(environ=os.environ), load=True
    )
    assert result.failure is None
    assert result.log is not None
    assert ["ok"] == [end.status for end in result.log.events("cell.end")][-1:]
    assert ["out"] == [path.name for path in project.iterdir()]


def test_files_above_that_cells_name_are_inputs(project: Path) -> None:
    """Of a run without a record."""
    assert [("../data/x.csv", True)] == [
        (each.path, each.found is not None) for each in inputs_above(["open('../data/x.csv')"], project)
    ]


def test_files_elsewhere_are_named_as_the_session_names_them() -> None:
    """A copy lies in another folder."""
    execution = Execution(place=1, files={"/work/data/x.csv": "ab", "y.csv": "cd"}, written={"/w": WrittenFile()})
    (found,) = as_recorded(History(name="demo", executions=[execution]), "/work/nb").executions
    assert ({"../data/x.csv": "ab", "y.csv": "cd"}, ["/w"]) == (found.files, list(found.written))
