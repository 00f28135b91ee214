"""`run`: run a Python program to its end and sample it, by py-spy or, if that is forbidden, from within."""

from __future__ import annotations

import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ithtel.profiling.permission import spawn
from ithtel.profiling.profiler import Profiler, Samples
from ithtel.profiling.pyspy import AttachError, Options, check
from ithtel.profiling.stacks import RawStacks, parse
from ithtel.profiling.within import sitecustomize

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True)
class ProgramRun:
    """A program that has ended, with its samples."""

    samples: Samples
    exit_code: int


def run(command: Sequence[str], options: Options) -> ProgramRun:
    """Run a program to its end and return its samples; its child processes are not sampled.

    Raises:
        AttachError: It is not a Python program, or could not be sampled; it has run nevertheless.
    """
    try:
        check()
    except AttachError as error:
        return _from_within(command, options, str(error))
    return _from_outside(command, options)


def run_plainly(command: Sequence[str]) -> int:
    """Run a program to its end without sampling, and return its exit code."""
    return _wait_for(spawn(command))


def _from_outside(command: Sequence[str], options: Options) -> ProgramRun:
    child, began = spawn(command), time.monotonic()
    profiler = Profiler(options, pid=child.pid)
    try:
        profiler.start()
        code = _wait_for(child)
        return ProgramRun(samples=profiler.stop(), exit_code=code)
    except AttachError:
        if child.poll() is None:
            raise
        nothing = Samples(
            raw=RawStacks(), options=options, sampler="py-spy", reason=None, duration_s=time.monotonic() - began
        )
        return ProgramRun(samples=nothing, exit_code=child.returncode)
    finally:
        _wait_for(child)


def _from_within(command: Sequence[str], options: Options, reason: str) -> ProgramRun:
    """Run a program that starts to sample itself before its first line."""
    with tempfile.TemporaryDirectory(prefix="ithtel-profile-") as folder:
        file, began = Path(folder, "stacks.txt"), time.monotonic()
        child = spawn(command, _environment(options, file))
        code = _wait_for(child)
        duration = options.sampled_s(time.monotonic() - began)
        if not file.is_file():
            raise AttachError(
                f"{reason}. Nothing was sampled from within either: not a Python that uses PYTHONPATH, or it was killed"
            )
        raw = parse(file.read_text(encoding="utf-8", errors="replace"))
    return ProgramRun(
        samples=Samples(raw=raw, options=options, sampler="in-process", reason=reason, duration_s=duration),
        exit_code=code,
    )


def _environment(options: Options, file: Path) -> dict[str, str]:
    """Return the environment in which a Python samples itself into `file`."""
    path = os.environ.get("PYTHONPATH")
    first = str(Path(sitecustomize.__file__).parent)
    order = {
        "parent": os.getpid(), "path": path, "file": str(file),
        "rate_hz": options.rate_hz, "duration_s": options.duration_s,
    }  # fmt: skip
    return {
        **os.environ,
        sitecustomize.VARIABLE: json.dumps(order),
        "PYTHONPATH": first if path is None else first + os.pathsep + path,
    }


def _wait_for(child: subprocess.Popen[bytes]) -> int:
    """Wait for a program to end; it also receives a Ctrl-C and decides itself when to end."""
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue
