"""A chart can be drawn for any series."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from factories import Writer, log_of
from ithtel import events as ev
from ithtel.reading.timeline.build import timeline


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none(), min_size=1, max_size=100))
def test_any_values_give_a_chart(values: list[float | None]) -> None:
    """Gaps, zeros, negative and enormous values can be drawn."""
    event = ev.SeriesSketch(
        run_id="r", name="s", n_bars=len(values), start_time=None, end_time=None, bars_per_bucket=1,
        first=values, min=values, max=values, last=values,
    )  # fmt: skip
    writer = Writer().start()
    writer.emit(event)
    assert timeline(log_of(writer)).text()
