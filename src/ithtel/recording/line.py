"""The envelope around an event, with all that stays the same from line to line encoded once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ithtel.events import utc_timestamp
from ithtel.events.values import encode_text

if TYPE_CHECKING:
    from ithtel.events import ExceptionInfo, Provenance

_encode = msgspec.json.Encoder().encode
_MAX_CACHED = 512
LAST = 0.9999995
"""From here on a time rounds to the next second."""


def encode_str(text: str) -> bytes:
    """Return `text` as a JSON string; a lone surrogate as its escape (`encode_text`)."""
    try:
        return _encode(text)
    except UnicodeEncodeError:
        return _encode(encode_text(text))


LINE = b'%b%06dZ",%b%b%b%d%b%b}\n'
"""A line from its parts, and its number before the last two: one operation, since this is the innermost loop."""
Parts = tuple[bytes, int, bytes, bytes, bytes, bytes, bytes]
"""Second, microsecond, level, message, what names the writer; number; what names the experiment, context."""


class LineFormat:
    """Makes the parts of a line; the envelope's fields in their order."""

    def __init__(self, *, pid: int, trace_id: str, provenance: Provenance, package: str, env: str) -> None:
        self._pid = pid
        self._trace_id = trace_id
        self._provenance = _encode(provenance)
        self._package = package
        self._env = env
        self.second: tuple[int, bytes] = (-1, b"")
        self.around: dict[tuple[str, int, str | None], tuple[bytes, bytes]] = {}
        self._middles: dict[tuple[str, str | None, int], bytes] = {}
        self._tails: dict[str | None, bytes] = {}

    def moment(self, now: float) -> tuple[bytes, int]:
        """Return the beginning of a line up to the second, and the microseconds."""
        second, stamp = self.turn(now)
        return stamp, int((now - second) * 1e6 + 0.5)

    def turn(self, now: float) -> tuple[int, bytes]:
        """Return the second of `now` (the next one in its last half microsecond), and how a line begins in it."""
        second = int(now)
        if now >= second + LAST:
            second += 1
        if self.second[0] != second:
            self.second = (second, b'{"ts":"%b' % utc_timestamp(second)[:20].encode())
        return self.second

    def who_and_what(self, component: str, tid: int, span_id: str | None) -> tuple[bytes, bytes]:
        """Return both, for the lines of this package; `around` remembers them."""
        if len(self.around) >= _MAX_CACHED:
            self.around.clear()
        made = self.around[component, tid, span_id] = self.who(component, None, tid), self.what(span_id)
        return made

    def who(self, component: str, package: str | None, tid: int) -> bytes:
        """Return the fields from `component` to `tid`, and the name of `seq`."""
        return self._middles.get((component, package, tid)) or self._middle(component, package, tid)

    def what(self, span_id: str | None) -> bytes:
        """Return the fields from `trace_id` to `provenance`, and the name of `context`."""
        return self._tails.get(span_id) or self._tail(span_id)

    def _middle(self, component: str, package: str | None, tid: int) -> bytes:
        if len(self._middles) >= _MAX_CACHED:
            self._middles.clear()
        names = encode_str(component), encode_str(package or self._package), encode_str(self._env)
        made = b',"component":%b,"package":%b,"env":%b,"pid":%d,"tid":%d,"seq":' % (*names, self._pid, tid)
        self._middles[component, package, tid] = made
        return made

    def _tail(self, span_id: str | None) -> bytes:
        if len(self._tails) >= _MAX_CACHED:
            self._tails.clear()
        span = b"" if span_id is None else b',"span_id":%b' % _encode(span_id)
        made = b',"trace_id":%b%b,"provenance":%b,"context":' % (_encode(self._trace_id), span, self._provenance)
        self._tails[span_id] = made
        return made


def encode_level(level: str) -> bytes:
    """Return the fields from `level` to the name of `msg`."""
    return b'"level":%b,"msg":' % encode_str(level)


def more(context: bytes, duration_ms: float | None, exception: ExceptionInfo | None) -> bytes:
    """Return `context` with the optional fields that follow it in the envelope."""
    if duration_ms is not None:
        context += b',"duration_ms":%b' % _encode(duration_ms)
    if exception is not None:
        context += b',"exception":%b' % _encode(exception)
    return context
