"""`PySpy`: run `py-spy record` as a child of this process, attached to this process or to another one.

py-spy pauses the process, reads its memory and lets it go on, without importing or changing anything in it. It sees
functions that have released the GIL (in NumPy, for example), and tells waiting threads from working ones.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ithtel.errors import RecordingError
from ithtel.profiling.permission import ANYBODY, let_attach, spawn, why

_READY = "Sampling process"
_PATIENCE_S = 15.0


class AttachError(RecordingError):
    """py-spy cannot attach to a process; the message says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How to sample."""

    rate_hz: int = 100
    duration_s: float = 0
    """Sampling ends after this many seconds; 0 means that it ends when stopped."""
    native: bool = False
    """Whether to include frames of C, C++, Cython and Rust."""
    gil: bool = False
    """Whether to sample only threads that hold the GIL. NumPy releases it while it sorts or multiplies."""

    def sampled_s(self, passed_s: float) -> float:
        """Return for how long samples were taken, given the seconds that have passed.

        >>> Options(duration_s=2.0).sampled_s(5.0), Options().sampled_s(5.0)
        (2.0, 5.0)
        """
        return min(passed_s, self.duration_s) if self.duration_s else passed_s


class PySpy:
    """One `py-spy record`.

    Args:
        pid: The process to sample.
        options: How to sample.
        name: The name of the process in messages; its number if not given.
    """

    def __init__(self, pid: int, options: Options, *, name: str | None = None) -> None:
        self.pid = pid
        self.options = options
        self.name = name or ("this process" if pid == os.getpid() else f"process {pid}")
        self._folder = Path(tempfile.mkdtemp(prefix="ithtel-profile-"))
        self._child: subprocess.Popen[str] | None = None
        self._output_lines: list[str] = []
        self._is_ready = threading.Event()
        self._is_attached = False

    def start(self) -> None:
        """Attach; samples are being taken when this returns.

        Raises:
            AttachError: py-spy is not installed, or may not attach.
        """
        try:
            command = self._command()
            let_attach(ANYBODY)
            self._child = child = subprocess.Popen(  # noqa: S603 - our own arguments
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                start_new_session=True,  # a Ctrl-C in the terminal or from Jupyter goes to the whole process group
            )  # fmt: skip
            let_attach(child.pid)
            self._listener = threading.Thread(target=self._listen, name="ithtel-py-spy", daemon=True)
            self._listener.start()
            self._is_ready.wait(_PATIENCE_S)
            if not self._is_attached:
                self._listener.join(_PATIENCE_S)
                self._give_up()
        except BaseException:
            self.abandon()
            raise

    def _give_up(self) -> NoReturn:
        raise AttachError(why("\n".join(self._output_lines), self.name))

    def wait(self) -> None:
        """Wait until py-spy ends, because the process ended or the duration is over."""
        if self._child is not None:
            self._child.wait()

    def stop(self) -> str:
        """Stop py-spy, and return the folded stacks."""
        child = self._child
        if child is None:
            return ""
        try:
            if child.poll() is None:
                child.send_signal(signal.SIGINT)
            child.wait(_PATIENCE_S)
            return self._output.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        except subprocess.TimeoutExpired:
            raise AttachError(f"py-spy did not end within {_PATIENCE_S:.0f} s") from None
        finally:
            self.abandon()

    def abandon(self) -> None:
        """End py-spy and delete its files."""
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            child.wait()
            self._listener.join(_PATIENCE_S)
            if child.stdout is not None:
                child.stdout.close()
            let_attach(0)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _output(self) -> Path:
        return self._folder / "stacks.txt"

    def _command(self) -> list[str]:
        given = self.options
        command = [executable(), "record", "--pid", str(self.pid), "--rate", str(given.rate_hz), "--format", "raw"]
        command += ["--full-filenames", "--output", str(self._output)]
        command += ["--duration", str(max(1, round(given.duration_s)))] if given.duration_s else []
        return command + ["--gil"] * given.gil + ["--native"] * given.native

    def _listen(self) -> None:
        """Read py-spy's output: that it is ready, or why it failed."""
        child = self._child
        if child is None or child.stdout is None:
            return
        for line in child.stdout:
            self._output_lines.append(line.rstrip())
            if _READY in line:
                self._is_attached = True
                self._is_ready.set()
        self._is_ready.set()


def executable() -> str:
    """Return the path of py-spy: beside this Python, else on PATH.

    Raises:
        AttachError: py-spy is not installed.
    """
    beside = Path(sys.executable).with_name("py-spy.exe" if os.name == "nt" else "py-spy")
    found = str(beside) if beside.is_file() else shutil.which("py-spy")
    if found is None:
        raise AttachError("py-spy is not installed (pip install 'ithtel[profile]')")
    return found


def check() -> None:
    """Check that py-spy may attach to a child of this process; takes about 40 ms.

    Raises:
        AttachError: It may not, or is not installed.
    """
    executable()
    waiting = [sys.executable, "-ISc", "import time; time.sleep(60)"]
    child = spawn(waiting)
    try:
        spy = PySpy(child.pid, Options(), name="the program")
        spy.start()
        spy.abandon()
    finally:
        child.kill()
        child.wait()
