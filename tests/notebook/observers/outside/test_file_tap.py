"""`FileTap`: the audit hook, and which of the files that it sees are noise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ithtel.notebook.observers.outside.file_tap import OpenedFiles, file_tap, is_noise
from sessions import recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@pytest.mark.parametrize("path", ["/etc/passwd", "/work/.git/HEAD", "/a/__pycache__/b.pyc", "/home/u/.cache/f.json"])
def test_some_paths_are_noise(path: str) -> None:
    """Files of the system, of git and of caches are noise wherever they lie."""
    assert is_noise(path)
    assert not is_noise("/home/u/project/data.csv")


def test_the_hook_is_inert_when_off(shell: InteractiveShell) -> None:
    """Between cells and after unloading there is no listener."""
    assert file_tap.listener is None
    run(shell, "%unload_ext ithtel")
    run(shell, "open('out.txt', 'w').close()")
    assert file_tap.listener is None


def test_odd_arguments_of_open_do_no_harm() -> None:
    """Descriptors are ignored; bytes and paths are accepted."""
    opened = OpenedFiles()
    for path in (3, b"bytes", Path("path"), None):
        opened.add(path, is_write=False)
    assert [str(Path("bytes").absolute()), str(Path("path").absolute())] == list(opened.read)
    opened.moved(1, 2)


@pytest.mark.kernel
def test_one_hook_in_a_process() -> None:
    """Loading the extension again adds no second hook."""
    code = (
        "import sys\nn = 0\ndef count(event, args):\n    global n\n    n += event == 'sys.addaudithook'\n"
        "sys.addaudithook(count)\n"
        "from IPython.core.interactiveshell import InteractiveShell\nfrom traitlets.config import Config\n"
        "c = Config(); c.HistoryManager.hist_file = ':memory:'\n"
        "shell = InteractiveShell(config=c, ipython_dir='ipython')\n"
        "for _ in range(3):\n    shell.run_cell('%load_ext ithtel', store_history=True)\n"
        "    shell.run_cell('x = 1', store_history=True)\n"
        "    shell.run_cell('%unload_ext ithtel', store_history=True)\n"
        "print(n)"
    )
    done: Any = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "1" == done.stdout.split()[-1]


def test_a_file_that_was_written_first_is_not_an_input() -> None:
    """The cell reads what it wrote itself."""
    opened = OpenedFiles()
    opened.add("out.txt", is_write=True)
    opened.add("out.txt", is_write=False)
    assert ({}, [str(Path("out.txt").absolute())]) == (opened.read, list(opened.written))


def test_a_thread_of_ours_is_ignored(shell: InteractiveShell) -> None:
    """What it opens is not the cell's."""
    Path("in.txt").write_text("data")
    shell.user_ns["deafened"], shell.user_ns["path"] = file_tap.deafened, Path("in.txt")
    run(shell, "with deafened(): text = path.read_text()")
    assert [] == recorded("file.read")
