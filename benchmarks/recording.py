"""What recording costs, side by side with the usual loggers: CPU an event, on the same event, each unbuffered.

    python benchmarks/recording.py                # what is installed is compared, the rest is skipped
    pip install structlog orjson eliot python-json-logger   # into a venv of its own: the contenders

Each contender runs in turn, several rounds, in a process of its own; the least CPU of a round counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

N = 20_000
ROUNDS = 5
FIELDS: dict[str, Any] = {
    "run_id": "bull-1", "series": "NAV", "epoch_index": 3, "bar_index": 120,
    "timestamp": "2020-01-01T00:00:00.000000Z", "position_type": "bull", "excess_gain": 0.0612345,
    "excess_loss": 0.0123, "endorsing_crest": 100.123, "candidate_nadir": 99.1, "tmaeg_threshold": 0.05,
    "nav_at_epoch": 105.2, "worst_drawdown": 0.012,
}  # fmt: skip
ENVELOPE: dict[str, Any] = {
    "component": "bull_ith", "package": "ithtel", "env": "development", "pid": os.getpid(), "trace_id": "0" * 32,
    "span_id": "1" * 16,
    "provenance": {
        "session_id": "sess_20260125_120000_3f9a1c", "git_sha": "deadbeef", "input_hash": "sha256:" + "0" * 64,
        "random_seed": 42, "config_hash": "sha256:" + "1" * 64,
    },
}  # fmt: skip
Emit = Callable[[int], None]


def message() -> str:
    """Return the sentence that ithtel writes too; it depends on the values."""
    return f"bull epoch {FIELDS['epoch_index']} at bar {FIELDS['bar_index']}, gain {FIELDS['excess_gain']:.4f}"


def ithtel_emit(folder: Path) -> Emit:
    """`Session.emit`: redaction, seals, numbers, one append a line; the same fields as the others write."""
    import msgspec

    import ithtel
    from ithtel.events import EpochDetected
    from ithtel.recording.span import enter_span

    session = ithtel.start("bench", log_dir=folder, git=False, loguru=False)
    same = {name: ENVELOPE["provenance"][name] for name in ("git_sha", "input_hash", "random_seed")}
    session.provenance = msgspec.structs.replace(session.provenance, **same)
    enter_span(ENVELOPE["span_id"])
    return lambda _: session.emit(EpochDetected(**FIELDS), component="bull_ith")


def structlog_orjson(folder: Path) -> Emit:
    """The configuration that structlog's page on performance gives."""
    import orjson
    import structlog

    structlog.configure(
        cache_logger_on_first_use=True,
        wrapper_class=structlog.make_filtering_bound_logger(10),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        logger_factory=structlog.BytesLoggerFactory((folder / "log").open("ab", buffering=0)),
    )
    log = structlog.get_logger().bind(**ENVELOPE)

    def emit(seq: int) -> None:
        context = {"event_type": "epoch_detected", **FIELDS}
        log.info(message(), tid=threading.get_ident(), seq=seq, context=context)

    return emit


def loguru_serialize(folder: Path) -> Emit:
    """`logger.add(file, serialize=True)`."""
    from loguru import logger

    logger.remove()
    logger.add(folder / "log", serialize=True, format="{message}")
    bound = logger.bind(**ENVELOPE)
    return lambda seq: bound.bind(seq=seq, context={"event_type": "epoch_detected", **FIELDS}).info(message())


def eliot_log(folder: Path) -> Emit:
    """`eliot.log_message` to a file."""
    import eliot

    eliot.to_file((folder / "log").open("ab"))
    return lambda seq: eliot.log_message("epoch_detected", msg=message(), seq=seq, **ENVELOPE, **FIELDS)


def stdlib_json(folder: Path) -> Emit:
    """`logging` with python-json-logger's formatter."""
    import logging

    from pythonjsonlogger.json import JsonFormatter

    handler = logging.FileHandler(folder / "log")
    handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(message)s %(process)d %(thread)d"))
    log = logging.getLogger("bench")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False

    def emit(seq: int) -> None:
        log.info(message(), extra={**ENVELOPE, "seq": seq, "context": {"event_type": "epoch_detected", **FIELDS}})

    return emit


CONTENDERS = (ithtel_emit, structlog_orjson, loguru_serialize, eliot_log, stdlib_json)


def measure(name: str, n: int) -> None:
    """Print the least CPU an event of one contender in microseconds; nothing where it is not installed."""
    contender = next(each for each in CONTENDERS if each.__name__ == name)
    with tempfile.TemporaryDirectory() as folder:
        try:
            emit = contender(Path(folder))
        except ImportError as error:
            print(json.dumps({"skipped": str(error)}))
            return
        best = float("inf")
        for _ in range(3):
            began = time.process_time()
            for seq in range(n):
                emit(seq)
            best = min(best, (time.process_time() - began) / n * 1e6)
        print(json.dumps({"us": best}))
    sys.stdout.flush()
    os._exit(0)  # some contenders complain that their folder is gone


def measure_columns(n: int = 200_000) -> None:
    """Print how many events a second of CPU `emit_many` writes."""
    import numpy as np

    import ithtel
    from ithtel.events import EpochDetected

    random = np.random.default_rng(1)
    floats = [name for name, value in FIELDS.items() if isinstance(value, float)]
    columns = {**FIELDS, **{name: random.random(n) for name in floats}}
    columns |= {"epoch_index": np.arange(n), "bar_index": np.arange(n), "timestamp": [FIELDS["timestamp"]] * n}
    with tempfile.TemporaryDirectory() as folder:
        session = ithtel.start("bench", log_dir=folder, git=False, loguru=False)
        best = 0.0
        for _ in range(3):
            began = time.process_time()
            session.emit_many(EpochDetected, columns, component="bull_ith")
            best = max(best, n / (time.process_time() - began))
        session.close()
    print(f"emit_many           {best:10,.0f} events/s of CPU")


def measure_small() -> None:
    """Print what a seal after a cell of five lines costs, and a look at the environment."""
    import ithtel
    from ithtel.events import Note

    with tempfile.TemporaryDirectory() as folder:
        session = ithtel.start("bench", log_dir=folder, git=False, loguru=False)
        seals, looks = [], []
        for _ in range(500):
            for _ in range(5):
                session.emit(Note(text="x" * 100))
            began = time.process_time()
            session.seal()
            sealed = time.process_time()
            session.redactor.refresh()
            seals.append(sealed - began)
            looks.append(time.process_time() - sealed)
        session.close()
    print(f"seal                {sorted(seals)[250] * 1e6:8.1f} µs (median, after 5 lines)")
    print(f"redactor.refresh    {sorted(looks)[250] * 1e6:8.1f} µs (median, {len(os.environ)} variables)")


def main() -> None:
    """Compare all that is installed."""
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        for contender in CONTENDERS:
            command = [sys.executable, __file__, contender.__name__, str(N)]
            done = subprocess.run(command, capture_output=True, check=True, text=True)
            found = json.loads(done.stdout.splitlines()[-1])
            if "us" in found:
                best[contender.__name__] = min(found["us"], best.get(contender.__name__, float("inf")))
    own = best["ithtel_emit"]
    for contender in CONTENDERS:
        us = best.get(contender.__name__)
        shown = "not installed" if us is None else f"{us:8.2f} µs an event   ithtel / this: {own / us:.2f}"
        print(f"{contender.__name__:<20}{shown}")
    measure_columns()
    measure_small()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1], int(sys.argv[2]))
    else:
        main()
