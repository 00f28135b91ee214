"""`without_identities`: the number of this process, uuids and tokens that it made, and addresses of what it holds."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ithtel.provenance.volatile.clock import by_line

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from ithtel.provenance.volatile.clock import Window
    from ithtel.provenance.volatile.marks import Marks

_HEX = re.compile(r"[0-9a-f]{8}(?:-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{0,120})(?![0-9a-f])")
_STYLED = re.compile(r"(?<![^\W_])(T_)([0-9a-f]{5})(?![0-9a-f])")
"""The ids in the HTML of `DataFrame.style`: pandas makes them from the first five digits of a `uuid4`."""
_TIME_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b")
_UUID_EPOCH_S = 12_219_292_800
"""From 15 October 1582, where the count of a uuid1 begins, to 1970."""
_PROCESS = re.compile(r"(\bpid=)\d+(?: parent=\d+)?")
_NINE = re.compile(r"[0-9a-f]{9}")
_NUMBER = re.compile(r"0x[0-9a-f]{8,16}(?![\w])|\d{9,}(?![\w.])")
"""What stands before it is examined afterwards: to look behind at every digit takes three times as long."""


def without_identities(
    text: str,
    pids: tuple[int, ...],
    made: Container[str],
    is_alive: Callable[[int], bool],
    marks: Marks,
    *,
    is_asked: bool = False,
) -> str:
    """Return a text with process ids, uuids of this session, and addresses of living objects replaced.

    Args:
        text: The text.
        pids: The process and its parent.
        made: The hexadecimal digits, without dashes, that this session drew from the operating system.
        is_alive: Whether a number is the `id()` of something that a variable holds.
        marks: Counts what was replaced.
        is_asked: Whether the cell's text asks for a process id; if not, a label before the number must say so.
    """
    pattern, digits = _pids(pids, is_asked=is_asked)
    words = [each for each in digits if each in text]
    if words:
        text = by_line(
            text, words, lambda line: pattern.sub(lambda part: (part[1] or "") + marks.mark("process id"), line)
        )
    if "pid=" in text and "<" in text:
        text = _PROCESS.sub(lambda found: found[1] + marks.mark("process id"), text)
    if made:
        text = _HEX.sub(lambda found: marks.mark("uuid") if found[0].replace("-", "") in made else found[0], text)
        text = _STYLED.sub(lambda found: found[1] + marks.mark("uuid") if found[0] in made else found[0], text)
    if _NINE.search(text) is not None:
        text = _NUMBER.sub(lambda found: _address(found, is_alive, marks), text)
    return text


def _address(found: re.Match[str], is_alive: Callable[[int], bool], marks: Marks) -> str:
    digits, start, text = found[0], found.start(), found.string
    if len(digits) > 18 or (start and (text[start - 1].isalnum() or text[start - 1] in "._")):  # noqa: PLR2004 - 64 bits
        return digits
    return marks.mark("address") if is_alive(int(digits, 16 if digits.startswith("0x") else 10)) else digits


def without_time_uuids(text: str, window: Window, marks: Marks) -> str:
    """Return a text with the uuids replaced that were made from the clock (`uuid.uuid1`) while the cell ran."""
    if "-" not in text:
        return text

    def replaced(found: re.Match[str]) -> str:
        low, middle, high, *_ = found[0].split("-")
        instant = int(high[1:] + middle + low, 16) / 1e7 - _UUID_EPOCH_S
        return marks.mark("uuid") if window.holds(instant) else found[0]

    return _TIME_UUID.sub(replaced, text)


@lru_cache(maxsize=4)
def _pids(pids: tuple[int, ...], *, is_asked: bool) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Return the pattern of a process id where its label or its line says that it is one, and its digits."""
    digits = tuple(str(pid) for pid in pids)
    numbers = "|".join(digits)
    if is_asked:
        return re.compile(rf"(?<![\w.])()(?:{numbers})(?![\w]|\.\d)"), digits
    labelled = rf"(?:\bp?pid|\bprocess(?:[ _]id)?)\W{{1,4}}(?:is )?|[/_-])(?:{numbers})(?![\w]|\.\d"
    return re.compile(rf"(?im)({labelled})|^()(?:{numbers})$"), digits
