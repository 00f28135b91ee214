"""`set_up_kernel`: prepare the kernel of a replay. It watches hidden generators, gives randomness back, maps paths.

It runs before the notebook's first cell and imports nothing heavy, so that the notebook decides what is imported.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ithtel.events import Hazard
from ithtel.provenance.cell_text.seeds_and_imports import DROPPED
from ithtel.provenance.randomness.capture import looks_unseeded, restore_random_state
from ithtel.provenance.randomness.entropy import Hearing, watch
from ithtel.provenance.randomness.freshness import is_fresh
from ithtel.provenance.randomness.streams import Stream, rng_state
from ithtel.recording import process
from ithtel.recording.import_hook import when_imported
from ithtel.replay.kernel.answers import Answers
from ithtel.replay.kernel.clock import CellClock, NumpyNow
from ithtel.replay.kernel.hidden_streams import (
    entropy_of,
    hidden_streams,
    is_dropped,
    is_infrastructure,
    live_entropies,
)
from ithtel.replay.kernel.network import answer_requests

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.provenance.randomness.entropy_requests import Request, Source

    Given = tuple[Source, str, str]


def set_up_kernel(shell: InteractiveShell, instructions: str) -> None:
    """Prepare a kernel as the JSON file `instructions` says.

    Its fields are those of `ithtel.replay.kernel.runner.Instructions`: `states`, `entropies`, `starts`, `answers` for
    each cell, `exchanges` that answer HTTP requests, `paths` to map, and whether to `load` the extension.
    """
    given = json.loads(Path(instructions).read_text(encoding="utf-8"))
    randomness = RandomnessWatch(shell, given.get("states") or [], given.get("entropies") or [])
    watch.install(when_imported)
    surroundings = Surroundings(given)
    surroundings.install(shell)
    shell.events.register("pre_run_cell", surroundings.before)
    shell.events.register("pre_run_cell", randomness.before)
    shell.events.register("post_run_cell", randomness.after)
    if given.get("paths"):
        shell.ast_transformers.append(PathMapper(given["paths"]))
    if given.get("load"):
        shell.run_line_magic("load_ext", "ithtel")


class Surroundings:
    """Gives the cells of a replay what the recorded ones got from outside: the time, and answers.

    Args:
        given: The instructions.
    """

    def __init__(self, given: dict[str, Any]) -> None:
        self._starts = given.get("starts") or []
        self._clock = CellClock(self._starts)
        self._answers = Answers(given.get("answers") or [])
        self._exchanges: list[str] | None = given.get("exchanges")
        self._n_cells = 0

    def install(self, shell: InteractiveShell) -> None:
        """Prepare the shell."""
        self._answers.install(shell)
        if self._exchanges is not None:
            answer_requests(self._exchanges)
        if self._starts:
            shell.ast_transformers.append(NumpyNow())

    def before(self, info: Any) -> None:  # noqa: ANN401 - IPython's
        """Prepare the next cell."""
        if getattr(info, "store_history", False):
            place, self._n_cells = self._n_cells, self._n_cells + 1
            self._clock.begin(place)
            self._answers.begin(place)


class RandomnessWatch:
    """Restores random streams before each cell, and reports generators that no variable holds after it.

    It sees each cell before and after the recorder does, since it is registered first.
    """

    def __init__(
        self, shell: InteractiveShell, states: list[list[dict[str, Any]]], entropies: list[list[Given]]
    ) -> None:
        self.shell = shell
        self._hearing = Hearing(watch)
        self._states = states
        self._entropies = entropies
        self._n_cells = 0
        self._known: dict[int, tuple[Stream, Any]] = {}

    def before(self, info: Any) -> None:  # noqa: ANN401 - IPython's
        """Restore the recorded random streams, and have the numbers ready that the cell will ask for."""
        if not getattr(info, "store_history", False):
            return
        place, self._n_cells = self._n_cells, self._n_cells + 1
        if place < len(self._states) and self._states[place]:
            restore_random_state(self._states[place], self.shell.user_ns)
        recorded = self._entropies[place] if place < len(self._entropies) else []
        watch.give((source, owner, int(number)) for source, owner, number in recorded)
        self._hearing = watch.listen()

    def after(self, _result: Any) -> None:  # noqa: ANN401 - IPython's
        """Report the owners of hidden generators that the cell drew from, or made and dropped."""
        watch.give(())
        requests = [each for each in self._hearing.end() if each.source in {"numpy", "python"}]
        gone = [(owner, f"{owner} {DROPPED}") for owner in _dropped(requests)]
        moved = [
            (owner, f"a generator of {owner}, which no seed of the notebook reaches, was drawn from")
            for owner in self._moved(requests)
        ]
        session = process.current()
        for owner, detail in moved + gone:
            if session is not None and not session.is_closed and not session.is_paused:
                count = len(getattr(self.shell.history_manager, "input_hist_parsed", [])) or None
                session.emit(Hazard(kind="unseeded_rng", detail=detail, names=[owner], execution_count=count))
        self._hearing = Hearing(watch)

    def _moved(self, requests: list[Request]) -> list[str]:
        owners = []
        for stream in hidden_streams(self.shell.user_ns):
            try:
                raw = stream.raw()
                has_moved = self._has_moved(stream, raw, requests)
            except Exception:  # noqa: BLE001, S112 - SystemRandom has no state, a third-party generator may fail
                continue
            self._known[id(stream.target)] = (stream, raw)
            if has_moved and _may_be_unseeded(stream, raw):
                owners.append(stream.name)
        return sorted(set(owners))

    def _has_moved(self, stream: Stream, raw: Any, requests: list[Request]) -> bool:  # noqa: ANN401
        """Return whether this cell drew from a generator, which it may have made itself."""
        known = self._known.get(id(stream.target))
        if known is not None and known[0].target is stream.target:
            return bool(known[1] != raw)
        number = None if isinstance(raw, tuple) else entropy_of(raw)
        is_made_here = any(
            each.generator is stream.target if number is None else each.number == number for each in requests
        )
        return is_made_here and not is_fresh(stream.target, raw)


class PathMapper(ast.NodeTransformer):
    """Redirects absolute paths in cells into the copy; the recorded text of the cell does not change."""

    def __init__(self, paths: dict[str, str]) -> None:
        self._paths = sorted(paths.items(), key=lambda item: -len(item[0]))

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """Map a string that is, or begins with, a recorded path."""
        if isinstance(node.value, str):
            for old, new in self._paths:
                if node.value == old or node.value.startswith(old.rstrip("/") + "/"):
                    return ast.copy_location(ast.Constant(new + node.value[len(old) :]), node)
        return node


def _may_be_unseeded(stream: Stream, raw: Any) -> bool:  # noqa: ANN401
    """Return whether a generator may be unseeded; the state of Python's own does not show it."""
    event = rng_state(stream.name, raw)
    return event.entropy is None or looks_unseeded(event)


def _dropped(requests: list[Request]) -> list[str]:
    """Return who made an unseeded generator in this cell that no longer exists; Python's only if drawn from."""
    if not requests:
        return []
    requests = [each for each in requests if not each.is_import]
    numbers = live_entropies()
    gone = {each.owner for each in requests if each.source == "numpy" and each.number not in numbers}
    for each in requests:
        generator = each.generator
        if each.source == "python" and is_dropped(generator) and not is_fresh(generator, generator.getstate()):
            gone.add(each.owner)
    return sorted(owner for owner in gone if not is_infrastructure(owner))
