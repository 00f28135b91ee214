"""Events of trading: epochs, the state machine bar by bar, decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from ithtel.events.base import Event, Json, Number, Private

if TYPE_CHECKING:
    from collections.abc import Mapping

PositionType = Literal["bull", "bear"]
_REAL = frozenset({float, int})


class EpochDetected(Event, tag="epoch_detected", frozen=True, kw_only=True):
    """The gain of a series exceeded its loss and the hurdle. All fields are the kernel's own state before the reset.

    For a bear side, `endorsing_crest` holds the endorsing trough and `candidate_nadir` the candidate peak.
    """

    free_text: ClassVar[tuple[str, ...]] = ("series",)
    private: ClassVar[Private] = {
        "series": "renamed",
        "timestamp": "absent",
        "endorsing_crest": "absent",
        "candidate_nadir": "absent",
        "nav_at_epoch": "absent",
    }

    run_id: str | None = None
    series: str | None = None
    epoch_index: Annotated[int, Meta(description="from 1")]
    bar_index: Annotated[int, Meta(description="from 0")]
    timestamp: Annotated[str | None, Meta(description="of the bar, ISO 8601")] = None
    position_type: PositionType | None = None
    excess_gain: Number
    excess_loss: Number
    endorsing_crest: Annotated[float | None, Meta(description="the level from which the episode was measured")] = None
    candidate_nadir: Annotated[float | None, Meta(description="the most adverse value of the episode")] = None
    tmaeg_threshold: Annotated[float | None, Meta(description="the hurdle at this bar")] = None
    nav_at_epoch: float | None = None
    worst_drawdown: Annotated[float | None, Meta(description="since the last epoch; the runup for a bear side")] = None

    def sentence(self) -> str:
        """Report the epoch, its bar and its gain."""
        if self.position_type is not None and self.excess_gain is not None:  # nearly always: a third less time
            return f"{self.position_type} epoch {self.epoch_index} at bar {self.bar_index}, gain {self.excess_gain:.4f}"
        side = f"{self.position_type} " if self.position_type else ""
        gain = "not finite" if self.excess_gain is None else f"{self.excess_gain:.4f}"
        return f"{side}epoch {self.epoch_index} at bar {self.bar_index}, gain {gain}"

    @classmethod
    def sentences(cls, columns: Mapping[str, Any]) -> list[str]:
        """Return the sentence of each row of a table."""
        side = columns.get("position_type")
        parts = [columns["epoch_index"], columns["bar_index"], gains := columns["excess_gain"]]
        is_plain = side is None or isinstance(side, str)
        if not (is_plain and all(isinstance(part, list) for part in parts) and _REAL.issuperset(map(type, gains))):
            return super().sentences(columns)
        prefix = f"{side} " if side else ""
        rows = zip(*parts, strict=True)
        return [f"{prefix}epoch {epoch} at bar {bar}, gain {gain:.4f}" for epoch, bar, gain in rows]


class IthStep(Event, tag="ith_step", frozen=True, kw_only=True):
    """The state machine after one bar, recorded only on request."""

    level: ClassVar[str] = "DEBUG"
    is_payload: ClassVar[bool] = True
    private: ClassVar[Private] = {
        "nav": "absent",
        "excess_gain": "absent",
        "excess_loss": "absent",
        "endorsing_crest": "absent",
        "candidate_crest": "absent",
        "candidate_nadir": "absent",
        "hurdle": "absent",
    }

    run_id: str
    bar_index: int
    nav: Number
    excess_gain: Number
    excess_loss: Number
    endorsing_crest: Number
    candidate_crest: Number
    candidate_nadir: Number
    hurdle: Number
    is_reset: bool
    is_epoch: bool
    position_type: PositionType

    def sentence(self) -> str:
        """Name the bar."""
        return f"{self.position_type} step at bar {self.bar_index}"


class DecisionFeatures(msgspec.Struct, frozen=True, kw_only=True):
    """The data that was known when a decision was made."""

    private: ClassVar[Private] = {"nav_at_decision": "absent"}

    bull_ith_epochs: int | None
    bear_ith_epochs: int | None
    bull_cv: Number
    bear_cv: Number
    max_drawdown: Number
    max_runup: Number
    tmaeg: Number
    nav_at_decision: Number


class DecisionThresholds(msgspec.Struct, frozen=True, kw_only=True):
    """The thresholds that a decision was compared with."""

    tmaeg_method: str | None
    tmaeg_value: Number
    lookback: int | None
    threshold_dbps: Number


class DecisionSnapshot(Event, tag="decision_snapshot", frozen=True, kw_only=True):
    """A decision, with the data that was known when it was made."""

    free_text: ClassVar[tuple[str, ...]] = ("decision_id", "action")

    decision_id: str
    timestamp_ns: int
    trace_id: str
    features_at_decision: DecisionFeatures
    thresholds: DecisionThresholds
    action: Annotated[Json | None, Meta(description="the decision, in free form")] = None

    def sentence(self) -> str:
        """Name the decision."""
        return f"decision {self.decision_id}"
