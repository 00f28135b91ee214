"""Where the profit of a run came from, worked out from its log alone: one part an epoch, and one for what is open."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pandas as pd

from ithtel.events import AlgorithmInit, AlgorithmResult, DecisionSnapshot, EpochDetected, SeriesSketch
from ithtel.reading.lines.run_keys import RunKey, RunKeys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ithtel.reading.lines.record import Record

_COLUMNS = {
    "series": "object",
    "position_type": "object",
    "run_id": "object",
    "part": "object",
    "epoch_index": "Int64",
    "bar_from": "Int64",
    "bar_to": "Int64",
    "time_from": "object",
    "time_to": "object",
    "nav_from": "float64",
    "nav_to": "float64",
    "gain": "float64",
    "nav_change": "float64",
    "log_return": "float64",
    "share": "float64",
    "worst_drawdown": "float64",
    "decision_id": "object",
}
_SIDES = ("bull", "bear")


def attribution_frame(records: Iterable[Record]) -> pd.DataFrame:
    """Return one row an epoch, and one for what lies between the last epoch and the end, run by run.

    A part goes from one epoch to the next: `nav_change` and `log_return` of the parts add up to those of the whole
    series, to rounding. `ithtel.attribute` says what the columns are. A run that wrote no result (a detector that is
    still being fed, a process that was killed) has no open part. What a log does not say is NaN or None.
    Runs of several sessions are told apart by `session_id`, those of a session's several processes by `pid`.
    """
    book = _Book()
    for place, record in enumerate(records):
        book.add(place, record)
    rows = [row for run in book.runs for row in _parts(run, book.decisions)]
    columns = _COLUMNS | _telling_apart(book)
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in columns.items()})


@dataclass
class _Run:
    """What the lines of one run say. A run may hold epochs of both sides, where another program wrote them so."""

    key: RunKey
    config: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    sketch: SeriesSketch | None = None
    epochs: list[tuple[int, EpochDetected]] = field(default_factory=list)
    end: int | None = None

    def put(self, place: int, event: SeriesSketch | EpochDetected | AlgorithmResult) -> None:
        """Take in what the run emitted, the line at `place` of the log."""
        match event:
            case SeriesSketch():
                self.sketch = event
            case EpochDetected():
                self.epochs.append((place, event))
            case AlgorithmResult():
                self.metrics, self.end = event.final_metrics, place


@dataclass
class _Book:
    """The runs and decisions of a log, in order."""

    runs: list[_Run] = field(default_factory=list)
    decisions: list[tuple[int, DecisionSnapshot]] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    _keys: RunKeys = field(default_factory=RunKeys)
    _latest: dict[RunKey, _Run] = field(default_factory=dict)

    def add(self, place: int, record: Record) -> None:
        """Take one line in."""
        self.sessions.add(record.session_id)
        match record.event:
            case DecisionSnapshot() as decision:
                self.decisions.append((place, decision))
            case AlgorithmInit() as event:
                self._begin(self._keys.of(record, event)).config = event.config
            case SeriesSketch() | EpochDetected() | AlgorithmResult() as event:
                key = self._keys.of(record, event)
                (self._latest.get(key) or self._begin(key)).put(place, event)

    def _begin(self, key: RunKey) -> _Run:
        run = self._latest[key] = _Run(key)
        self.runs.append(run)
        return run


def _telling_apart(book: _Book) -> dict[str, str]:
    """Return the columns, and their types, that name where a run is from, as far as there are several places."""
    processes = {(run.key.session_id, run.key.pid) for run in book.runs}
    sessions = {session_id for session_id, _ in processes}
    of_session = {"session_id": "object"} if len(book.sessions) > 1 else {}
    return of_session | ({"pid": "int64"} if len(processes) > len(sessions) else {})


@dataclass(frozen=True)
class _Point:
    """Where a part begins or ends."""

    bar: int | None
    time: str | None
    nav: float | None


def _parts(run: _Run, decisions: list[tuple[int, DecisionSnapshot]]) -> list[dict[str, Any]]:
    sides: list[str | None] = [side for side in _SIDES if any(each.position_type == side for _, each in run.epochs)]
    rows = []
    for side in sides or [None]:
        chosen = [(place, epoch) for place, epoch in run.epochs if side is None or epoch.position_type in (side, None)]
        rows += _side_parts(run, side or run.config.get("side"), chosen, _Decisions(run, decisions))
    return rows


def _side_parts(
    run: _Run, side: str | None, epochs: list[tuple[int, EpochDetected]], decisions: _Decisions
) -> list[dict[str, Any]]:
    """Return the rows of one side: from the beginning to the first epoch, from epoch to epoch, and to the end."""
    if not epochs and _number(run.metrics, "first_nav") is None and "from_nav" not in run.config:
        return []  # an algorithm of another kind
    start, end = _start(run, epochs), _end(run)
    total = _log_return(start.nav, end.nav if end else epochs[-1][1].nav_at_epoch if epochs else None)
    name = epochs[0][1].series if epochs else run.sketch.name if run.sketch else run.config.get("series")
    rows, before = [], start
    for place, epoch in epochs:
        point = _Point(epoch.bar_index, epoch.timestamp, epoch.nav_at_epoch)
        said = {"part": "epoch", "epoch_index": epoch.epoch_index, "worst_drawdown": epoch.worst_drawdown}
        rows.append(_row(before, point, side, total) | said | {"decision_id": decisions.open_at(place, point.time)})
        before = point
    if end is not None and (end.bar is None or before.bar is None or end.bar > before.bar):
        worst = _number(run.metrics, "open_worst_drawdown")
        said = {"part": "open", "epoch_index": None, "worst_drawdown": worst}
        decision = decisions.open_at(run.end, end.time)
        rows.append(_row(before, end, side, total) | said | {"decision_id": decision})
    names = {"series": name, "position_type": side, **run.key._asdict()}
    return [names | row for row in rows]


def _start(run: _Run, epochs: list[tuple[int, EpochDetected]]) -> _Point:
    """Return where a run begins: at bar 0, or where an earlier run of the same detector left off.

    Where nothing else says it, the first NAV is the level that the first epoch was measured from.
    """
    if "from_nav" in run.config:
        return _Point(run.config.get("from_bar"), None, _number(run.config, "from_nav"))
    time, nav = run.metrics.get("first_time"), _number(run.metrics, "first_nav")
    if nav is None and run.sketch is not None and run.sketch.first:
        time, nav = run.sketch.start_time, run.sketch.first[0]
    if nav is None and epochs:
        nav = epochs[0][1].endorsing_crest
    return _Point(0, time, nav)


def _end(run: _Run) -> _Point | None:
    n_bars, nav = run.metrics.get("n_bars"), _number(run.metrics, "last_nav")
    time = run.metrics.get("last_time")
    if nav is None and run.sketch is not None and run.sketch.last:
        n_bars, nav, time = run.sketch.n_bars, run.sketch.last[-1], run.sketch.end_time
    return None if nav is None else _Point(n_bars - 1 if isinstance(n_bars, int) else None, time, nav)


def _row(start: _Point, end: _Point, side: str | None, total: float) -> dict[str, Any]:
    part = _log_return(start.nav, end.nav)
    before, after = _plain(start.nav), _plain(end.nav)
    favourable = (before, after) if side == "bear" else (after, before)
    return {
        "bar_from": start.bar,
        "bar_to": end.bar,
        "time_from": start.time,
        "time_to": end.time,
        "nav_from": before,
        "nav_to": after,
        "gain": favourable[0] / favourable[1] - 1 if favourable[1] != 0 else math.nan,
        "nav_change": after - before,
        "log_return": part,
        "share": part / total if total != 0 else math.nan,
    }


class _Decisions:
    """Which decision was open when: by time where decisions lie among the bars, else by place in the log."""

    def __init__(self, run: _Run, decisions: list[tuple[int, DecisionSnapshot]]) -> None:
        times = [_nanoseconds(epoch.timestamp) for _, epoch in run.epochs]
        times += [_nanoseconds(run.metrics.get(name)) for name in ("first_time", "last_time")]
        known = [time for time in times if time is not None]
        within = [known and min(known) <= decision.timestamp_ns <= max(known) for _, decision in decisions]
        self._by_place = [(place, decision.decision_id) for place, decision in decisions]
        self._by_time = sorted((decision.timestamp_ns, decision.decision_id) for _, decision in decisions)
        self._has_times = any(within)

    def open_at(self, place: int | None, time: str | None) -> str | None:
        """Return the last decision before a bar, of which `place` is where the log reports it."""
        moment = _nanoseconds(time)
        if self._has_times and moment is not None:
            return _last_before(self._by_time, moment)
        return None if place is None else _last_before(self._by_place, place)


def _last_before(decisions: list[tuple[int, str]], key: int) -> str | None:
    i = bisect_left(decisions, key, key=itemgetter(0))
    return decisions[i - 1][1] if i else None


def _nanoseconds(time: str | None) -> int | None:
    """Return a time in nanoseconds since 1970; one without a zone is taken as UTC."""
    if time is None:
        return None
    try:
        moment = pd.Timestamp(time)
    except ValueError:
        return None
    moment = moment.tz_localize("UTC") if moment.tz is None else moment
    return int(moment.as_unit("ns").value)


def _log_return(start: float | None, end: float | None) -> float:
    if start is None or end is None or not (0 < start < math.inf and 0 < end < math.inf):
        return math.nan
    return math.log(end / start)


def _number(fields: dict[str, Any], name: str) -> float | None:
    value = fields.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _plain(value: float | None) -> float:
    return math.nan if value is None else value
