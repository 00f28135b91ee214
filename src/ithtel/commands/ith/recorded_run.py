"""`Run`, `events_of`: the events of an analysis. All events of a run carry its run id."""

from __future__ import annotations

import hashlib
import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from ithtel.commands.ith.nav import sketch
from ithtel.events import AlgorithmInit, AlgorithmResult, EpochDetected, IthStep
from ithtel.events.values import canonical_digest, to_json_value
from ithtel.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from ithtel.commands.ith.compute import SideResult
    from ithtel.events import IthMetrics, Json, SeriesSketch
    from ithtel.ith.check import Side
    from ithtel.ith.nav import Nav
    from ithtel.recording.session import Session


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run of the machine over one series, recorded by a session."""

    session: Session
    side: Side
    run_id: str
    pid: int

    @property
    def is_open(self) -> bool:
        """Whether this process may add events: the session has not ended, and the process is not a fork."""
        return not self.session.is_closed and self.pid == os.getpid()

    @classmethod
    def begin(cls, session: Session, side: Side, config: Json, *, input_hash: str | None) -> Run:
        """Write `algorithm.init` and return the run; call it before anything is computed."""
        run = cls(session=session, side=side, run_id=session.new_run_id(side), pid=os.getpid())
        seed = session.provenance.random_seed
        event = init_event(run.run_id, side, config, random_seed=seed, input_hash=input_hash)
        session.emit(event, component=run.component)
        return run

    @property
    def component(self) -> str:
        """The component that emits the events: `bull_ith` or `bear_ith`."""
        return f"{self.side}_ith"

    def steps(self, nav: Nav, result: SideResult) -> None:
        """Write `ith_step` for every bar, bar 0 included, if the levels of each bar were computed."""
        excess = result.excess
        if excess is None:
            return
        columns = {
            "run_id": self.run_id,
            "bar_index": np.arange(len(nav)),
            "nav": nav.values,
            "excess_gain": excess.gains,
            "excess_loss": excess.losses,
            "endorsing_crest": excess.endorsing_crest,
            "candidate_crest": excess.candidate_crest,
            "candidate_nadir": excess.candidate_nadir,
            "hurdle": np.broadcast_to(np.asarray(result.levels, dtype=np.float64), nav.values.shape),
            "is_reset": excess.resets,
            "is_epoch": excess.epochs,
            "position_type": self.side,
        }
        self.session.emit_many(IthStep, columns, component=self.component)

    def epoch(self, event: EpochDetected) -> None:
        """Write one `epoch_detected`."""
        self.session.emit(event, component=self.component)

    def epochs(self, table: pd.DataFrame) -> None:
        """Write `epoch_detected` for every row."""
        if len(table):
            columns = {str(name): _constant_or_column(table, str(name)) for name in table.columns}
            self.session.emit_many(EpochDetected, {"run_id": self.run_id, **columns}, component=self.component)

    def result(self, metrics: Json, *, output_hash: str | None, duration_ms: float | None) -> None:
        """Write `algorithm.result`."""
        event = AlgorithmResult(
            run_id=self.run_id,
            algorithm_name=self.component,
            final_metrics=metrics,
            output_hash=output_hash,
            duration_ms=duration_ms,
        )
        self.session.emit(event, component=self.component)

    def finish(self, nav: Nav, epochs: pd.DataFrame, metrics: IthMetrics, *, duration_ms: float) -> None:
        """Write the sketch of the series, each epoch, and the result."""
        self.session.emit(sketch(nav, self.run_id), component=self.component)
        self.epochs(epochs)
        self.result(msgspec.to_builtins(metrics), output_hash=epochs_digest(epochs), duration_ms=duration_ms)


def init_event(
    run_id: str, side: Side, config: Json, *, random_seed: int | None = None, input_hash: str | None = None
) -> AlgorithmInit:
    """Return the event with which a run begins."""
    return AlgorithmInit(
        run_id=run_id,
        algorithm_name=f"{side}_ith",
        version=__version__,
        random_seed=random_seed,
        config=to_json_value(config),
        config_hash=canonical_digest(config),
        input_hash=input_hash,
    )


def events_of(
    nav: Nav, side: Side, config: Json, epochs: pd.DataFrame, metrics: IthMetrics
) -> list[AlgorithmInit | SeriesSketch | EpochDetected | AlgorithmResult]:
    """Return the events of a finished run as a session would record them, to draw a picture from."""
    name = f"{side}_ith"
    fields = set(EpochDetected.__struct_fields__) & set(epochs.columns)
    rows = epochs.loc[:, [column for column in epochs.columns if column in fields]].to_dict("records")
    found = [EpochDetected(run_id=name, **{str(key): _or_none(value) for key, value in row.items()}) for row in rows]
    result = AlgorithmResult(
        run_id=name, algorithm_name=name, final_metrics=msgspec.to_builtins(metrics), output_hash=None, duration_ms=0.0
    )
    return [init_event(name, side, config), sketch(nav, name), *found, result]


def _or_none(value: object) -> Any:  # noqa: ANN401 - of any field
    """Return a value of a table as an event holds it: None if it is NaN."""
    return None if isinstance(value, float) and math.isnan(value) else value


def log_compilation(session: Session, seconds: float | None) -> None:
    """Write a log line if numba had to compile first, which happens once per machine and version."""
    if seconds is not None:
        context = msgspec.json.encode({"compile_s": seconds})
        session.write("DEBUG", f"compiled the ITH kernel in {seconds:.1f} s", context, component="ith")


def epochs_digest(table: pd.DataFrame) -> str:
    """Return the digest of a table of epochs: its columns of numbers in order, 64 bits per value, little-endian."""
    digest = hashlib.sha256()
    for name in table.columns:
        kind = table[name].dtype.kind
        if kind in "if":
            digest.update(np.ascontiguousarray(table[name].to_numpy(), dtype=f"<{kind}8").data)
    return "sha256:" + digest.hexdigest()


def _constant_or_column(table: pd.DataFrame, name: str) -> object:
    """Return a column; if it is the same in every row, the one value, which is much cheaper to write."""
    if name in ("series", "position_type"):
        return table[name].iloc[0]
    return None if table[name].isna().all() and table[name].dtype == object else table[name]
