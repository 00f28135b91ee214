"""`spawn`, `let_attach`, `why`: allow py-spy to attach to a process, and explain why it could not."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_PR_SET_PTRACER = 0x59616D61
ANYBODY = -1
"""For `let_attach`: any process may attach."""
_YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")
_SCOPES = {
    "1": "only a parent may attach to its children (kernel.yama.ptrace_scope is 1)",
    "2": "only an administrator may attach to a process (kernel.yama.ptrace_scope is 2)",
    "3": "no process may attach to another (kernel.yama.ptrace_scope is 3)",
}
_STATUS = Path("/proc/self/status")
_SYS_PTRACE = 1 << 19
_FILTERED = "2"


def why(output: str, name: str) -> str:
    """Return why py-spy could not attach: its own message, and what the system is known to forbid.

    >>> why("Error: No such process (os error 3)", "process 7")
    'py-spy cannot attach to process 7: no such process (os error 3)'
    """
    lines = [line.strip() for line in output.partition("Stack backtrace")[0].splitlines() if line.strip()]
    causes = [line.split(": ", 1)[-1] for line in lines if line[:1].isdigit()] or [
        line.removeprefix("Error: ") for line in lines if line.startswith("Error")
    ]
    reason = causes[-1].removeprefix("EPERM: ") if causes else "it ended without a message"
    reason = reason[:1].lower() + reason[1:]
    rule = _rule() if "permi" in reason else None
    return f"py-spy cannot attach to {name}: {reason}" + (f"; {rule}" if rule else "")


def spawn(command: Sequence[str], env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a program to which a py-spy started by this process may attach, even if Yama allows only parents."""
    allow = _permission(os.getpid())  # for descendants of this process such as py-spy; outlives exec
    return subprocess.Popen(list(command), env=env, preexec_fn=allow)  # noqa: S603, PLW1509 - one system call, no lock


def let_attach(pid: int) -> None:
    """Let `pid` attach to this process even if Yama restricts that to parents; harmless elsewhere."""
    allow = _permission(pid)
    if allow is not None:
        allow()


def _rule() -> str | None:
    """Return which rule of the system forbids attaching, None if unknown."""
    if sys.platform == "darwin":
        return "macOS lets only an administrator attach to a process"
    with contextlib.suppress(OSError):
        scope = _YAMA.read_text(encoding="ascii").strip()
        if scope in _SCOPES:
            return _SCOPES[scope]
    with contextlib.suppress(OSError):
        return _confinement(
            dict(line.split(":\t", 1) for line in _STATUS.read_text("utf-8").splitlines() if ":\t" in line)
        )
    return None


def _confinement(status: Mapping[str, str]) -> str | None:
    """Return which restriction of a container or sandbox applies to this process, judging by its status in Linux."""
    if not int(status.get("CapBnd", "0"), 16) & _SYS_PTRACE:
        return "this container or process lacks the capability SYS_PTRACE"
    if status.get("Seccomp") == _FILTERED:
        return "a seccomp filter of this container or process may forbid it"
    return None


def _permission(pid: int) -> Callable[[], object] | None:
    """Return the call that lets `pid` and its descendants attach to the calling process; None if not on Linux."""
    if sys.platform != "linux":
        return None
    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return None
    return partial(prctl, _PR_SET_PTRACER, ctypes.c_ulong(pid), 0, 0, 0)
