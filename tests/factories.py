"""Log lines and whole recorded sessions, made by hand: what reading and the viewer are tested on."""

from __future__ import annotations

import itertools
import math
import random
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from ithtel import events as ev

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ithtel.reading.lines.log import Log

Side = Literal["bull", "bear"]
SHA = "ab" * 32
DIGEST = f"sha256:{SHA}"
START = 1_769_351_452.0


class Writer:
    """Writes the lines that one session and process would write; a tick of its clock is a millisecond."""

    def __init__(self, session_id: str = "sess_20260125_143052_3f9a1c", *, name: str = "notebook", pid: int = 100,
                 start: float = START, component: str = "notebook") -> None:  # fmt: skip
        self.session_id, self.name, self.pid, self.component = session_id, name, pid, component
        self.clock = start
        self.lines: list[bytes] = []
        self.span: str | None = None
        self.count = 0

    def line(self, context: object, *, msg: str, level: str = "INFO", ts: str | None = None) -> bytes:
        """Append a line with any context, and return it."""
        self.clock += 0.001
        envelope = ev.Envelope(
            ts=ts or ev.utc_timestamp(self.clock), level=level, msg=msg, component=self.component, package="ithtel",
            env="development", pid=self.pid, tid=1, seq=len(self.lines), trace_id="0" * 32, span_id=self.span,
            provenance=ev.Provenance(session_id=self.session_id, git_sha="0123abcd", input_hash=None, random_seed=42),
            context=msgspec.Raw(msgspec.json.encode(context)),
        )  # fmt: skip
        self.lines.append(msgspec.json.encode(envelope))
        return self.lines[-1]

    def emit(self, event: ev.Event) -> bytes:
        """Append the line of an event."""
        return self.line(event, msg=event.sentence(), level=event.level)

    def start(self, **changes: Any) -> Writer:
        """Append `session.start`."""
        fields: dict[str, Any] = {
            "session_id": self.session_id, "name": self.name, "experiment_id": "exp_1",
            "start_time": ev.utc_timestamp(self.clock), "ithtel_version": "0.1.0", "schema_version": 1,
            "python": "CPython 3.11.7", "platform": "Linux", "cpu": None, "cpu_count": 2, "argv": [], "cwd": "/home/u",
            "notebook": None, "timezone": "UTC", "locale": None, "hash_seed": None, "environment": {}, "config": {},
            "config_hash": DIGEST,
        }  # fmt: skip
        self.emit(ev.SessionStart(**fields | changes))
        return self

    def end(self) -> Writer:
        """Append `session.end`."""
        self.emit(ev.SessionEnd(n_events=len(self.lines), n_dropped=0, duration_ms=12.0))
        return self

    def cell(self, source: str | None, *inside: ev.Event, status: str | None = "ok", reads: Sequence[str] = (),
             writes: Sequence[str] = (), error: ev.CellError | None = None,
             source_sha256: str | None = None, skipped: dict[str, str] | None = None) -> Writer:  # fmt: skip
        """Append a cell that emits `inside`; `status` None: it never ended."""
        self.count += 1
        self.span = f"{self.count:016x}"
        cell_id = f"cell-{self.count}"
        digest = source_sha256 or (None if source is None else SHA)
        self.emit(ev.CellStart(cell_id=cell_id, execution_count=self.count, source=source, source_sha256=digest))
        for event in inside:
            self.emit(event)
        if status is not None:
            end = {"cell_id": cell_id, "execution_count": self.count, "status": status, "duration_ms": 3.2}
            lists = {
                "reads": reads,
                "writes": writes,
                "deletes": [],
                "mutates": [],
                "rng_used": [],
                "skipped": skipped or {},
            }
            self.emit(
                msgspec.convert(
                    end | lists | {"cpu_ms": 3.0, "overhead_ms": 0.1, "error": error}, ev.CellEnd, from_attributes=True
                )
            )
        self.span = None
        return self

    def write(self, path: Path) -> Path:
        """Write what was appended to a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(line + b"\n" for line in self.lines))
        return path


class Run(NamedTuple):
    """What an ITH analysis of one side emits."""

    events: list[ev.Event]
    n_epochs: int


def ith_run(
    nav: Sequence[float],
    hurdle: float,
    side: Side = "bull",
    *,
    series: str = "google",
    run_id: str | None = None,
    times: Sequence[str] | None = None,
) -> Run:
    """Return the events of one run: init, sketch, epochs, result; epochs as in docs/ith-specification.md."""
    run_id = run_id or f"{side}_{series}_1"
    epochs = [
        msgspec.structs.replace(
            epoch, run_id=run_id, series=series, timestamp=times[epoch.bar_index] if times else None, position_type=side
        )
        for epoch in _epochs(nav, hurdle, up=side == "bull")
    ]
    bars = [0, *(epoch.bar_index for epoch in epochs)]
    gaps = [b - a for a, b in itertools.pairwise(bars)]
    mean = sum(gaps) / len(gaps) if gaps else math.nan
    cv = math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) / mean if gaps else None
    metrics = {"n_bars": len(nav), "first_nav": nav[0], "last_nav": nav[-1], "n_epochs": len(epochs)}
    metrics |= {"hurdle": hurdle, "intervals_cv": cv, "sharpe": 1.2345678901}
    name = f"{side}_ith"
    config = {"side": side, "hurdle": "mdd", "hurdle_value": hurdle}
    init = ev.AlgorithmInit(
        run_id=run_id, algorithm_name=name, version="1", random_seed=42, config=config, config_hash=DIGEST,
        input_hash=DIGEST,
    )  # fmt: skip
    result = ev.AlgorithmResult(
        run_id=run_id, algorithm_name=name, final_metrics=metrics, output_hash=DIGEST, duration_ms=1.5
    )
    return Run([init, sketch(nav, run_id, series, times), *epochs, result], len(epochs))


def sketch(nav: Sequence[float], run_id: str, series: str, times: Sequence[str] | None = None) -> ev.SeriesSketch:
    """Return `nav` in at most 2 000 buckets."""
    size = max(1, -(-len(nav) // 2000))
    buckets = [nav[i : i + size] for i in range(0, len(nav), size)]
    return ev.SeriesSketch(
        run_id=run_id, name=series, n_bars=len(nav), bars_per_bucket=size,
        start_time=times[0] if times else None, end_time=times[-1] if times else None,
        first=[b[0] for b in buckets], min=[min(b) for b in buckets], max=[max(b) for b in buckets],
        last=[b[-1] for b in buckets],
    )  # fmt: skip


def _epochs(nav: Sequence[float], h: float, *, up: bool) -> Iterator[ev.EpochDetected]:
    level = favour = adverse = nav[0]
    gain = loss = worst = 0.0
    count = 0
    for i in range(1, len(nav)):
        x, p = nav[i], nav[i - 1]
        if (x > favour) if up else (x < favour):
            gain, favour = (_ratio(x, level) if up else _ratio(level, x)) - 1 if x and level else 0.0, x
        if (x < adverse) if up else (x > adverse):
            loss, adverse = 1 - (_ratio(x, level) if up else _ratio(level, x)), x
        worst = max(worst, loss)
        if gain > abs(loss) and gain > h and ((favour >= level) if up else (favour <= level)):
            count += 1
            yield ev.EpochDetected(
                epoch_index=count, bar_index=i, excess_gain=gain, excess_loss=loss, endorsing_crest=level,
                candidate_nadir=adverse, tmaeg_threshold=h, nav_at_epoch=x, worst_drawdown=worst,
            )  # fmt: skip
            level, adverse, gain, loss, worst = favour, p, 0.0, 0.0, 0.0


def _ratio(a: float, b: float) -> float:
    return a / b if b else 1.0


def walk(n: int, seed: int = 7, volatility: float = 0.02) -> list[float]:
    """Return a random walk that starts at 100."""
    draw, nav = random.Random(seed), [100.0]
    while len(nav) < n:
        nav.append(nav[-1] * math.exp(draw.gauss(0.0006, volatility)))
    return nav


def data_load(source: str = "data/nav.csv", rows: int | None = 1047, columns: int | None = 2) -> ev.DataLoad:
    """Return the event of a table that was loaded."""
    return ev.DataLoad(source_path=source, sha256_hash=SHA, input_hash=DIGEST, size_bytes=100, row_count=rows,
                       column_count=columns, schema={"NAV": "float64"}, value_range={"NAV": [1.0, 2.0]})  # fmt: skip


def seed_set(seed: int = 42) -> ev.SeedSet:
    """Return the event of seeding."""
    return ev.SeedSet(seed=seed, components=["python", "numpy.legacy", "numpy:rng"], state_sha256={})


def quickstart(nav: Sequence[float] | None = None, times: Sequence[str] | None = None, **writer: Any) -> Writer:
    """Return the lines of a whole small session: three good cells, a failed one, an interrupted one."""
    nav = walk(400) if nav is None else nav
    drawdown = 0.2 if len(nav) < 1000 else 0.3
    bull, bear = ith_run(nav, drawdown, "bull", times=times), ith_run(nav, drawdown, "bear", times=times)
    log = Writer(**writer).start()
    log.cell("rng = %seed 42", seed_set(), writes=["rng"])
    log.cell(
        "nav = ithtel.datasets.google()\nnav.head()", data_load("matplotlib:goog.npz", len(nav), 1), writes=["nav"]
    )
    error = ev.CellError(ename="NameError", evalue="name 'nva' is not defined", traceback=[])
    log.cell("nva.plot()", status="error", reads=["nva"], error=error)
    source = 'result = ithtel.analyze(nav, side="both", hurdle="mdd", periods_per_year=252)'
    log.cell(source, *bull.events, *bear.events, reads=["nav"], writes=["result"])
    log.cell("for _ in range(10**9): pass", status="interrupted")
    return log.end()


def log_of(writer: Writer) -> Log:
    """Return what was written, read back from memory."""
    from ithtel.reading.lines.log import Log

    return Log.from_lines(writer.lines)
