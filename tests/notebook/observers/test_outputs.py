"""`Outputs`: what a cell shows is recorded as a reader sees it, and shown unchanged."""

from __future__ import annotations

import hashlib
import sys
import threading
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

from ithtel.notebook.observers.cell_display import CellDisplay, contents
from ithtel.notebook.observers.stream_text import TEXT_BYTES  # type: ignore[attr-defined]
from sessions import last, recorded, run

if TYPE_CHECKING:
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell

    Captured = pytest.CaptureFixture[str]


@pytest.fixture
def shell(shell: InteractiveShell) -> InteractiveShell:
    """A shell that `display` finds."""
    type(shell)._instance = shell  # type: ignore[assignment]
    return shell


def sha(text: str | bytes) -> str:
    """Return a digest."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def shown(kind: str) -> list[dict[str, Any]]:
    """Return the outputs of a kind."""
    return [c for c in recorded("cell.output") if c["kind"] == kind]


def test_chunks_of_a_stream_are_one(shell: InteractiveShell, capsys: Captured) -> None:
    """They are joined and hashed, and printed unchanged; the text is recorded only on request."""
    run(shell, "print('a', 1)\nimport sys\nsys.stdout.write('b')\nprint('err', file=sys.stderr)")
    assert {"text/plain": {"sha256": sha("a 1\nb"), "size_bytes": 5}} == shown("stdout")[-1]["mime"]
    assert sha("err\n") == shown("stderr")[-1]["mime"]["text/plain"]["sha256"]
    assert "text" not in shown("stdout")[-1]
    captured = capsys.readouterr()
    assert captured.out.startswith("a 1\nb")
    assert "err\n" == captured.err


def test_text_is_recorded_on_request(shell: InteractiveShell) -> None:
    """At most 4 kB of each output are recorded."""
    run(shell, "%ithtel set record_outputs=text")
    run(shell, "print('x' * 10_000)")
    assert "x" * TEXT_BYTES == shown("stdout")[-1]["text"]
    run(shell, "6 * 7")
    assert "42" == shown("result")[-1]["text"]


def test_none_records_none(shell: InteractiveShell) -> None:
    """`record_outputs=none` records no outputs."""
    run(shell, "%ithtel set record_outputs=none")
    before = len(recorded("cell.output"))
    run(shell, "print(1)\n2")
    assert before == len(recorded("cell.output"))


def test_a_result_is_no_stream(shell: InteractiveShell) -> None:
    """A terminal prints it, but it is recorded as a result; a semicolon suppresses it."""
    run(shell, "'abc'")
    assert sha("'abc'") == shown("result")[-1]["mime"]["text/plain"]["sha256"]
    n = len(recorded("cell.output"))
    run(shell, "'abc';")
    assert n == len(recorded("cell.output"))


def test_displays_are_recorded_in_order(shell: InteractiveShell) -> None:
    """Each has all its types; an update replaces what it updates."""
    run(
        shell,
        "from IPython.display import display\n"
        "display({'text/plain': 'one', 'text/html': '<b>1</b>'}, raw=True)\n"
        "handle = display({'text/plain': 'old'}, raw=True, display_id='x')\n"
        "display({'text/plain': 'new'}, raw=True, display_id='x', update=True)",
    )
    one, new = shown("display")
    assert {"text/plain": sha("one"), "text/html": sha("<b>1</b>")} == {k: v["sha256"] for k, v in one["mime"].items()}
    assert sha("new") == new["mime"]["text/plain"]["sha256"]


def test_clearing_forgets(shell: InteractiveShell) -> None:
    """Outputs are removed at once, or with the next output."""
    run(shell, "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('left')")
    assert sha("left\n") == shown("stdout")[-1]["mime"]["text/plain"]["sha256"]
    run(shell, "print('gone')\nclear_output(wait=True)\nprint('left')")
    assert sha("left\n") == shown("stdout")[-1]["mime"]["text/plain"]["sha256"]


def test_a_progress_bar_is_what_is_left_of_it(shell: InteractiveShell) -> None:
    """Carriage returns overwrite the line."""
    run(shell, "for i in (1, 50, 100): print(f'\\r{i} %', end='')")
    assert sha("100 %") == shown("stdout")[-1]["mime"]["text/plain"]["sha256"]


def test_threads_are_included(shell: InteractiveShell) -> None:
    """What a thread of the cell prints belongs to the cell."""
    run(shell, "import threading\nt = threading.Thread(target=lambda: print('from a thread'))\nt.start(); t.join()")
    assert sha("from a thread\n") == shown("stdout")[-1]["mime"]["text/plain"]["sha256"]


def test_captured_output_was_not_shown(shell: InteractiveShell) -> None:
    """`%%capture` and `redirect_stdout` hide it."""
    n = len(recorded("cell.output"))
    run(shell, "%%capture kept\nprint('hidden')")
    run(shell, "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()): print('hidden')")
    assert n == len(recorded("cell.output"))
    assert "hidden\n" == shell.user_ns["kept"].stdout


def test_an_error_is_no_output(shell: InteractiveShell) -> None:
    """The error is part of `cell.end`."""
    n = len(recorded("cell.output"))
    run(shell, "1 / 0")
    assert n == len(recorded("cell.output"))


def test_what_was_patched_is_put_back(shell: InteractiveShell) -> None:
    """Patched methods are restored after each cell, even if the cell patched them too."""
    run(shell, "x = 1")
    for target, name in ((shell.display_pub, "publish"), (shell.displayhook, "write_format_data")):
        assert name not in vars(target)
    run(shell, "import sys\nplain = sys.stdout.write\nsys.stdout.write = lambda text: plain(text)")
    assert "watched" not in str(sys.stdout.write)
    run(shell, "print('still there')")
    assert sha("still there\n") == shown("stdout")[-1]["mime"]["text/plain"]["sha256"]


def test_a_failure_of_ours_does_not_reach_print(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """The text is shown, and the cell continues."""

    def broken(*_: object) -> None:
        raise RuntimeError("our bug")

    monkeypatch.setattr(CellDisplay, "write", broken)
    assert run(shell, "print('shown')\nx = 1").success
    assert "shown\n" in capsys.readouterr().out


def test_two_cells_at_once_are_kept_apart() -> None:
    """Cells of subshells run at the same time."""
    from types import SimpleNamespace

    from ithtel.notebook.observers.outputs import Outputs

    outputs = Outputs(SimpleNamespace(), print)
    here, there = CellDisplay(), CellDisplay()
    outputs._displays = {threading.get_ident(): here}
    outputs._latest = there
    assert outputs._current() is here
    thread = threading.Thread(target=lambda: setattr(outputs, "found", outputs._current()))
    thread.start()
    thread.join()
    assert outputs.found is there  # type: ignore[attr-defined]


CELLS = [
    "%load_ext ithtel\n%ithtel set record_outputs=text",
    """import os, sys, threading
print('one'); t = threading.Thread(target=print, args=('two',)); t.start(); t.join()
print('err', file=sys.stderr)""",
    """import asyncio
from IPython.display import display, clear_output
display({'text/html': '<i>x</i>'}, raw=True)
await asyncio.sleep(0)
print('async')
{'a': 1}""",
    "print('gone'); clear_output(); print('left')",
    "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()",
    "!echo piped",
    "1 / 0",
]


@pytest.mark.kernel
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_real_kernel(tmp_path: Path) -> None:
    """The record matches what the front end gets: streams, displays, results, figures and errors."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    NotebookClient(
        notebook, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    log = tmp_path / "logs/ndjson/notebook.jsonl"
    by_cell: dict[int, list[dict[str, Any]]] = {}
    for context in recorded("cell.output", log):
        by_cell.setdefault(context["execution_count"], []).append(context)
    for number, cell in enumerate(notebook.cells[1:], start=2):
        assert _front_end(cell) == _record(by_cell.get(number, [])), cell.source
    assert "error" == last_of(log)["status"]


def last_of(log: Path) -> dict[str, Any]:
    """Return the last cell's end."""
    return recorded("cell.end", log)[-1]


def _front_end(cell: Any) -> list[tuple[str, str]]:
    """Return what a front end shows, with streams joined first. A terminal has other line endings."""
    found: dict[str, str] = {}
    rest: list[tuple[str, str]] = []
    for output in cell.outputs:
        if output.output_type == "stream":
            found[output.name] = found.get(output.name, "") + output.text
        elif output.output_type != "error":
            kind = "result" if output.output_type == "execute_result" else "display"
            data = {mime: contents({mime: content})[mime].sha256 for mime, content in output.data.items()}
            rest.append((kind, str(sorted(data.items()))))
    return sorted([(name, sha(text.replace("\r\n", "\n"))) for name, text in found.items()] + rest)


def _record(outputs: list[dict[str, Any]]) -> list[tuple[str, str]]:
    found = []
    for output in outputs:
        mime = {kind: content["sha256"] for kind, content in output["mime"].items()}
        is_stream = output["kind"] in ("stdout", "stderr")
        found.append((output["kind"], mime["text/plain"] if is_stream else str(sorted(mime.items()))))
    return sorted(found)


def test_the_cost_of_digests_is_told(shell: InteractiveShell) -> None:
    """It counts as overhead, not as the cell's time."""
    run(shell, "from IPython.display import display\ndisplay({'text/html': 'x' * 20_000_000}, raw=True)")
    assert last("cell.end")["overhead_ms"] > 5


@pytest.mark.parametrize("other", ["open('log.txt', 'w')", "io.StringIO()"])
def test_what_goes_elsewhere_is_not_shown(shell: InteractiveShell, other: str) -> None:
    """A cell has put a file or a buffer in the place of `sys.stdout`."""
    run(shell, f"import io, sys\nold, new = sys.stdout, {other}")
    try:
        run(shell, "sys.stdout = new")
        run(shell, "print('elsewhere')")
    finally:
        run(shell, "sys.stdout = old; new.close()")
    assert [] == recorded("cell.output")


def test_what_a_tee_passes_on_is_shown(shell: InteractiveShell) -> None:
    """It reaches the stream that was in place before."""
    run(shell, "import sys\nclass Tee:\n    def write(self, text): return old.write(text)\n    def flush(self): pass")
    run(shell, "old = sys.stdout; sys.stdout = Tee()")
    try:
        run(shell, "print('both')")
    finally:
        run(shell, "sys.stdout = old")
    assert ["stdout"] == [output["kind"] for output in recorded("cell.output")]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exception groups are new in 3.11")
def test_the_traceback_of_an_exception_group_is_no_output(shell: InteractiveShell) -> None:
    """As that of any other exception."""
    run(shell, "raise ExceptionGroup('g', [ValueError(1)])")
    assert [] == recorded("cell.output")
