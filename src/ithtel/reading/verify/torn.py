r"""`is_torn`: whether bytes are the beginning of a line whose writer was stopped, as by a crash or a full disk."""

from __future__ import annotations

import re

from ithtel.events import LogSeal, SessionEnd, decode_envelope, decode_event
from ithtel.reading.lines.parse import UNREADABLE

BEGIN = b'{"ts":"'
"""What every line of a log begins with."""
_OPEN_TOKEN = re.compile(
    rb"(?:(?<=[:,\[])(?:-?[\d.eE+\-]*|t|tr|tru|f|fa|fal|fals|n|nu|nul)|\\(?:u[0-9a-fA-F]{0,3})?"
    rb"|[\xc2-\xf4][\x80-\xbf]{0,2})\Z"
)
"""A number, a word, an escape or a character that may go on: msgspec does not call a line truncated that ends in it."""
_QUOTE = re.compile(rb'\\.|"', re.DOTALL)
_LAST_QUOTE = re.compile(rb"[^}](\}+)\Z")
_WHOLE_SEAL = re.compile(
    rb'"log\.seal.*[^}]\}\}\Z|"session\.end(?:(?!workers).)*"\}\}\Z|"session\.end.*workers.{1,3}\{(?:\}|.*"\}\})\}\}\Z',
    re.DOTALL,
)
"""A seal that ends as a whole one does: a byte within it was changed."""


def is_torn(line: bytes) -> bool:
    r"""Return whether `line` is the beginning of a line of a log that was never completed.

    >>> is_torn(b'{"ts":"2026-01-25T12:00:00Z","pid":12'), is_torn(b""), is_torn(b'{"ts":1}')
    (True, False, False)
    """
    if not line or not (line.startswith(BEGIN) or BEGIN.startswith(line)):
        return False
    if line[-1:].isspace() and _QUOTE.findall(line).count(b'"') % 2 == 0:  # no line has spaces outside of its texts
        return False
    if _WHOLE_SEAL.search(line) or _is_whole(_LAST_QUOTE.sub(rb'"\1', line)):
        return False
    return (_is_truncated(line) or _is_truncated(_OPEN_TOKEN.sub(b"", line))) and not _is_end(line[:-1] + b"}")


def _is_truncated(line: bytes) -> bool:
    try:
        decode_envelope(line)
    except UNREADABLE as error:
        return "truncated" in str(error)
    return False


def _is_whole(line: bytes) -> bool:
    """Return whether `line` can be read: of the line that it was made from, only the last quote was changed."""
    try:
        decode_envelope(line)
    except UNREADABLE:
        return False
    return True


def _is_end(line: bytes) -> bool:
    """Return whether `line` is a seal: its last byte was changed, because nothing follows the context of a seal."""
    try:
        return isinstance(decode_event(decode_envelope(line).context), (LogSeal, SessionEnd))
    except UNREADABLE:
        return False
