"""Files of any size, compressed or damaged, are read in blocks."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from factories import Writer, quickstart
from ithtel.reading.lines.blocks import blocks
from ithtel.reading.lines.read import read
from ithtel.reading.lines.record import Problems

if TYPE_CHECKING:
    from collections.abc import Callable

GOOD = quickstart().lines


def test_an_enormous_line_is_passed_over() -> None:
    """A line beyond the limit is never held in memory; the lines around it are read and numbered as in the file."""
    path = Path("a.jsonl")
    path.write_bytes(GOOD[0] + b"\n" + b"x" * 5_000_000 + b"\n" + GOOD[1] + b"\n" + b"y" * 3_000_000)
    problems = Problems()
    found = [line for _, lines in blocks(path, problems, max_line_bytes=2_000_000) for line in lines]
    assert found[0] == GOOD[0]
    assert found[2] == GOOD[1]
    assert [(p.line_number, p.message) for p in problems] == [
        (2, "skipped a line of 5,000,000 bytes: at most 2,000,000 are read"),
        (4, "skipped a line of 3,000,000 bytes: at most 2,000,000 are read"),
    ]


def test_a_line_of_megabytes_is_read() -> None:
    """A line may span many blocks."""
    text = "ä" * 3_000_000
    Path("a.jsonl").write_bytes(GOOD[0] + b"\n" + Writer().line({"event_type": "note", "text": text}, msg="") + b"\n")
    assert [record.context.get("text") for record in read("a.jsonl")] == [None, text]


@pytest.mark.parametrize("cut", [1, 8, 40])
def test_a_cut_gzip_is_read_as_far_as_it_goes(cut: int) -> None:
    """Lines before the damage are read."""
    writer = quickstart()
    whole = gzip.compress(b"".join(line + b"\n" for line in writer.lines * 30))
    Path("a.jsonl.gz").write_bytes(whole[:-cut])
    log = read("a.jsonl.gz")
    assert len(list(log)) > len(writer.lines) * 25
    assert "damaged or truncated after line" in log.problems[-1].message or "is truncated" in log.problems[-1].message
    assert any(problem.line_number == 0 for problem in log.problems)


def test_a_cut_zstandard_file_is_read_as_far_as_it_goes() -> None:
    """Its blocks hold 128 kB each."""
    writer = quickstart()
    whole = zstd.compress(b"".join(line + b"\n" for line in writer.lines * 300))
    Path("a.jsonl.zst").write_bytes(whole[:-8])
    log = read("a.jsonl.zst")
    assert len(list(log)) > len(writer.lines) * 250
    assert any("damaged or truncated after line" in problem.message for problem in log.problems)


@pytest.mark.parametrize("suffix", ["gz", "zst"])
def test_what_is_not_compressed_is_a_problem(suffix: str) -> None:
    """A wrong suffix is reported."""
    Path(f"a.jsonl.{suffix}").write_bytes(GOOD[0])
    assert "damaged" in read(f"a.jsonl.{suffix}", session="all").problems[0].message


@pytest.mark.parametrize(("suffix", "compress"), [("gz", gzip.compress), ("zst", zstd.compress)])
@given(noise=st.binary(max_size=400))
def test_a_damaged_part_never_stops_the_reader(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, compress: Callable[[bytes], bytes], noise: bytes
) -> None:
    """Any bytes with the name of a packed part give problems, not exceptions."""
    path = tmp_path_factory.getbasetemp() / f"fuzz.20260101-000000.1.jsonl.{suffix}"
    path.write_bytes(compress(GOOD[0] + b"\n")[: len(noise) // 4 + 12] + noise)
    log = read(path, session="all")
    assert list(log) == list(log)
