"""A Python program run to its end and sampled: by py-spy, or from within where the system forbids that."""

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
class Ran:
    """A program that has ended."""

    samples: Samples
    exit_code: int


def run(command: Sequence[str], options: Options) -> Ran:
    """Run a program to its end, and return what was seen of it; none of its children is sampled.

    Raises:
        AttachError: It is no Python, or neither py-spy nor the sampler within could see it; it has run all the same.
    """
    try:
        check()
    except AttachError as error:
        return _from_within(command, options, str(error))
    return _from_outside(command, options)


def run_plainly(command: Sequence[str]) -> int:
    """Run a program to its end, without looking into it, and return its exit code."""
    return _wait_for(spawn(command))


def _from_outside(command: Sequence[str], options: Options) -> Ran:
    child, began = spawn(command), time.monotonic()
    profiler = Profiler(options, pid=child.pid)
    try:
        profiler.start()
        code = _wait_for(child)
        return Ran(samples=profiler.stop(), exit_code=code)
    except AttachError:
        if child.poll() is None:
            raise
        nothing = Samples(
            raw=RawStacks(), options=options, sampler="py-spy", reason=None, duration_s=time.monotonic() - began
        )
        return Ran(samples=nothing, exit_code=child.returncode)
    finally:
        _wait_for(child)


def _from_within(command: Sequence[str], options: Options, reason: str) -> Ran:
    """Run a program that begins to sample itself before its first line."""
    with tempfile.TemporaryDirectory(prefix="ithtel-profile-") as folder:
        file, began = Path(folder, "stacks.txt"), time.monotonic()
        child = spawn(command, _environment(options, file))
        code = _wait_for(child)
        duration = options.sampled_s(time.monotonic() - began)
        if not file.is_file():
            raise AttachError(
                f"{reason}. From within nothing was seen: no Python that minds PYTHONPATH, or it was killed"
            )
        raw = parse(file.read_text(encoding="utf-8", errors="replace"))
    return Ran(
        samples=Samples(raw=raw, options=options, sampler="in-process", reason=reason, duration_s=duration),
        exit_code=code,
    )


def _environment(options: Options, file: Path) -> dict[str, str]:
    """Return what makes a Python sample itself into `file`."""
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
    """Wait for a program; a Ctrl-C goes to it, too, and it ends as it sees fit."""
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue
