"""py-spy as a child of this process, attached to it or to another: `py-spy record`, ended by SIGINT.

It stops the process for a moment, reads its memory and lets it go: nothing is imported or changed in there. It sees
functions that gave the interpreter's lock away (NumPy's, say), and tells threads that wait from threads that work.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ithtel.errors import RecordingError
from ithtel.profiling.stacks import parse

if TYPE_CHECKING:
    from ithtel.profiling.stacks import RawStacks

_READY = "Sampling process"
_PATIENCE_S = 15.0
_PR_SET_PTRACER = 0x59616D61
_ANYBODY = -1
_YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")
_SCOPES = {
    "1": "only a parent may attach to its children (kernel.yama.ptrace_scope is 1)",
    "2": "only an administrator may attach to a process (kernel.yama.ptrace_scope is 2)",
    "3": "nobody may attach to a process (kernel.yama.ptrace_scope is 3)",
}
_STATUS = Path("/proc/self/status")
_SYS_PTRACE = 1 << 19


class AttachError(RecordingError):
    """py-spy cannot look into a process; says exactly why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How to sample."""

    rate_hz: int = 100
    duration_s: float = 0
    """After so many seconds sampling ends; 0: when it is ended."""
    native: bool = False
    """Frames of C, C++, Cython and Rust too."""
    gil: bool = False
    """Only what holds the interpreter's lock. NumPy gives it away while it sorts or multiplies: that is then unseen."""


class PySpy:
    """One `py-spy record`."""

    def __init__(self, pid: int, options: Options) -> None:
        self.pid = pid
        self.options = options
        self._folder = Path(tempfile.mkdtemp(prefix="ithtel-profile-"))
        self._child: subprocess.Popen[str] | None = None
        self._said: list[str] = []
        self._is_ready = threading.Event()
        self._is_attached = False

    def start(self) -> None:
        """Attach; when this returns, samples are being taken.

        Raises:
            AttachError: py-spy is not installed, or may not attach.
        """
        try:
            command = self._command()
            _let_attach(_ANYBODY)
            self._child = child = subprocess.Popen(  # noqa: S603 - our own arguments
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                start_new_session=True,  # a Ctrl-C in the terminal or from Jupyter goes to the whole group
            )  # fmt: skip
            _let_attach(child.pid)
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
        raise AttachError(why("\n".join(self._said), self.pid))

    def wait(self) -> None:
        """Wait until py-spy ends by itself: the process did, or the time is over."""
        if self._child is not None:
            self._child.wait()

    def stop(self) -> RawStacks:
        """End it, and return what it saw."""
        child = self._child
        if child is None:
            return parse("")
        try:
            if child.poll() is None:
                child.send_signal(signal.SIGINT)
            child.wait(_PATIENCE_S)
            return parse(self._output.read_text(encoding="utf-8", errors="replace"))
        except FileNotFoundError:
            return parse("")
        except subprocess.TimeoutExpired:
            raise AttachError(f"py-spy did not end within {_PATIENCE_S:.0f} s") from None
        finally:
            self.abandon()

    def abandon(self) -> None:
        """See to it that no py-spy and no file of it is left."""
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            child.wait()
            self._listener.join(_PATIENCE_S)
            if child.stdout is not None:
                child.stdout.close()
            _let_attach(0)
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
        """Keep what py-spy says: that it is ready, or why it cannot be."""
        child = self._child
        if child is None or child.stdout is None:
            return
        for line in child.stdout:
            self._said.append(line.rstrip())
            if _READY in line:
                self._is_attached = True
                self._is_ready.set()
        self._is_ready.set()


def executable() -> str:
    """Return the path of py-spy: beside this Python, else on the path.

    Raises:
        AttachError: There is none.
    """
    beside = Path(sys.executable).with_name("py-spy.exe" if os.name == "nt" else "py-spy")
    found = str(beside) if beside.is_file() else shutil.which("py-spy")
    if found is None:
        raise AttachError("py-spy is not installed (pip install 'ithtel[profile]')")
    return found


def why(said: str, pid: int) -> str:
    """Return why py-spy could not attach: what it says itself, and what the system is known to forbid.

    >>> why("Error: No such process (os error 3)", 7)
    'py-spy cannot attach to process 7: no such process (os error 3)'
    """
    lines = [line.strip() for line in said.partition("Stack backtrace")[0].splitlines() if line.strip()]
    causes = [line.split(": ", 1)[-1] for line in lines if line[:1].isdigit()] or [
        line.removeprefix("Error: ") for line in lines if line.startswith("Error")
    ]
    reason = causes[-1] if causes else "it ended without saying why"
    reason = reason[:1].lower() + reason[1:]
    rule = _rule() if "permi" in reason.lower() or "not permitted" in reason else None
    whom = "this process" if pid == os.getpid() else f"process {pid}"
    return f"py-spy cannot attach to {whom}: {reason}" + (f"; {rule}" if rule else "")


def _rule() -> str | None:
    """Return what forbids attaching here, as far as the system tells."""
    if sys.platform == "darwin":
        return "macOS lets only an administrator attach to a process"
    with contextlib.suppress(OSError):
        scope = _YAMA.read_text(encoding="ascii").strip()
        if scope in _SCOPES:
            return _SCOPES[scope]
    with contextlib.suppress(OSError, StopIteration, ValueError):
        status = _STATUS.read_text(encoding="utf-8").splitlines()
        bounding = next(line for line in status if line.startswith("CapBnd:"))
        if not int(bounding.split()[1], 16) & _SYS_PTRACE:
            return "this container or process is without the capability SYS_PTRACE"
    return None


def _let_attach(pid: int) -> None:
    """Let `pid` attach to this process where Yama restricts that to parents; harmless elsewhere."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, ctypes.c_ulong(pid), 0, 0, 0)
