"""`chart`: a series drawn with block characters, with its epochs below."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ithtel.plain_text import count, number, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ithtel.reading.timeline.values import AlgorithmRun, SeriesPanel

_BLOCKS = " ▁▂▃▄▅▆▇█"
_ROWS = 4
_MAX_ROWS = 8
_COLUMNS = 64
_LOG_FROM = 20
_GLYPHS = {"bull": "▲", "bear": "▼", None: "◆"}


def chart(panels: Sequence[SeriesPanel], width: int) -> list[str]:
    """Return the lines of the panels of one series: a title, the NAV as an area, and one row of epochs per run."""
    panel = panels[0]
    title = [panel.name, count(panel.n_bars, "bar")]
    values = [value for value in panel.last if value is not None]
    if values:
        start = next(value for value in (*panel.first, *values) if value is not None)
        title.append(f"NAV {number(start)} → {number(values[-1])}")
    if panel.start_time and panel.end_time:
        title.append(f"{panel.start_time[:10]} … {panel.end_time[:10]}")
    lines = [short(" · ".join(title), width)]
    labels = [number(max(values)), number(min(values))] if values else []
    margin = max(map(len, labels), default=0)
    columns = min(_COLUMNS, width - margin - 22)
    lines += _area(panel, labels, margin, columns)
    runs = [run for each in panels for run in each.runs if run.epochs]
    rows = list(dict.fromkeys(_epoch_row(run, panel.n_bars, margin, columns) for run in runs))
    return lines + (rows if len(rows) <= _MAX_ROWS else [*rows[-_MAX_ROWS:], f"… {len(rows) - _MAX_ROWS} earlier"])


def _area(panel: SeriesPanel, labels: list[str], margin: int, columns: int) -> list[str]:
    levels = _levels(panel.last, columns)
    if not levels:
        return []
    rows = []
    for row in range(_ROWS - 1, -1, -1):
        label = labels[0] if row == _ROWS - 1 else labels[1] if row == 0 else ""
        eighths = [min(8, max(0, level - 8 * row)) for level in levels]
        rows.append(f"{label:>{margin}} {'┤' if label else '│'}" + "".join(_BLOCKS[n] for n in eighths))
    return rows


def _levels(values: Sequence[float | None], columns: int) -> list[int]:
    """Return a height of 1 to 8 · rows per column (0: no value), for the last value of the column's bars."""
    known = [value for value in values if value is not None]
    if not known:
        return []
    is_log = min(known) > 0 and max(known) / min(known) > _LOG_FROM
    size = max(map(abs, known)) or 1.0
    low, high = (math.log(min(known)), math.log(max(known))) if is_log else (min(known) / size, max(known) / size)
    n, top = min(columns, len(values)), 8 * _ROWS - 1
    picked = [values[((i + 1) * len(values)) // n - 1] for i in range(n)]
    scaled = [value if value is None else math.log(value) if is_log else value / size for value in picked]
    span = high - low
    return [0 if v is None else 1 + round((v - low) / span * top) if span > 0 else top // 2 for v in scaled]


def _epoch_row(run: AlgorithmRun, n_bars: int, margin: int, columns: int) -> str:
    n = min(columns, n_bars)
    row = [" "] * n
    for epoch in run.epochs:
        row[min(n - 1, math.floor(epoch.bar_index * n / n_bars))] = _GLYPHS[run.side]
    side = f" {run.side}" if run.side else ""
    hurdle = "" if run.hurdle is None else f" > {number(run.hurdle, 4)}"
    return f"{'':{margin}}  {''.join(row)}  {number(len(run.epochs))}{side}{hurdle}"
