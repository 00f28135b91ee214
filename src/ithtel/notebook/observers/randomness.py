"""`Randomness`: the state of each random stream before and after the cells that used it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from ithtel.provenance.cell_text.seeds_and_imports import DROPPED
from ithtel.provenance.randomness.capture import appeared, capture_random_state, looks_unseeded, moved, state_before
from ithtel.provenance.randomness.entropy import Hearing, watch
from ithtel.provenance.randomness.entropy_requests import Request, is_dropped, summarized

if TYPE_CHECKING:
    from collections.abc import Iterable

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.events import RngState
    from ithtel.notebook.cells.run import CellRun
    from ithtel.provenance.randomness.capture import CapturedRandomState

_SEEDING = re.compile(r"seed\w*\s*\(|%seed|set_?state|restore_random_state")


class Randomness:
    """Observes every random stream. A state is written when a cell moved the stream, and only once per session.

    A cell that used a stream has two `rng.state` of it: before and after. A cell that made one has one.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self._written: set[str] = set()
        self._unseeded: set[str | None] = set()
        self._warned: set[str] = set()
        self._restored: set[str] = set()
        self._is_seeded = False
        self._earlier: dict[str, CapturedRandomState] = {}
        self.entropy = watch
        self._hearing: Hearing | None = None
        self._places: dict[tuple[str, str], tuple[str, str]] = {}

    def before(self, run: CellRun) -> None:
        """Read every state, without moving any."""
        if not run.cell.is_off:
            self._earlier[run.cell.span_id] = self._capture(run.report.before)
            if self._hearing is not None:
                self._hearing.end()  # a cell that never ended
            self._hearing = self.entropy.listen()
            self._is_seeded = self._is_seeded or bool(_SEEDING.search(run.cell.source))

    def after(self, run: CellRun) -> None:
        """Record which streams moved."""
        earlier = self._earlier.pop(run.cell.span_id, None)
        if earlier is None:
            return
        requests = [] if self._hearing is None else self._hearing.end()
        now = self._capture(run.report.now)
        self._report_entropy(run, requests, now)
        used, new = moved(earlier, now), appeared(earlier, now)
        run.extend(rng_used=used)
        if not used and not new:
            return
        states = {stream: now.event(stream) for stream in {*used, *new}}
        for stream in sorted(states):
            was = None if stream in new else state_before(earlier, now, stream)
            for state in (was, states[stream]):
                if state is not None:
                    run.record(self._once(state))
        self._note_seeds({stream: states[stream] for stream in new}, run)
        self._warn_unseeded({stream: states[stream] for stream in used}, run)
        self._warn_reseeded({stream: states[stream] for stream in used}, run)

    def forget(self) -> None:
        """Start over for a new session, whose log holds no state yet."""
        self._written.clear()
        self._places.clear()

    def _capture(self, variables: Iterable[str]) -> CapturedRandomState:
        values = self.shell.user_ns
        return capture_random_state({name: values[name] for name in variables if name in values})

    def _report_entropy(self, run: CellRun, requests: list[Request], now: CapturedRandomState) -> None:
        """Record who asked for random bits, and warn of generators without a seed that no variable keeps."""
        if not requests:
            return
        for event in summarized(requests, run.cell.execution_count):
            run.record(event)
        kept = {state.entropy for state in now.events}
        owners = list(dict.fromkeys(each.owner for each in requests if is_dropped(each, kept)))
        for owner in owners:
            run.warn("unseeded_rng", f"{owner} {DROPPED}", [owner])

    def _once(self, state: RngState) -> RngState:
        if state.state_sha256 in self._written:
            return msgspec.structs.replace(state, state=None)
        self._written.add(state.state_sha256)
        return state

    def _note_seeds(self, new: dict[str, RngState], run: CellRun) -> None:
        found = {state.entropy for state in new.values() if looks_unseeded(state, run.cell.source)}
        self._unseeded |= {number for number in found if number is not None and int(number) not in self.entropy.derived}

    def _warn_unseeded(self, used: dict[str, RngState], run: CellRun) -> None:
        """Warn, once per stream, of draws from an unseeded stream."""
        if run.was_restored:
            self._restored.update(used)
        for stream, state in used.items():
            if stream == "numpy.legacy" and looks_unseeded(state, run.cell.source):
                self._unseeded.add(state.entropy)
        names = [
            stream
            for stream, state in used.items()
            if stream not in self._restored
            and (
                (state.entropy in self._unseeded and state.entropy is not None)
                or (stream == "python" and not self._is_seeded)
            )
        ]
        names = [name for name in names if f"{name} {used[name].entropy}" not in self._warned]
        self._warned |= {f"{name} {used[name].entropy}" for name in names}
        if names:
            detail = f"random numbers drawn from unseeded {', '.join(names)}"
            run.warn("unseeded_rng", detail, names)

    def _warn_reseeded(self, used: dict[str, RngState], run: CellRun) -> None:
        """Warn if a stream is back where another cell left it: the numbers that follow repeat."""
        back = []
        for stream, state in used.items():
            key = (stream, state.state_sha256)
            key_then, label_then = self._places.setdefault(key, (run.cell.key, run.cell.label))
            if key_then != run.cell.key and not run.was_restored:
                back.append((stream, label_then))
        if back:
            names = [stream for stream, _ in back]
            detail = f"{', '.join(names)} is back where {back[0][1]} left it: the numbers drawn now repeat"
            run.warn("reseeded", detail, names)
