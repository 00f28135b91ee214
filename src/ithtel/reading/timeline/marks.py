"""`mark_of`: what a timeline shows of an event, as a lane, a label and a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel import events as ev
from ithtel import plain_text as plain
from ithtel.events import LEVELS

if TYPE_CHECKING:
    from ithtel.reading.lines.record import Record
    from ithtel.reading.timeline.values import Lane


def mark_of(record: Record) -> tuple[Lane, str, str] | None:  # noqa: PLR0911 - a table, one line per event type
    """Return the lane, label and sentence of a record that a timeline shows; None for one that it does not show."""
    match record.event:
        case ev.ArrayFingerprint() | ev.FrameFingerprint() | ev.ObjectFingerprint() if _is_automatic(record):
            return None
        case ev.SeedSet(seed=seed, components=components):
            return "seed", str(seed), f"seed {seed} for {', '.join(components) or 'nothing'}"
        case ev.DataLoad() as load:
            return "data", plain.place(load.source_path).removeprefix("synthetic:"), _data(load)
        case ev.ArrayFingerprint(name=name, dtype=dtype, shape=shape) if name is not None:
            return "fingerprint", name, f"{name} {dtype}[{' × '.join(map(plain.number, shape))}]"
        case ev.FrameFingerprint(name=name, shape=shape) if name is not None:
            return "fingerprint", name, f"{name} frame[{' × '.join(map(plain.number, shape))}]"
        case ev.ObjectFingerprint(name=name, type=kind) if name is not None:
            return "fingerprint", name, f"{name} {kind.rpartition('.')[2]}"
        case ev.Note(text=text):
            return "note", plain.message(text, 24), plain.message(text)
        case ev.Hazard(kind=kind, detail=detail):
            return "hazard", kind, plain.message(f"{kind}: {detail}", 120)
        case _ if LEVELS.get(record.envelope.level, 0) >= LEVELS["WARNING"]:
            level = record.envelope.level.lower()
            return "message", level, plain.message(f"{level}: {record.envelope.msg}", 120)
        case _:
            return None


def _is_automatic(record: Record) -> bool:
    """Return whether a fingerprint was taken after the cell without a request: there are too many of them to show."""
    return record.envelope.component == "namespace"


def _data(load: ev.DataLoad) -> str:
    sizes = [
        plain.count(n, noun) for n, noun in ((load.row_count, "row"), (load.column_count, "column")) if n is not None
    ]
    return " · ".join([f"data {plain.place(load.source_path)}", *([" × ".join(sizes)] if sizes else [])])
