"""`Run`, `Runs`: the events of each run of an algorithm, joined."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ithtel.events import AlgorithmInit, AlgorithmResult, EpochDetected, SeriesSketch

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

RunEvent = AlgorithmInit | SeriesSketch | EpochDetected | AlgorithmResult
Origin = TypeVar("Origin")


@dataclass(eq=False)
class Run(Generic[Origin]):
    """One run of an algorithm, of which more may follow. `origin` is where it began: what that is, the reader decides.

    A run may hold epochs of both sides, because other programs write them that way.
    """

    origin: Origin
    init: AlgorithmInit | None = None
    sketch: SeriesSketch | None = None
    epochs: list[EpochDetected] = field(default_factory=list)
    result: AlgorithmResult | None = None

    @property
    def config(self) -> dict[str, Any]:
        """The settings of the run; empty if its beginning is not known."""
        return {} if self.init is None else self.init.config

    @property
    def metrics(self) -> dict[str, Any]:
        """The final metrics; empty if the run has not finished."""
        return {} if self.result is None else self.result.final_metrics

    def add(self, event: RunEvent) -> None:
        """Take in an event of this run."""
        match event:
            case AlgorithmInit():
                self.init = event
            case SeriesSketch():
                self.sketch = event
            case EpochDetected():
                self.epochs.append(event)
            case AlgorithmResult():
                self.result = event


class Runs(Generic[Origin]):
    """Joins the events of each run, event by event. A run is known by a key, such as a `RunKey`."""

    def __init__(self) -> None:
        self.runs: list[Run[Origin]] = []
        self._latest: dict[Hashable, Run[Origin]] = {}

    def add(self, event: RunEvent, key: Hashable, origin: Callable[[], Origin]) -> Run[Origin]:
        """Add an event and return its run. An `algorithm.init` begins a run; without one, the first event does."""
        run = None if isinstance(event, AlgorithmInit) else self._latest.get(key)
        if run is None:
            run = self._latest[key] = Run(origin())
            self.runs.append(run)
        run.add(event)
        return run
