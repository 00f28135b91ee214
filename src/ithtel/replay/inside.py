"""What a replay does inside the kernel: it watches hidden generators, restores random states, maps paths.

Runs before the notebook's first cell, and imports nothing heavy: what the notebook imports is the notebook's business.
"""

from __future__ import annotations

import ast
import gc
import json
import random
import sys
from pathlib import Path
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any

from ithtel.events import Hazard
from ithtel.provenance.randomness import looks_unseeded, restore_random_state
from ithtel.provenance.streams import Stream, find_streams, rng_state, same_source
from ithtel.recording import process

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_FOREIGN = frozenset(
    {"tempfile", "random", "IPython", "ipykernel", "tornado", "zmq", "jupyter_client", "asyncio", "ithtel", "uuid"}
)
"""Their generators name files and connections."""


def begin(shell: InteractiveShell, instructions: str) -> None:
    """Prepare a kernel as the file `instructions` says: `states` before each cell, `paths` to be mapped."""
    given = json.loads(Path(instructions).read_text(encoding="utf-8"))
    watch = Watch(shell, given.get("states") or [])
    shell.events.register("pre_run_cell", watch.before)
    shell.events.register("post_run_cell", watch.after)
    if given.get("paths"):
        shell.ast_transformers.append(Paths(given["paths"]))
    if given.get("load"):
        shell.run_line_magic("load_ext", "ithtel")


class Watch:
    """Sees every cell before and after the recording does, since it was registered first."""

    def __init__(self, shell: InteractiveShell, states: list[list[dict[str, Any]]]) -> None:
        self.shell = shell
        self._states = states
        self._n_cells = 0
        self._known: dict[int, tuple[Stream, Any]] = {}

    def before(self, info: Any) -> None:  # noqa: ANN401 - IPython's
        """Put random streams where the record says they were."""
        if not getattr(info, "store_history", False):
            return
        self._n_cells += 1
        if self._n_cells <= len(self._states) and self._states[self._n_cells - 1]:
            restore_random_state(self._states[self._n_cells - 1], self.shell.user_ns)

    def after(self, _result: Any) -> None:  # noqa: ANN401 - IPython's
        """Say which generators that no variable holds were drawn from, with their owners."""
        session = process.current()
        moved = self._moved()
        for owner in moved:
            if session is not None and not session.is_closed and not session.is_paused:
                detail = f"a generator of {owner}, which no seed of the notebook reaches, was drawn from"
                count = len(getattr(self.shell.history_manager, "input_hist_parsed", [])) or None
                session.emit(Hazard(kind="unseeded_rng", detail=detail, names=[owner], execution_count=count))

    def _moved(self) -> list[str]:
        owners = []
        for stream in hidden_streams(self.shell.user_ns):
            try:
                raw = stream.raw()
            except Exception:  # noqa: BLE001, S112 - SystemRandom has no state, a foreign generator may fail anyhow
                continue
            known = self._known.get(id(stream.target))
            self._known[id(stream.target)] = (stream, raw)
            if known is not None and known[1] != raw and _may_be_unseeded(stream, raw):
                owners.append(stream.name)
        return sorted(set(owners))


class Paths(ast.NodeTransformer):
    """Lets absolute paths in cells lead into the copy; the text that is recorded stays as it is."""

    def __init__(self, paths: dict[str, str]) -> None:
        self._paths = sorted(paths.items(), key=lambda item: -len(item[0]))

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """Map a text that is, or begins with, a path of the record."""
        if isinstance(node.value, str):
            for old, new in self._paths:
                if node.value == old or node.value.startswith(old.rstrip("/") + "/"):
                    return ast.copy_location(ast.Constant(new + node.value[len(old) :]), node)
        return node


def hidden_streams(namespace: dict[str, Any]) -> list[Stream]:
    """Return the generators that live in this process and that no variable leads to, named after their owners.

    What a module keeps is hidden, too, whosever module it is: no seed of a notebook reaches it.

    >>> hidden_streams({}) == hidden_streams({})
    True
    """
    kinds = _generator_types()
    variables = {name: value for name, value in namespace.items() if not isinstance(value, ModuleType)}
    known = [stream.target for stream in find_streams(variables, sys.modules)]
    candidates = [each for each in gc.get_objects() if type(each) in kinds]
    found = []
    for candidate in candidates:
        if any(same_source(candidate, target) for target in known):
            continue
        owner = _owner(candidate)
        if owner is not None and owner.partition(".")[0] not in _FOREIGN:
            found.append(Stream(name=owner, target=candidate))
    return found


def _generator_types() -> frozenset[type]:
    numpy_random: Any = sys.modules.get("numpy.random")
    names = ("Generator", "RandomState")
    return frozenset({random.Random, *(getattr(numpy_random, name) for name in names if hasattr(numpy_random, name))})


def _owner(generator: object) -> str | None:
    """Return what holds a generator: `package.module.name`, else an attribute of an object, else its type."""
    modules = {id(vars(module)): module.__name__ for module in list(sys.modules.values()) if _has_dict(module)}
    found = []
    for holder in gc.get_referrers(generator):
        if isinstance(holder, dict):
            name = next((key for key, value in list(holder.items()) if value is generator), None)
            if id(holder) in modules and modules[id(holder)] != "__main__":
                return f"{modules[id(holder)]}.{name}"
            found += [f"{_kind(each)}.{name}" for each in gc.get_referrers(holder) if _is_dict_of(holder, each)]
        elif not isinstance(holder, list | tuple | FrameType):
            found.append(_kind(holder))
    return next((owner for owner in found if not owner.startswith(("ithtel.", "builtins.", "numpy.random."))), None)


def _kind(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _is_dict_of(holder: dict[Any, Any], instance: object) -> bool:
    return not isinstance(instance, ModuleType) and getattr(instance, "__dict__", None) is holder


def _has_dict(module: object) -> bool:
    return isinstance(getattr(module, "__dict__", None), dict)


def _may_be_unseeded(stream: Stream, raw: Any) -> bool:  # noqa: ANN401
    """Say whether nobody gave this generator a seed, as far as it can be told: of Python's own it cannot."""
    event = rng_state(stream.name, raw)
    return event.entropy is None or looks_unseeded(event)
