"""`Randomness`: the state of each random stream before and after the cells that used it."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import msgspec

from ithtel.provenance.cell_text.seeds_and_imports import DROPPED, imported, only_imports
from ithtel.provenance.randomness.capture import appeared, captured_from, looks_unseeded, moved, state_before
from ithtel.provenance.randomness.entropy import Hearing, watch
from ithtel.provenance.randomness.entropy_requests import Request, is_dropped, summarized
from ithtel.provenance.randomness.reach import Reach
from ithtel.provenance.randomness.search import StateReader, StreamSearch
from ithtel.provenance.user_code import is_own_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from IPython.core.interactiveshell import InteractiveShell

    from ithtel.events import RngState
    from ithtel.notebook.cells.run import CellRun
    from ithtel.provenance.randomness.capture import CapturedRandomState

    Bound = Callable[[dict[str, int], dict[str, int]], list[str]]

REACH_MS = 0.0005
"""What it takes to follow one reference: a search for what a cell reaches costs no more than a look at all."""
CHEAP_MS, SHARE = 0.1, 0.01
"""A look at all variables that takes no longer than this, or no more than this share of the cell, is always taken."""
NO_STATE = "the state of this random stream is not recorded"
_SEEDING = re.compile(r"seed\w*\s*\(|%seed|set_?state|restore_random_state")


class Randomness:
    """Observes every random stream. A state is written when a cell moved the stream, and only once per session.

    A cell that used a stream has two `rng.state` of it: before and after. A cell that made one has one.
    """

    def __init__(self, shell: InteractiveShell, bound: Bound) -> None:
        self.shell = shell
        self._bound = bound
        self._search = StreamSearch()
        self._reader = StateReader()
        self._seen: dict[str, int] | None = None
        self._reached: dict[str, set[int] | None] = {}
        self._written: set[str] = set()
        self._unseeded: set[str | None] = set()
        self._unseeded_streams: set[str] = set()
        self._warned: set[str] = set()
        self._restored: set[str] = set()
        self._unread: dict[str, str] = {}
        self._is_seeded = False
        self._earlier: dict[str, CapturedRandomState] = {}
        self.entropy = watch
        self._hearing: Hearing | None = None
        self._places: dict[tuple[str, str], tuple[str, str]] = {}

    def before(self, run: CellRun) -> None:
        """Read every state, without moving any."""
        if run.cell.is_off:
            self._seen = None
        else:
            reached = self._reached[run.cell.span_id] = self._reach(run)
            self._earlier[run.cell.span_id] = self._capture(run.report.before, reached)
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
        now = self._capture(run.report.now, self._reach_again(run), run.report.flow.writes)
        self._report_entropy(run, requests, now)
        self._report_unread(run, {**now.unread, **self._search.too_long})
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
        self._note_python_generators(new, requests)
        self._warn_unseeded({stream: states[stream] for stream in used}, run)
        self._warn_reseeded({stream: states[stream] for stream in used}, run)

    def forget(self) -> None:
        """Start over for a new session, whose log holds no state yet."""
        self._written.clear()
        self._places.clear()
        self._unread.clear()

    def _capture(
        self, variables: dict[str, int], reached: set[int] | None, written: Iterable[str] = ()
    ) -> CapturedRandomState:
        """Take the states of all streams; look for new ones among the variables that may have changed."""
        seen = self._seen
        if seen is None:
            self._search.update(self.shell.user_ns, variables)
        else:
            bound = self._bound(seen, variables)
            n_new = sum(name not in seen for name in bound)
            gone = seen.keys() - variables.keys() if len(variables) != len(seen) + n_new else ()
            self._search.update(self.shell.user_ns, variables, {*bound, *written}, reached, gone)
        self._seen = variables
        streams = self._search.streams()
        self._reader.keep(streams)
        return captured_from(streams, self._reader.read)

    def _reach(self, run: CellRun) -> set[int] | None:
        """Return what the cell can change in place; None if that may be anything, or if a look at all is as cheap."""
        cost_ms = self._search.cost_ms
        if cost_ms <= max(CHEAP_MS, SHARE * run.report.duration_ms):
            return None
        source = getattr(run.cell.info, "transformed_cell", None) or run.cell.source
        return Reach(self.shell.user_ns, sys.modules).of(source, cost_ms / REACH_MS)

    def _reach_again(self, run: CellRun) -> set[int] | None:
        """Return what the cell could change at its beginning, and can by what it has made."""
        before = self._reached.pop(run.cell.span_id, None)
        after = None if before is None else self._reach(run)
        return None if before is None or after is None else before | after

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

    def _report_unread(self, run: CellRun, unread: dict[str, str]) -> None:
        """Record which streams have no record, and why: once each, in the cell after which they are there."""
        new = {stream: reason for stream, reason in unread.items() if self._unread.get(stream) != reason}
        self._unread = unread
        if new:
            run.extend(
                skipped={**run.report.skipped, **{stream: f"{NO_STATE}: {new[stream]}" for stream in sorted(new)}}
            )

    def _once(self, state: RngState) -> RngState:
        if state.state_sha256 in self._written:
            return msgspec.structs.replace(state, state=None)
        self._written.add(state.state_sha256)
        return state

    def _note_seeds(self, new: dict[str, RngState], run: CellRun) -> None:
        found = {state.entropy for state in new.values() if looks_unseeded(state, run.cell.source)}
        self._unseeded |= {number for number in found if number is not None and int(number) not in self.entropy.derived}

    def _note_python_generators(self, new: Iterable[str], requests: list[Request]) -> None:
        """Remember new generators of `random` if all of them asked for a seed; their state does not show it."""
        made = {stream for stream in new if stream.startswith("python:")}
        self._unseeded_streams -= made
        if made and sum(each.source == "python" for each in requests) >= len(made):
            self._unseeded_streams |= made

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
                or stream in self._unseeded_streams
            )
        ]
        if _only_imports_libraries(run.cell.source):
            return
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


def _only_imports_libraries(source: str) -> bool:
    """Return whether a cell imports modules that are not the user's, and does nothing else.

    Some draw while they are imported, as rich does for the identifiers of its links.
    """
    modules = (sys.modules.get(package) for package in imported(source).values())
    return only_imports(source) and not any(is_own_file(getattr(module, "__file__", None)) for module in modules)
