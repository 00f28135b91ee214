"""Timestamps of lines: microseconds, always, and equal however they are made."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ithtel.events import utc_timestamp
from ithtel.recording.lines.timestamps import Clock, in_ns, timestamp


@given(st.integers(0, 4_000_000_000_000_000))
def test_a_timestamp_has_the_microseconds_of_its_moment(microseconds: int) -> None:
    """It begins with the second that `utc_timestamp` gives, and ends with the six digits."""
    text = timestamp(microseconds * 1000)
    assert f"{utc_timestamp(microseconds // 1_000_000)[:20]}{microseconds % 1_000_000:06}Z" == text


@given(st.lists(st.integers(1_700_000_000_000_000, 1_700_000_000_010_000), min_size=1, max_size=20))
def test_a_clock_that_jumps_gives_the_same_timestamps(moments: list[int]) -> None:
    """Forwards, backwards or within a millisecond: the remembered beginning is never that of another one."""
    times = iter(moments)
    clock = Clock(lambda: next(times) / 1e6)
    assert [timestamp(in_ns(moment / 1e6)) for moment in moments] == [clock.now() for _ in moments]


def test_a_clock_tells_that_a_millisecond_has_begun() -> None:
    """The delivery checks the file once per millisecond."""
    times = iter([1.0, 1.0002, 1.0012])
    clock = Clock(lambda: next(times))
    turned = []
    for _ in range(3):
        clock.has_turned = False
        clock.now()
        turned.append(clock.has_turned)
    assert [True, False, True] == turned
