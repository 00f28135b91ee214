"""Several streams of records as one, in order of time; each file is open only while its turn may come."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from ithtel.reading.record import Problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.reading.record import Record
    from ithtel.reading.source import Stream

_Moment = tuple[str, int, int]


def merged(streams: list[Stream], problems: Problems, session_id: str | None) -> Iterator[Record]:
    """Yield the records of all streams by `ts`, `pid`, `seq`; within a stream the order stays as it is."""
    if len(streams) == 1:
        yield from streams[0].records(problems, session_id)
        return
    waiting = sorted(((_start(stream), n) for n, stream in enumerate(streams)), reverse=True)
    heads: list[tuple[_Moment, int, Record, Iterator[Record]]] = []
    while waiting or heads:
        while waiting and (not heads or waiting[-1][0] <= heads[0][0][0]):
            n = waiting.pop()[1]
            records = streams[n].records(problems, session_id)
            first = next(records, None)
            if first is not None:
                heapq.heappush(heads, (_moment(first), n, first, records))
        if heads:
            _, n, record, records = heads[0]
            yield record
            following = next(records, None)
            if following is None:
                heapq.heappop(heads)
            else:
                heapq.heapreplace(heads, (_moment(following), n, following, records))


def _start(stream: Stream) -> str:
    """Return the time of the first line that can be read."""
    first = next(stream.envelopes(Problems()), None)
    return "" if first is None else first[0].ts


def _moment(record: Record) -> _Moment:
    return record.envelope.ts, record.envelope.pid, record.envelope.seq
