"""A baseline is a session in a form that can be committed."""

from __future__ import annotations

import pandas as pd
import pytest

from factories import Writer, log_of, quickstart
from ithtel import events as ev
from ithtel.errors import LogError
from ithtel.provenance.fingerprint import fingerprint
from ithtel.reading.diff.diff import diff
from ithtel.reading.history.baseline import canonical, decode, encode
from ithtel.reading.history.build import history

ORPHAN = b'{"ithtel":"baseline","version":1,"name":"x"}\n{"of":1,"result":{}}\n'
"""A line of a cell that is not there."""


def session(**writer: object) -> Writer:
    """Return a session with a table in it."""
    frame = fingerprint(pd.DataFrame({"b": [1.0, 2.5], "a": [3, 4]}), "frame")
    assert isinstance(frame, ev.FrameFingerprint)
    read = ev.FileRead(path="/home/u/data/nav.csv", sha256="ab" * 32, size_bytes=3, mtime_ns=7)
    return Writer(**writer).start().cell("frame = read('data/nav.csv')", read, frame, writes=["frame"]).end()


@pytest.mark.parametrize("made", [quickstart, session])
def test_it_is_the_same_whenever_it_is_written(made: object) -> None:
    """Byte for byte, and read back it differs from neither run."""
    one, other = (
        canonical(history(log_of(writer))) for writer in (made(), made(session_id="sess_2", pid=9, start=2e9))
    )
    assert encode(one) == encode(other)
    assert diff(decode(encode(one)), other).is_empty
    assert encode(decode(encode(one))) == encode(one)


@pytest.mark.parametrize(("made", "kind"), [(session, "value"), (quickstart, "algorithm")])
def test_what_a_cell_came_to_has_lines_of_its_own(made: object, kind: str) -> None:
    """So a review shows which value, analysis, result or decision is another."""
    lines = encode(canonical(history(log_of(made())))).decode().splitlines()
    holding = [line for line in lines if f'"{kind}' in line]
    assert holding
    assert all(line.startswith('{"of":') and len(line) < 4_000 for line in holding)


def test_it_holds_nothing_that_is_anybodys_own() -> None:
    """No times, ids, paths, processes, texts."""
    text = encode(canonical(history(log_of(session())))).decode()
    for own in ("sess_", "2026-", "/home", "read(", "mtime", '"pid"'):
        assert own not in text


def test_floats_are_compared_within_a_tolerance() -> None:
    """By their sketches."""
    frames = [pd.Series([1.0, 2.5 + step]) for step in (0.0, 1e-7)]
    runs = []
    for frame in frames:
        made = fingerprint(frame, "x")
        assert isinstance(made, ev.ArrayFingerprint)
        runs.append(canonical(history(log_of(Writer().start().cell("x = f()", made, writes=["x"]).end()))))
    baseline = decode(encode(runs[0]))
    assert not diff(baseline, runs[1]).is_identical
    assert diff(baseline, runs[1], rtol=1e-6).is_identical


@pytest.mark.parametrize(
    "content", [b"", b"nonsense\n", b'{"ithtel":"baseline","version":99,"name":"x"}\n', b"{}\n", ORPHAN]
)
def test_what_is_no_baseline_is_said(content: bytes) -> None:
    """The error says how to fix it."""
    with pytest.raises(LogError, match=r"--update|newer"):
        decode(content)
