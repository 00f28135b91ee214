"""`current_span`, `enter_span`, `leave_span`: the cell run in progress.

It is a ContextVar, so that tasks keep the cell that created them. Threads start without the context of the cell that
started them and are attributed to the cell that began last.
"""

from __future__ import annotations

from contextvars import ContextVar

_span: ContextVar[str | None] = ContextVar("ithtel_span", default=None)


class LatestCell:
    """The cell run that began last and has not ended; threads are attributed to it."""

    span_id: str | None = None


latest_cell = LatestCell()


cell_of_context = _span.get
"""Returns the cell run of the context only, not the one that began last."""


def current_span() -> str | None:
    """Return the cell run to which the caller belongs, None outside cells."""
    return _span.get() or latest_cell.span_id


def enter_span(span_id: str) -> None:
    """Attribute what follows in this context to `span_id`."""
    _span.set(span_id)
    latest_cell.span_id = span_id


def leave_span(span_id: str) -> None:
    """End `span_id` from any context, because an async cell ends in another context than it began in."""
    if _span.get() == span_id:
        _span.set(None)
    if latest_cell.span_id == span_id:
        latest_cell.span_id = None
