"""What a replay does inside the kernel: it watches hidden generators, restores random streams, maps paths.

Runs before the notebook's first cell, and imports nothing heavy: what the notebook imports is the notebook's business.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import json
import random
import sys
from pathlib import Path
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any

from ithtel.events import Hazard
from ithtel.provenance.cell_text.seeds_and_imports import DROPPED
from ithtel.provenance.randomness.capture import looks_unseeded, restore_random_state
from ithtel.provenance.randomness.freshness import is_fresh
from ithtel.provenance.randomness.streams import Stream, find_streams, numpy_raw, rng_state, same_source
from ithtel.recording import process
from ithtel.replay.entropy import Asked, Entropy

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_FOREIGN = frozenset(
    {"tempfile", "random", "IPython", "ipykernel", "tornado", "zmq", "jupyter_client", "asyncio", "ithtel", "uuid"}
)
"""Their generators name files and connections."""


def begin(shell: InteractiveShell, instructions: str) -> None:
    """Prepare a kernel as the file `instructions` says: `states` and `entropies` of each cell, `paths` to be mapped."""
    given = json.loads(Path(instructions).read_text(encoding="utf-8"))
    watch = Watch(shell, given.get("states") or [], given.get("entropies") or [])
    watch.entropy.install()
    shell.events.register("pre_run_cell", watch.before)
    shell.events.register("post_run_cell", watch.after)
    if given.get("paths"):
        shell.ast_transformers.append(Paths(given["paths"]))
    if given.get("load"):
        shell.run_line_magic("load_ext", "ithtel")


class Watch:
    """Sees every cell before and after the recording does, since it was registered first."""

    def __init__(
        self, shell: InteractiveShell, states: list[list[dict[str, Any]]], entropies: list[list[list[str]]]
    ) -> None:
        self.shell = shell
        self.entropy = Entropy()
        self._states = states
        self._entropies = entropies
        self._n_cells = 0
        self._known: dict[int, tuple[Stream, Any]] = {}

    def before(self, info: Any) -> None:  # noqa: ANN401 - IPython's
        """Put random streams where the record says they were, and have those ready that the cell will make."""
        if not getattr(info, "store_history", False):
            return
        place, self._n_cells = self._n_cells, self._n_cells + 1
        if place < len(self._states) and self._states[place]:
            restore_random_state(self._states[place], self.shell.user_ns)
        self.entropy.begin(self._entropies[place] if place < len(self._entropies) else ())

    def after(self, _result: Any) -> None:  # noqa: ANN401 - IPython's
        """Say which generators that no variable holds were drawn from, or made and dropped, with their owners."""
        self.entropy.end()
        gone = [(owner, f"{owner} {DROPPED}") for owner in self._dropped()]
        moved = [
            (owner, f"a generator of {owner}, which no seed of the notebook reaches, was drawn from")
            for owner in self._moved()
        ]
        session = process.current()
        for owner, detail in moved + gone:
            if session is not None and not session.is_closed and not session.is_paused:
                count = len(getattr(self.shell.history_manager, "input_hist_parsed", [])) or None
                session.emit(Hazard(kind="unseeded_rng", detail=detail, names=[owner], execution_count=count))
        self.entropy.asked.clear()

    def _moved(self) -> list[str]:
        owners = []
        for stream in hidden_streams(self.shell.user_ns):
            try:
                raw = stream.raw()
                has_moved = self._has_moved(stream, raw)
            except Exception:  # noqa: BLE001, S112 - SystemRandom has no state, a foreign generator may fail anyhow
                continue
            self._known[id(stream.target)] = (stream, raw)
            if has_moved and _may_be_unseeded(stream, raw):
                owners.append(stream.name)
        return sorted(set(owners))

    def _has_moved(self, stream: Stream, raw: Any) -> bool:  # noqa: ANN401
        """Say whether this cell drew from a generator, one that it has made itself included."""
        known = self._known.get(id(stream.target))
        if known is not None and known[0].target is stream.target:
            return bool(known[1] != raw)
        number = None if isinstance(raw, tuple) else _number(raw)
        is_made_here = any(
            each.generator is stream.target if number is None else each.number == number for each in self.entropy.asked
        )
        return is_made_here and not is_fresh(stream.target, raw)

    def _dropped(self) -> list[str]:
        """Return what made generators without a seed in this cell that are nowhere any more, Python's if drawn from."""
        asked = self.entropy.asked
        if not asked:
            return []
        numbers = _live_numbers()
        gone = {each.owner for each in asked if each.number is not None and each.number not in numbers}
        for each in asked:
            generator = each.generator
            if generator is not None and _is_dropped(generator) and not is_fresh(generator, generator.getstate()):
                gone.add(each.owner)
        return sorted(owner for owner in gone if owner.partition(".")[0] not in _FOREIGN)


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


def _live_numbers() -> set[int | None]:
    """Return the entropy of each generator of NumPy that lives in this process."""
    kinds = _generator_types() - {random.Random}
    numbers: set[int | None] = set()
    for each in gc.get_objects():
        if type(each) in kinds:
            with contextlib.suppress(Exception):  # a foreign bit generator may fail anyhow
                numbers.add(_number(numpy_raw(each)))
    return numbers


def _number(raw: dict[str, Any]) -> int | None:
    """Return the entropy that a generator of NumPy descends from, None where its state does not tell."""
    number = raw.get("seed_sequence", {}).get("entropy")
    return number if isinstance(number, int) else None


def _is_dropped(generator: random.Random) -> bool:
    """Say whether nobody but we holds a generator."""
    return all(isinstance(holder, Asked | FrameType) for holder in gc.get_referrers(generator))


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
