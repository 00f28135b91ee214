"""`connect`, `write_record`: record what a user logs through loguru in the session's file, in the same envelope.

loguru has one logger for the whole process. We add one handler and remove only that one.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import msgspec
from loguru import logger

from ithtel.events import ExceptionInfo
from ithtel.events.values import encode_text, to_json_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from loguru import Message, Record

    from ithtel.recording.session import Session

_RESERVED = frozenset({"component", "context"})


def connect(session: Session) -> Callable[[], None]:
    """Send messages of loguru to `session`; return a function that disconnects it."""

    def handle(message: Message) -> None:
        write_record(session, message.record)

    number = logger.add(
        handle, level=session.settings.level, format="{message}", filter=lambda _: not session.is_closed
    )

    def disconnect() -> None:
        try:
            logger.remove(number)
        except ValueError:  # the user removed all handlers, ours too
            return

    return disconnect


def write_record(session: Session, record: Record) -> None:
    """Write one loguru record as a plain line, whose context is `context=` and everything else that was bound."""
    extra = record["extra"]
    bound = {key: value for key, value in extra.items() if key not in _RESERVED}
    given = extra.get("context")
    context = {**given, **bound} if isinstance(given, dict) else bound if given is None else {**bound, "context": given}
    component = extra.get("component")
    session.write(
        record["level"].name,
        record["message"],
        msgspec.json.encode(to_json_value(context)),
        component=component if isinstance(component, str) else None,
        package=(record["name"] or "__main__").partition(".")[0],
        exception=_exception(record),
        tid=record["thread"].id,
        ts=record["time"].timestamp(),
    )


def _exception(record: Record) -> ExceptionInfo | None:
    caught = record["exception"]
    if caught is None or caught.type is None:
        return None
    lines = traceback.format_exception(caught.type, caught.value, caught.traceback)
    return ExceptionInfo(
        type=caught.type.__name__, value=encode_text(str(caught.value)), traceback=encode_text("".join(lines))
    )
