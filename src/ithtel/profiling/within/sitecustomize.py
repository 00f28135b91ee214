"""Begins to sample the Python program that found this file on its path: `ithtel profile`, where py-spy may not attach.

Python imports a module of this name before it runs a program, so the program runs as it always does: no other
`__main__`, no other arguments. Its children are left alone, and so is a `sitecustomize` of its own. Its Python need
not have ithtel: this imports the standard library, and the sampler by its file.
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
"""What to do, as JSON: `parent`, whose own child alone is sampled; `path`, PYTHONPATH as it was; the sampler's rest."""


def begin() -> None:
    """Sample until the program ends, where it is the one that was meant."""
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
    """Give the program the path that it would have, then the `sitecustomize` that it would have."""
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
