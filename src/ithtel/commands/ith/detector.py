"""`EpochDetector`: finds and records the epochs of a live series as its bars arrive."""

from __future__ import annotations

import weakref
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from ithtel.commands.ith.analyze import epoch_frame
from ithtel.commands.ith.nav import checked_times, times_from
from ithtel.commands.ith.recorded_run import Run
from ithtel.errors import InputError
from ithtel.events import EpochDetected
from ithtel.ith.check import as_floats
from ithtel.ith.detector import Detector
from ithtel.ith.hurdles import DEFAULT_FLOOR, parse_hurdle
from ithtel.ith.nav import DEFAULT_NAME
from ithtel.recording.process import current

if TYPE_CHECKING:
    from types import TracebackType

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from ithtel.commands.ith.nav import Times
    from ithtel.events import Json
    from ithtel.ith import epochs as machine
    from ithtel.ith.check import OnBad, Side
    from ithtel.ith.epochs import EpochTable, MachineState

    Floats = NDArray[np.float64]

Epoch = EpochDetected
"""An epoch: the event `epoch_detected`."""


class EpochDetector:
    """One side of one series, fed bar by bar or in pieces; the epochs are those of `analyze`, to the bit.

    If a session is running, `algorithm.init` is written now, `epoch_detected` as each epoch happens, and
    `algorithm.result` by `finish`, at the end of a `with` block or of the session. A detector can be pickled; the copy
    continues from the same state, as a new run of the session that is current there. Its size does not depend on the
    number of bars (`rolling:w` keeps three numbers for each of w bars).

    Args:
        side: `bull` or `bear`.
        hurdle: A hurdle that looks only back: a ratio such as 0.05, `expanding`, or `rolling:250`.
        series: The name of the series in the log.
        floor: The lowest value of an `expanding` or `rolling` hurdle.
        on_bad: `raise` refuses NaN, infinite, zero and negative bars and leaves the detector unchanged; `reference`
            treats them as the reference kernels do.

    Raises:
        InputError: The side or the hurdle is unknown, or the hurdle looks into the future (`mdd`, `geomean`).

    Example:
        >>> import ithtel
        >>> detector = ithtel.EpochDetector("bull", 0.05)
        >>> [epoch.bar_index for nav in (1, 1.06, 1, 1.12) if (epoch := detector.update(nav))]
        [1, 3]
    """

    def __init__(
        self,
        side: Side,
        hurdle: str | float,
        *,
        series: str = DEFAULT_NAME,
        floor: float = DEFAULT_FLOOR,
        on_bad: OnBad = "raise",
    ) -> None:
        self.side, self.series = side, series
        self._hurdle = parse_hurdle(hurdle, floor=floor)
        self._on_bad = on_bad
        self._detector = Detector(side=side, hurdle=self._hurdle, on_bad=on_bad)
        self._times: list[pd.Timestamp | None] = [None, None]
        self._navs: list[float | None] = [None, None]
        self._last_epoch: tuple[int, float] | None = None
        self._run: Run | None = None
        self._begin()

    @property
    def n_bars(self) -> int:
        """The number of bars fed so far."""
        return self._detector.n_bars

    @property
    def n_epochs(self) -> int:
        """The number of epochs so far."""
        return self._detector.n_epochs

    @property
    def state(self) -> MachineState | None:
        """The state of the machine after the last bar, None before the first."""
        return self._detector.state

    @property
    def run_id(self) -> str | None:
        """The id of this run in the log, None if nothing is recorded."""
        return None if self._run is None else self._run.run_id

    def update(self, value: float, timestamp: Any = None) -> Epoch | None:  # noqa: ANN401 - anything pandas takes
        """Feed one bar; return its epoch, or None if the bar is not an epoch.

        Args:
            value: The NAV of the bar.
            timestamp: The time of the bar, later than the last one: a datetime, a string, or anything else that
                `pandas.Timestamp` takes.

        Raises:
            InputError: The value or its time cannot be used; the detector is unchanged.
        """
        values = as_floats([value], name="NAV")
        found, times = self._feed(values, None if timestamp is None else [timestamp])
        if not len(found):
            return None
        epoch = self._epoch(found[0], None if times is None else times[0].isoformat())
        if self._run is not None:
            self._run.epoch(epoch)
        return epoch

    def update_many(self, nav: ArrayLike | pd.Series, timestamps: Times | None = None) -> pd.DataFrame:
        """Feed bars in order; return their epochs as `Analysis.epochs` does, with bars counted from the first ever fed.

        Args:
            nav: Shape (n,); the times of a Series with a DatetimeIndex are used.
            timestamps: The time of each bar, shape (n,), increasing and later than the last one.

        Raises:
            InputError: As `update`; then none of the bars has been fed.
        """
        if timestamps is None and isinstance(nav, pd.Series) and isinstance(nav.index, pd.DatetimeIndex):
            timestamps = nav.index
        values, first_bar = as_floats(nav, name="NAV"), self.n_bars
        found, times = self._feed(values, timestamps)
        table = epoch_frame(found, self.side, series=self.series, times=times, first_bar=first_bar)
        table["epoch_index"] += self.n_epochs - len(table)
        if self._run is not None:
            self._run.epochs(table)
        return table

    def finish(self) -> None:
        """Write `algorithm.result` for the bars fed so far; do nothing without a session, or if called again."""
        run, self._run = self._run, None
        if run is not None and run.is_open:
            run.result(self._metrics(), output_hash=None, duration_ms=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.finish()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_run": None}

    def __repr__(self) -> str:
        return f"<EpochDetector {self.side}, hurdle {self._hurdle}: {self.n_epochs} epochs in {self.n_bars} bars>"

    def _feed(self, values: Floats, timestamps: Times | None) -> tuple[EpochTable, pd.DatetimeIndex | None]:
        times, before = self._checked_times(timestamps, len(values)), self.n_bars
        found = self._detector.feed(values)
        if self._run is None or not self._run.is_open:
            self._begin(before)
        if len(values):
            self._remember(values, times)
        if len(found):
            self._last_epoch = int(found.bar_index[-1]), float(found.nav[-1])
        return found, times

    def _epoch(self, found: machine.Epoch, timestamp: str | None) -> Epoch:
        return EpochDetected(
            run_id=self.run_id,
            series=self.series,
            epoch_index=self.n_epochs,
            bar_index=found.bar_index,
            timestamp=timestamp,
            position_type=self.side,
            excess_gain=found.excess_gain,
            excess_loss=found.excess_loss,
            endorsing_crest=found.endorsing_crest,
            candidate_nadir=found.candidate_nadir,
            tmaeg_threshold=found.hurdle,
            nav_at_epoch=found.nav,
            worst_drawdown=found.worst_drawdown,
        )

    def _checked_times(self, timestamps: Times | None, n_bars: int) -> pd.DatetimeIndex | None:
        if timestamps is None:
            return None
        times = checked_times(times_from(timestamps, n_bars), first_bar=self.n_bars)
        last = self._times[1]
        if last is None or not len(times):
            return times
        try:
            is_later = times[0] > last
        except TypeError:
            raise InputError("timestamps: some have a time zone and some have none; give all one") from None
        if not is_later:
            before = f"the bar before at {last.isoformat()}"
            raise InputError(f"bar {self.n_bars} is at {times[0].isoformat()}, {before}: times must increase")
        return times

    def _remember(self, values: Floats, times: pd.DatetimeIndex | None) -> None:
        first, last = float(values[0]), float(values[-1])
        began, ended = (None, None) if times is None else (times[0], times[-1])
        is_first = self.n_bars == len(values)
        self._navs = [first if is_first else self._navs[0], last]
        self._times = [began if is_first else self._times[0], ended or self._times[1]]

    def _begin(self, n_bars: int = 0) -> None:
        """Write `algorithm.init` if a session is running; a later one has the bar at which the detector continues."""
        session = current()
        if session is None:
            self._run = None
            return
        config: Json = {"side": self.side, "hurdle": self._hurdle.value, "on_bad": self._on_bad, "uses_future": False}
        if self._hurdle.is_causal:
            config |= {"hurdle": str(self._hurdle), "floor": self._hurdle.floor}
        config |= {"is_live": True, "series": self.series}
        if n_bars:
            bar, nav = self._last_epoch or (0, self._navs[0])
            config |= {"first_bar": n_bars, "from_bar": bar, "from_nav": nav}
        self._run = Run.begin(session, self.side, config, input_hash=None)
        session.on_close(partial(_finish, weakref.ref(self)))

    def _metrics(self) -> Json:
        state, (began, ended) = self.state, self._times
        return {
            "n_bars": self.n_bars,
            "first_nav": self._navs[0],
            "last_nav": self._navs[1],
            "first_time": None if began is None else began.isoformat(),
            "last_time": None if ended is None else ended.isoformat(),
            "n_epochs": self.n_epochs,
            "hurdle": self._hurdle.value,
            "points_to_epoch": (self.n_bars - 1) / self.n_epochs if self.n_epochs else None,
            "open_worst_drawdown": None if state is None else state.worst_drawdown,
        }


def _finish(reference: weakref.ref[EpochDetector]) -> None:
    detector = reference()
    if detector is not None:
        detector.finish()
