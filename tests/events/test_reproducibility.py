"""Sentences of the events of reproducibility, and the digest of an object."""

from __future__ import annotations

from typing import Any

import pytest

from ithtel.events import DataLoad, Event, FileRead, ObjectFingerprint, RngState, SeedSet

UNKNOWN: dict[str, Any] = {"sha256_hash": None, "input_hash": None, "size_bytes": None, "schema": {}, "value_range": {}}


@pytest.mark.parametrize(
    ("expected", "event"),
    [
        ("loaded a.csv: 3 rows, 2 columns", DataLoad(source_path="a.csv", row_count=3, column_count=2, **UNKNOWN)),
        ("loaded a.csv: 3 rows", DataLoad(source_path="a.csv", row_count=3, column_count=None, **UNKNOWN)),
        ("loaded a.csv", DataLoad(source_path="a.csv", row_count=None, column_count=None, **UNKNOWN)),
        ("read a.csv", FileRead(path="a.csv", sha256=None, size_bytes=1, mtime_ns=1)),
        ("fingerprint of an object: dict", ObjectFingerprint(name=None, fingerprint=None, type="dict")),
        (
            "seed 7 set for python, numpy.legacy",
            SeedSet(seed=7, components=["python", "numpy.legacy"], state_sha256={}),
        ),
        ("state of random stream python", RngState(stream="python", bit_generator="MT19937", state_sha256="0" * 64)),
    ],
)
def test_an_event_describes_itself_in_one_sentence(expected: str, event: Event) -> None:
    """For a person who reads the log; an unknown size is not mentioned."""
    assert expected == event.sentence()


def test_the_digest_of_an_object_is_that_of_its_fingerprint() -> None:
    """None without a fingerprint."""
    known = ObjectFingerprint(name="x", fingerprint="fp1:sha256:" + "1" * 64, type="dict")
    unknown = ObjectFingerprint(name="x", fingerprint=None, type="dict")
    assert ("1" * 64, None) == (known.sha256, unknown.sha256)
