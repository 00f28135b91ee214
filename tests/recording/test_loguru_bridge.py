"""The bridge from loguru: the user's messages in our file, the user's handlers untouched."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from loguru import logger

import ithtel

if TYPE_CHECKING:
    from ithtel.recording.session import Session


def last(session: Session) -> dict[str, Any]:
    """Read the last line."""
    assert session.path is not None
    line: dict[str, Any] = json.loads(session.path.read_text(encoding="utf-8").splitlines()[-1])
    return line


@pytest.fixture
def session() -> Session:
    """A session that records loguru messages."""
    return ithtel.start("a", git=False)


def test_a_message_is_a_line_of_the_same_file(session: Session) -> None:
    """Text, level, component and the user's package."""
    logger.warning("watch out")
    line = last(session)
    assert ("watch out", "WARNING", "a") == (line["msg"], line["level"], line["component"])
    assert line["package"] == __name__.partition(".")[0]


def test_what_was_bound_is_the_context(session: Session) -> None:
    """`context=` and every other binding, in JSON's own types or their tagged form."""
    logger.bind(context={"a": 1}, b=math.nan).info("x")
    assert {"a": 1, "b": {"$float": "nan"}} == last(session)["context"]


def test_a_bound_component_is_the_lines(session: Session) -> None:
    """`bind(component=…)` says who emits."""
    logger.bind(component="bull_ith").info("x")
    assert "bull_ith" == last(session)["component"]


@pytest.mark.parametrize("text", ["<b>bold</b>", "{braces}", "<red>", "\\<", "\x1b[31m", "a\nb\0", "😀", "\ud800"])
def test_text_is_taken_as_it_is(session: Session, text: str) -> None:
    """Markup does not drop a line, braces are not filled in."""
    logger.info(text)
    assert text.encode("utf-8", "backslashreplace").decode() == last(session)["msg"]


def test_an_exception_is_told(session: Session) -> None:
    """Type, text and traceback."""
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        logger.exception("bad")
    told = last(session)["exception"]
    assert ("ZeroDivisionError", "division by zero") == (told["type"], told["value"])
    assert "1 / 0" in told["traceback"]


def test_messages_below_the_level_are_left_out() -> None:
    """`level=` holds for messages, never for events."""
    session = ithtel.start("a", git=False, level="WARNING")
    logger.info("quiet")
    assert "session.start" == last(session)["context"]["event_type"]


def test_other_handlers_stay(session: Session) -> None:
    """The end of a session takes away our handler and no other."""
    heard: list[str] = []
    number = logger.add(heard.append, format="{message}")
    session.close()
    logger.info("after")
    logger.remove(number)
    assert ["after\n"] == heard
    assert "session.end" == last(session)["context"]["event_type"]


def test_recording_survives_the_users_remove(session: Session) -> None:
    """`logger.remove()` takes the bridge; events go on, and closing does not fail."""
    handlers = dict(logger._core.handlers)  # type: ignore[attr-defined]
    logger.remove()
    try:
        ithtel.seed(3)
        assert "seed.set" == last(session)["context"]["event_type"]
        session.close()
    finally:
        logger._core.handlers.update({k: v for k, v in handlers.items() if k == 0})  # type: ignore[attr-defined]


def test_an_event_bound_by_hand_is_an_event(session: Session) -> None:
    """The older way of writing events still makes events."""
    logger.bind(context={"event_type": "note", "text": "by hand"}).info("x")
    assert session.path is not None
    assert ["by hand"] == [event.text for event in ithtel.read(session.path).events(ithtel.events.Note)]
