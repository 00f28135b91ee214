"""`begin`: sample the Python program that found this file on its path, for `ithtel profile` without py-spy.

Python imports a module of this name before it runs a program, so the program runs as usual, with the same `__main__`
and arguments. Its child processes are not sampled, and a `sitecustomize` of its own still runs. Its Python need not
have ithtel: this file imports the standard library, and the sampler by its path.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import importlib.util
import json
import os
import sys
from pathlib import Path

VARIABLE = "_ITHTEL_WITHIN"
"""JSON: `parent`, whose direct child alone is sampled; `path`, the original PYTHONPATH; the sampler's arguments."""


def begin() -> None:
    """Sample until the program ends, if it is a direct child of `parent`."""
    given = json.loads(os.environ.pop(VARIABLE, "null"))
    if given is None:
        return
    _leave_no_trace(given["path"])
    if os.getppid() == given["parent"]:
        spec = importlib.util.spec_from_file_location("_ithtel_sampler", Path(__file__).parents[1] / "sampler.py")
        if spec is not None and spec.loader is not None:
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            sampler = module.ThreadSampler(given["rate_hz"], given["duration_s"], given["file"])
            atexit.register(sampler.stop)
            sampler.start()


def _leave_no_trace(path: str | None) -> None:
    """Restore the program's path, then import its own `sitecustomize`."""
    if path is None:
        os.environ.pop("PYTHONPATH", None)
    else:
        os.environ["PYTHONPATH"] = path
    with contextlib.suppress(ValueError):
        sys.path.remove(str(Path(__file__).parent))
    mine = sys.modules.pop("sitecustomize", None)
    with contextlib.suppress(ModuleNotFoundError):
        importlib.import_module("sitecustomize")
    if mine is not None:
        sys.modules.setdefault("sitecustomize", mine)


if __name__ == "sitecustomize":
    begin()
