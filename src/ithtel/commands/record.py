"""An analysis on record: what began, what was found, what it came to, all under one run id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from ithtel.commands.series import Nav, sketch
from ithtel.events import AlgorithmInit, AlgorithmResult, EpochDetected, IthMetrics
from ithtel.events.values import canonical_digest
from ithtel.version import __version__

if TYPE_CHECKING:
    from ithtel.commands.analysis import SideAnalysis
    from ithtel.events import Json
    from ithtel.ith.check import Side
    from ithtel.recording.session import Session


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of the machine over one series, as a session sees it."""

    session: Session
    nav: Nav
    side: Side
    run_id: str

    @classmethod
    def begin(cls, session: Session, nav: Nav, side: Side, config: Json) -> Run:
        """Write `algorithm.init`, before anything is computed."""
        run = cls(session=session, nav=nav, side=side, run_id=session.new_run_id(side))
        event = AlgorithmInit(
            run_id=run.run_id,
            algorithm_name=run.component,
            version=__version__,
            random_seed=session.provenance.random_seed,
            config=config,
            config_hash=canonical_digest(config),
            input_hash=nav.digest(),
        )
        session.emit(event, component=run.component)
        return run

    @property
    def component(self) -> str:
        """Who emits: `bull_ith` or `bear_ith`."""
        return f"{self.side}_ith"

    def finish(self, analysis: SideAnalysis, *, duration_ms: float) -> None:
        """Write the sketch of the series, each epoch, and the result."""
        self.session.emit(sketch(self.nav, self.run_id), component=self.component)
        rows = analysis.epochs.to_dict("records")
        for row in rows:
            fields = {str(name): value for name, value in row.items()}
            self.session.emit(EpochDetected(run_id=self.run_id, **fields), component=self.component)
        result = AlgorithmResult(
            run_id=self.run_id,
            algorithm_name=self.component,
            final_metrics=msgspec.to_builtins(metrics(self.nav, analysis)),
            output_hash=canonical_digest(rows),
            duration_ms=duration_ms,
        )
        self.session.emit(result, component=self.component)


def metrics(nav: Nav, analysis: SideAnalysis) -> IthMetrics:
    """Return what an analysis came to, as the record has it."""
    n = len(nav.values)
    fitness = analysis.fitness
    return IthMetrics(
        n_bars=n,
        first_nav=float(nav.values[0]) if n else None,
        last_nav=float(nav.values[-1]) if n else None,
        first_time=nav.time(0) if n else None,
        last_time=nav.time(-1) if n else None,
        n_epochs=analysis.n_epochs,
        hurdle=analysis.hurdle,
        intervals_cv=fitness.intervals_cv,
        aggregate_cv=fitness.aggregate_cv,
        points_to_epoch=fitness.points_to_epoch,
        recent_3_bars=fitness.recent_3_bars,
        sharpe=analysis.sharpe,
        sharpe_reason=fitness.sharpe_reason,
        is_qualified=fitness.qualification.qualified,
        max_drawdown=analysis.max_drawdown,
        max_runup=analysis.max_runup,
    )
