"""Which cell run is under way: a ContextVar, so that tasks keep the cell that made them.

Threads start without the context of the cell that started them: for them there is the cell that began last.
"""

from __future__ import annotations

from contextvars import ContextVar

_span: ContextVar[str | None] = ContextVar("ithtel_span", default=None)


class LatestCell:
    """The cell run that began last and has not ended; what threads of a cell are attributed to."""

    span_id: str | None = None


latest_cell = LatestCell()


cell_of_context = _span.get
"""The cell run that the context belongs to, without the one that began last."""


def current_span() -> str | None:
    """Return the cell run that the caller belongs to, None outside cells."""
    return _span.get() or latest_cell.span_id


def enter_span(span_id: str) -> None:
    """Let what follows in this context belong to `span_id`."""
    _span.set(span_id)
    latest_cell.span_id = span_id


def leave_span(span_id: str) -> None:
    """End `span_id`, wherever this is called from: an async cell ends in another context than it began in."""
    if _span.get() == span_id:
        _span.set(None)
    if latest_cell.span_id == span_id:
        latest_cell.span_id = None
