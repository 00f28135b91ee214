"""`attribution_frame`: where the profit of a run came from, computed from its log.

There is one part per epoch, and one for the time after the last epoch.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pandas as pd

from ithtel.events import AlgorithmInit, AlgorithmResult, DecisionSnapshot, EpochDetected, SeriesSketch
from ithtel.reading.history.runs import Run, Runs
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
    """Return one row per epoch, and one for the time between the last epoch and the end, run by run.

    A part extends from one epoch to the next: `nav_change` and `log_return` of the parts add up to those of the whole
    series, up to rounding. `ithtel.attribute` describes the columns. A run that wrote no result (a detector that is
    still being fed, a process that was killed) has no open part. Values that are not in the log are NaN or None.
    `session_id` distinguishes runs of several sessions, `pid` those of several processes of a session.
    """
    reader = _RunReader()
    for place, record in enumerate(records):
        reader.add(place, record)
    runs = reader.runs
    rows = [row for run in runs for row in _parts(run, reader.decisions)]
    columns = _COLUMNS | _origin_columns(runs, reader.sessions)
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in columns.items()})


class _RunReader:
    """Collects the runs and decisions of a log, in order, and the places of their lines."""

    def __init__(self) -> None:
        self.decisions: list[tuple[int, DecisionSnapshot]] = []
        self.sessions: set[str] = set()
        self._runs: Runs[RunKey] = Runs()
        self._run_keys = RunKeys()
        self._places: dict[Run[RunKey], list[int]] = {}
        self._ends: dict[Run[RunKey], int] = {}

    def add(self, place: int, record: Record) -> None:
        """Take in the line at `place` of the log."""
        self.sessions.add(record.session_id)
        match record.event:
            case DecisionSnapshot() as decision:
                self.decisions.append((place, decision))
            case AlgorithmInit() | SeriesSketch() | EpochDetected() | AlgorithmResult() as event:
                key = self._run_keys.of(record, event)
                run = self._runs.add(event, key, lambda: key)
                if isinstance(event, EpochDetected):
                    self._places.setdefault(run, []).append(place)
                elif isinstance(event, AlgorithmResult):
                    self._ends[run] = place

    @property
    def runs(self) -> list[_PlacedRun]:
        """The runs in order."""
        return [
            _PlacedRun(
                key=run.origin, config=run.config, metrics=run.metrics, sketch=run.sketch,
                epochs=list(zip(self._places.get(run, ()), run.epochs, strict=True)), end=self._ends.get(run),
            )
            for run in self._runs.runs
        ]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _PlacedRun:
    """A run whose epochs and end have their places in the log."""

    key: RunKey
    config: dict[str, Any]
    metrics: dict[str, Any]
    sketch: SeriesSketch | None
    epochs: list[tuple[int, EpochDetected]]
    end: int | None


def _origin_columns(runs: list[_PlacedRun], sessions: set[str]) -> dict[str, str]:
    """Return the columns, and their types, that identify a run if the log has several sessions or processes."""
    processes = {(run.key.session_id, run.key.pid) for run in runs}
    with_runs = {session_id for session_id, _ in processes}
    of_session = {"session_id": "object"} if len(sessions) > 1 else {}
    return of_session | ({"pid": "int64"} if len(processes) > len(with_runs) else {})


@dataclass(frozen=True)
class _Point:
    """The beginning or end of a part."""

    bar: int | None
    time: str | None
    nav: float | None


def _parts(run: _PlacedRun, decisions: list[tuple[int, DecisionSnapshot]]) -> list[dict[str, Any]]:
    sides: list[str | None] = [side for side in _SIDES if any(each.position_type == side for _, each in run.epochs)]
    rows = []
    for side in sides or [None]:
        chosen = [(place, epoch) for place, epoch in run.epochs if side is None or epoch.position_type in (side, None)]
        rows += _side_parts(run, side or run.config.get("side"), chosen, _Decisions(run, decisions))
    return rows


def _side_parts(
    run: _PlacedRun, side: str | None, epochs: list[tuple[int, EpochDetected]], decisions: _Decisions
) -> list[dict[str, Any]]:
    """Return the rows of one side: up to the first epoch, from epoch to epoch, and to the end."""
    if not epochs and _number(run.metrics, "first_nav") is None and "from_nav" not in run.config:
        return []  # an algorithm of another kind
    start, end = _start(run, epochs), _end(run)
    total = _log_return(start.nav, end.nav if end else epochs[-1][1].nav_at_epoch if epochs else None)
    name = epochs[0][1].series if epochs else run.sketch.name if run.sketch else run.config.get("series")
    rows, before = [], start
    for place, epoch in epochs:
        point = _Point(epoch.bar_index, epoch.timestamp, epoch.nav_at_epoch)
        fields = {"part": "epoch", "epoch_index": epoch.epoch_index, "worst_drawdown": epoch.worst_drawdown}
        rows.append(_row(before, point, side, total) | fields | {"decision_id": decisions.open_at(place, point.time)})
        before = point
    if end is not None and (end.bar is None or before.bar is None or end.bar > before.bar):
        worst = _number(run.metrics, "open_worst_drawdown")
        fields = {"part": "open", "epoch_index": None, "worst_drawdown": worst}
        decision = decisions.open_at(run.end, end.time)
        rows.append(_row(before, end, side, total) | fields | {"decision_id": decision})
    names = {"series": name, "position_type": side, **run.key._asdict()}
    return [names | row for row in rows]


def _start(run: _PlacedRun, epochs: list[tuple[int, EpochDetected]]) -> _Point:
    """Return where a run begins: at bar 0, or where an earlier run of the same detector ended.

    If the first NAV was not recorded, it is taken to be the level that the first epoch was measured from.
    """
    if "from_nav" in run.config:
        return _Point(run.config.get("from_bar"), None, _number(run.config, "from_nav"))
    time, nav = run.metrics.get("first_time"), _number(run.metrics, "first_nav")
    if nav is None and run.sketch is not None and run.sketch.first:
        time, nav = run.sketch.start_time, run.sketch.first[0]
    if nav is None and epochs:
        nav = epochs[0][1].endorsing_crest
    return _Point(0, time, nav)


def _end(run: _PlacedRun) -> _Point | None:
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
    """Finds the open decision: by time if decisions lie among the bars, else by place in the log."""

    def __init__(self, run: _PlacedRun, decisions: list[tuple[int, DecisionSnapshot]]) -> None:
        times = [_nanoseconds(epoch.timestamp) for _, epoch in run.epochs]
        times += [_nanoseconds(run.metrics.get(name)) for name in ("first_time", "last_time")]
        known = [time for time in times if time is not None]
        within = [known and min(known) <= decision.timestamp_ns <= max(known) for _, decision in decisions]
        self._by_place = [(place, decision.decision_id) for place, decision in decisions]
        self._by_time = sorted((decision.timestamp_ns, decision.decision_id) for _, decision in decisions)
        self._has_times = any(within)

    def open_at(self, place: int | None, time: str | None) -> str | None:
        """Return the last decision before a bar that the log reports at `place`."""
        moment = _nanoseconds(time)
        if self._has_times and moment is not None:
            return _last_before(self._by_time, moment)
        return None if place is None else _last_before(self._by_place, place)


def _last_before(decisions: list[tuple[int, str]], key: int) -> str | None:
    i = bisect_left(decisions, key, key=itemgetter(0))
    return decisions[i - 1][1] if i else None


def _nanoseconds(time: str | None) -> int | None:
    """Return a time in nanoseconds since 1970; without a time zone, UTC is assumed."""
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
