"""The envelope has the fields of the contract, and its times sort as texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ithtel.events.format.envelope import Envelope, utc_timestamp


@given(st.floats(0, 4e9))
def test_a_timestamp_always_has_microseconds(seconds: float) -> None:
    """Zeros are written out, so that timestamps sort like times."""
    assert len("2026-01-25T14:30:52.123456Z") == len(utc_timestamp(seconds))


def test_the_envelope_has_the_fields_of_the_contract() -> None:
    """Names and order are those of EVENTS.md."""
    assert (
        "ts", "level", "msg", "component", "package", "env", "pid", "tid", "seq", "trace_id", "span_id",
        "provenance", "context", "duration_ms", "exception",
    ) == Envelope.__struct_fields__  # fmt: skip
