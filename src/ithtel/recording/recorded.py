"""`recorded`, `emit`: let a computation emit its result as an event while it stays free of telemetry itself."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from ithtel.recording.process import current

if TYPE_CHECKING:
    from collections.abc import Callable

    from ithtel.events import Event

P = ParamSpec("P")
E = TypeVar("E", bound="Event")


def emit(event: Event, *, component: str | None = None) -> None:
    """Write `event` if a session is running, else do nothing."""
    session = current()
    if session is not None:
        session.emit(event, component=component)


def recorded(component: str) -> Callable[[Callable[P, E]], Callable[P, E]]:
    """Decorate a function that returns an event: emit it from `component` if a session is running."""

    def decorate(function: Callable[P, E]) -> Callable[P, E]:
        @functools.wraps(function)
        def recording(*args: P.args, **kwargs: P.kwargs) -> E:
            event = function(*args, **kwargs)
            emit(event, component=component)
            return event

        return recording

    return decorate
