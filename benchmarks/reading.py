"""Reading a log into typed records, beside untyped JSON, measured in one run: `python benchmarks/reading.py`.

CPU time of one core, best of several rounds. The target is 150 MB/s into typed records. `--lines N` sets the size.
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ithtel.events import Envelope, EpochDetected, Event, Note, Provenance, SeedSet
from ithtel.reading.lines.read import read
from ithtel.reading.timeline.build import timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROUNDS = 5
TARGET = 150.0


def line(event: Event, seq: int) -> bytes:
    """Return the line that a session writes for `event`."""
    provenance = Provenance(
        session_id="sess_20260125_120000_3f9a1c", git_sha="0123abcd", input_hash="sha256:" + "ab" * 32, random_seed=42
    )
    envelope = Envelope(
        ts="2026-01-25T14:30:52.123456Z", level="INFO", msg=event.sentence(), component="bull_ith", package="ithtel",
        env="development", pid=1234, tid=140000000001, seq=seq, trace_id="0" * 32, span_id="1" * 16,
        provenance=provenance, context=msgspec.Raw(msgspec.json.encode(event)),
    )  # fmt: skip
    return msgspec.json.encode(envelope)


def epoch(n: int) -> Event:
    """Return an epoch with all its fields."""
    return EpochDetected(
        run_id="ith-3f9a1c-1", series="google", epoch_index=n + 1, bar_index=7 * n, timestamp="2006-09-28T00:00:00Z",
        position_type="bull", excess_gain=0.1234567891234 + n, excess_loss=0.0523456781234, endorsing_crest=312.53 + n,
        candidate_nadir=290.123, tmaeg_threshold=0.1, nav_at_epoch=351.2345, worst_drawdown=0.0712345,
    )  # fmt: skip


def write(path: Path, events: Iterable[Event]) -> float:
    """Write a log and return its size in MB."""
    path.write_bytes(b"".join(line(event, seq) + b"\n" for seq, event in enumerate(events)))
    return path.stat().st_size / 1e6


def drain(items: Iterable[object]) -> None:
    """Take every item and keep none."""
    for _ in items:
        pass


def seconds(work: Callable[[], None]) -> float:
    """Return the least CPU time of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        gc.collect()
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def report(name: str, path: Path, megabytes: float) -> float:
    """Print the speeds over one log and return that of typed records."""
    log, latest = read(path, session="all"), read(path)

    def plain(decode: Callable[[bytes], object]) -> None:
        with path.open("rb") as file:
            for raw in file:
                decode(raw)

    works: dict[str, Callable[[], None]] = {
        "json.loads per line": lambda: plain(json.loads),
        "msgspec.json.decode, untyped": lambda: plain(msgspec.json.decode),
        "Log, typed records": lambda: drain(log),
        "read(path) and its latest session": lambda: drain(read(path)),
        "Log.epochs()": lambda: drain(latest.epochs()),
        "timeline(log)": lambda: drain(timeline(log).panels),
    }
    times = {label: seconds(work) for label, work in works.items()}
    print(f"{name}: {megabytes:.0f} MB")
    for label, taken in times.items():
        ratio = times["json.loads per line"] / taken
        print(f"  {label:36} {megabytes / taken:7.0f} MB/s   {ratio:5.2f} × json.loads")
    return megabytes / times["Log, typed records"]


def main() -> int:
    """Print all speeds; 1 where typed records are slower than the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=60_000)
    n = parser.parse_args().lines
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "epochs.jsonl"
        slowest = report("epochs", path, write(path, (epoch(i) for i in range(n))))
        path = Path(folder) / "mixed.jsonl"
        seed = SeedSet(seed=42, components=["python", "numpy.legacy"], state_sha256={"python": "ab" * 32})
        kinds = (Note(text="a remark"), seed, epoch(1))
        slowest = min(slowest, report("mixed", path, write(path, (kinds[i % 3] for i in range(n)))))
    print(f"target {TARGET:.0f} MB/s: {'met' if slowest >= TARGET else 'missed'}")
    return 0 if slowest >= TARGET else 1


if __name__ == "__main__":
    raise SystemExit(main())
