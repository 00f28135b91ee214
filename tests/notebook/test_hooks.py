"""`CellHooks`: cells become balanced events, and our failures never reach the user's cell."""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import TYPE_CHECKING

import pytest

import ithtel
from ithtel.notebook.hooks import CellHooks
from ithtel.recording.span import current_span
from sessions import LOG, last, recorded, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def is_balanced() -> bool:
    """Return whether each start has its end, in order."""
    kinds = [(c["event_type"], c["cell_id"]) for c in recorded() if c["event_type"] in ("cell.start", "cell.end")]
    starts, ends = kinds[::2], kinds[1::2]
    return all(
        start[0] == "cell.start" and end == ("cell.end", start[1]) for start, end in zip(starts, ends, strict=True)
    )


def test_a_cell_is_recorded_as_it_ran(shell: InteractiveShell) -> None:
    """The events have source, digest, count, status and names."""
    run(shell, "a = 1")
    run(shell, "b = a + 1")
    start, end = recorded("cell.start")[-1], recorded("cell.end")[-1]
    assert ("b = a + 1", hashlib.sha256(b"b = a + 1").hexdigest()) == (start["source"], start["source_sha256"])
    assert (3, 3) == (start["execution_count"], end["execution_count"])
    assert ("ok", ["a"], ["b"]) == (end["status"], end["reads"], end["writes"])


def test_the_start_is_on_record_before_the_cell_runs(shell: InteractiveShell) -> None:
    """The cell itself can read its start in the log."""
    run(shell, f"import pathlib; seen = pathlib.Path({str(LOG)!r}).read_text()")
    assert "seen = pathlib" in shell.user_ns["seen"]


def test_the_loading_cell_and_those_before_are_recorded(bare: InteractiveShell) -> None:
    """Earlier cells become `cell.prior`; the loading cell has a start and an end."""
    run(bare, "a = 1")
    run(bare, "import ithtel\n%load_ext ithtel\nb = a")
    assert [(1, "a = 1")] == [(c["execution_count"], c["source"]) for c in recorded("cell.prior")]
    assert ["b = a"] == [c["source"].splitlines()[-1] for c in recorded("cell.start")]
    assert [2] == [c["execution_count"] for c in recorded("cell.end")]
    assert is_balanced()


def test_loading_outside_a_cell_records_no_cell(bare: InteractiveShell) -> None:
    """A profile may list the extension."""
    ithtel.load_ipython_extension(bare)
    assert ["session.start"] == [c["event_type"] for c in recorded()]


@pytest.mark.parametrize(
    "cell",
    [
        "1 / 0",
        "x = = 1",
        "%no_such_magic",
        "",
        "   \n",
        "get_ipython().run_cell('nested = 1')",
        "get_ipython().run_cell('1/0')",
        "%%capture\nc = 1",
        "import asyncio\nawait asyncio.sleep(0)",
        "raise KeyboardInterrupt",
        "import sys\nsys.exit(3)",
        "%%time\nt = 1",
        "%%no_such_cell_magic\nx",
        "get_ipython().run_cell('async_nested = 1', silent=True)",
    ],
)
@pytest.mark.filterwarnings("ignore:To exit. use:UserWarning")
def test_every_cell_is_balanced(shell: InteractiveShell, cell: str) -> None:
    """Each start has one end, also for the next cell."""
    run(shell, cell)
    run(shell, "after = 1")
    assert is_balanced()
    assert "after = 1" == recorded("cell.start")[-1]["source"]


def test_a_silent_cell_is_not_recorded(shell: InteractiveShell) -> None:
    """Front ends use silent cells for queries."""
    before = len(recorded())
    shell.run_cell("x = 1", silent=True)
    assert before == len(recorded())


def test_a_cell_outside_the_history_has_no_number(shell: InteractiveShell) -> None:
    """It is recorded all the same."""
    shell.run_cell("x = 1")
    assert recorded("cell.start")[-1]["execution_count"] is None
    assert is_balanced()


def test_an_error_is_told(shell: InteractiveShell) -> None:
    """Name, message and traceback are recorded."""
    run(shell, "1 / 0")
    end = recorded("cell.end")[-1]
    assert ("error", "ZeroDivisionError", "division by zero") == (
        end["status"], end["error"]["ename"], end["error"]["evalue"],
    )  # fmt: skip
    assert any("1 / 0" in line for line in end["error"]["traceback"])


def test_a_syntax_error_is_told(shell: InteractiveShell) -> None:
    """The cell did not run, which is an error too."""
    run(shell, "x = = 1")
    assert "SyntaxError" == recorded("cell.end")[-1]["error"]["ename"]


@pytest.mark.parametrize("error", ["KeyboardInterrupt", "__import__('asyncio').CancelledError"])
def test_an_interrupt_is_no_error(shell: InteractiveShell, error: str) -> None:
    """The status is `interrupted`, also for a cell that awaits."""
    run(shell, f"raise {error}")
    assert "interrupted" == recorded("cell.end")[-1]["status"]


def test_an_exception_that_cannot_say_itself_is_told(shell: InteractiveShell) -> None:
    """IPython fails to show it, and ends the cell with another info object."""
    run(shell, "class Odd(Exception):\n    def __str__(self): raise ValueError")
    run(shell, "raise Odd")
    run(shell, "after = 1")
    assert ["ok", "error", "ok"] == [c["status"] for c in recorded("cell.end")[-3:]]
    assert is_balanced()


def test_events_belong_to_the_cell_that_caused_them(shell: InteractiveShell) -> None:
    """The span covers tasks and threads of the cell; between cells there is none."""
    run(shell, "import threading\nfrom loguru import logger\nlogger.remove()\nithtel = __import__('ithtel')\n")
    run(
        shell,
        "t = threading.Thread(target=lambda: ithtel.current().emit(ithtel.events.Note(text='thread')))\n"
        "t.start(); t.join()\nithtel.current().emit(ithtel.events.Note(text='cell'))",
    )
    spans = {
        (record.event_type, record.envelope.span_id)
        for record in ithtel.read(LOG)
        if record.event_type == "note" or (record.event_type == "cell.end" and "t" in record.event.writes)
    }
    assert 1 == len({span for _, span in spans})
    assert {"note", "cell.end"} == {kind for kind, _ in spans}
    assert current_span() is None


def test_an_async_cell_runs_natively(shell: InteractiveShell) -> None:
    """Top-level await works under `%%provenance`, and its events belong to the cell."""
    run(shell, "import asyncio, ithtel")
    run(shell, "%%provenance\nawait asyncio.sleep(0)\nithtel.current().emit(ithtel.events.Note(text='x'))\ny = 1")
    assert 1 == shell.user_ns["y"]
    assert is_balanced()
    assert asyncio.run(asyncio.sleep(0)) is None


def test_a_cell_that_says_off_is_not_recorded(shell: InteractiveShell) -> None:
    """Only the fact that it ran is recorded: no text, error or names."""
    run(shell, "# ithtel: off\nsecret = 'hunter2'\nraise ValueError(secret)")
    assert "hunter2" not in LOG.read_text(encoding="utf-8")
    start, end = recorded("cell.start")[-1], recorded("cell.end")[-1]
    assert (None, None) == (start["source"], start["source_sha256"])
    assert ("error", [], False) == (end["status"], end["writes"], "error" in end)


def test_a_failure_of_ours_stays_ours(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The cell runs; one message is shown once; the log counts what is missing."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("our bug")

    with monkeypatch.context() as patch:
        patch.setattr("ithtel.notebook.hooks._end_of", broken)
        assert run(shell, "a = 1").success
        assert run(shell, "b = 2").success
    said = capsys.readouterr().err
    assert 1 == said.count("ithtel: could not record this cell (RuntimeError: our bug")
    run(shell, "c = 3")
    assert 2 == sum(c["n_dropped"] for c in recorded("recording.loss"))
    assert (1, 2, 3) == tuple(shell.user_ns[name] for name in "abc")


def test_a_post_without_a_pre_is_none_of_ours(shell: InteractiveShell) -> None:
    """An end without a start is ignored."""
    before = recorded()
    hooks = next(
        hook.__self__  # type: ignore[attr-defined]
        for hook in shell.events.callbacks["post_run_cell"]
        if isinstance(getattr(hook, "__self__", None), CellHooks)
    )
    hooks.after_cell(None)
    assert before == recorded()


def test_a_loading_cell_outside_the_history_is_recorded(bare: InteractiveShell) -> None:
    """As nbval runs cells: without a number."""
    bare.run_cell("%load_ext ithtel\na = 1")
    assert [(None, "%load_ext ithtel\na = 1")] == [(c["execution_count"], c["source"]) for c in recorded("cell.start")]
    assert is_balanced()


def test_cost_is_measured(shell: InteractiveShell) -> None:
    """Each cell records its own overhead."""
    began = time.perf_counter()
    run(shell, "x = 1")
    assert 0 < last("cell.end")["overhead_ms"] < (time.perf_counter() - began) * 1e3
