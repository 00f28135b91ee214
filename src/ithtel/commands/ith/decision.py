"""`log_decision`: record a decision with what was known when it was made."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ithtel.commands.ith.result import Analysis, SideAnalysis
from ithtel.commands.session.start import running_session
from ithtel.errors import InputError
from ithtel.events import (
    DecisionFeatures,
    DecisionSnapshot,
    DecisionThresholds,
)
from ithtel.events.values import to_json_value

if TYPE_CHECKING:
    from ithtel.events import Json


S = TypeVar("S", bound=msgspec.Struct)


def log_decision(
    decision_id: str,
    features: Analysis | Mapping[str, Any],
    thresholds: Mapping[str, Any] | None = None,
    action: Mapping[str, Any] | None = None,
    timestamp_ns: int | None = None,
) -> DecisionSnapshot:
    """Record a decision (`decision_snapshot`) with what was known when it was made; missing keys are null.

    Args:
        decision_id: Your name for it; `ithtel.attribute` shows it beside the epochs during which it was open.
        features: The `Analysis` that the decision rests on, from which features and thresholds are taken; or a mapping
            of `bull_ith_epochs`, `bear_ith_epochs`, `bull_cv`, `bear_cv`, `max_drawdown`, `max_runup`, `tmaeg`,
            `nav_at_decision`.
        thresholds: A mapping of `tmaeg_method`, `tmaeg_value`, `lookback`, `threshold_dbps`; it takes precedence over
            what is taken from an `Analysis`.
        action: The decision itself, a mapping of your own.
        timestamp_ns: The time of the decision in nanoseconds since 1970 (UTC); now if not given.

    Raises:
        InputError: A key is not a field of `decision_snapshot`, or an argument is not a mapping.

    Example:
        >>> import ithtel
        >>> analysis = ithtel.analyze([1, 1.06, 1, 1.12], hurdle=0.05)
        >>> made = ithtel.log_decision("enter-1", analysis, action={"size": 1})  # doctest: +SKIP
        >>> made.features_at_decision.bull_ith_epochs  # doctest: +SKIP
        2
    """
    given = {} if thresholds is None else thresholds
    if isinstance(features, Analysis):
        given = {**_thresholds_of(features), **given}
        features = features_of(features)
    _require_mapping(features, "features must be an Analysis or")
    _require_mapping(given, "thresholds must be")
    if action is not None:
        _require_mapping(action, "action must be")
    session = running_session()
    event = DecisionSnapshot(
        decision_id=decision_id,
        timestamp_ns=time.time_ns() if timestamp_ns is None else timestamp_ns,
        trace_id=session.trace_id,
        features_at_decision=_filled(DecisionFeatures, features),
        thresholds=_filled(DecisionThresholds, given),
        action=None if action is None else to_json_value(action),
    )
    session.emit(event)
    return event


def features_of(analysis: Analysis) -> Json:
    """Return the features of a decision from an analysis; those of a side that was not analysed are None."""
    bull, bear, values = analysis.bull, analysis.bear, analysis.nav.values
    return {
        "bull_ith_epochs": bull.n_epochs if bull else None,
        "bear_ith_epochs": bear.n_epochs if bear else None,
        "bull_cv": _finite(bull.intervals_cv) if bull else None,
        "bear_cv": _finite(bear.intervals_cv) if bear else None,
        "max_drawdown": _finite(bull.max_drawdown) if bull else None,
        "max_runup": _finite(bear.max_runup) if bear else None,
        "tmaeg": _finite(_leading(analysis).hurdle),
        "nav_at_decision": _finite(float(values[-1])) if len(values) else None,
    }


def _thresholds_of(analysis: Analysis) -> Json:
    side = _leading(analysis)
    _, _, window = side.hurdle_method.partition("rolling:")
    method = side.hurdle_method if isinstance(side.config["hurdle"], str) else "fixed"
    return {
        "tmaeg_method": method,
        "tmaeg_value": _finite(side.hurdle),
        "lookback": int(window) if window else None,
        "threshold_dbps": None,
    }


def _leading(analysis: Analysis) -> SideAnalysis:
    """Return the side whose hurdle is recorded: the bull, or the bear if only that was analysed."""
    side = analysis.bull or analysis.bear
    if side is None:
        raise InputError("the analysis has no side")
    return side


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _require_mapping(given: object, what: str) -> None:
    if not isinstance(given, Mapping):
        raise InputError(f"{what} a mapping, got {type(given).__name__}")


def _filled(struct: type[S], given: Mapping[str, Any]) -> S:
    unknown = given.keys() - set(struct.__struct_fields__)
    if unknown:
        raise InputError(f"unknown {', '.join(sorted(unknown))}; fields: {', '.join(struct.__struct_fields__)}")
    return struct(**{name: given.get(name) for name in struct.__struct_fields__})
