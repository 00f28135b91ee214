"""What a private session writes: values are planted in every field of every event, and few may stay."""

from __future__ import annotations

import itertools
import json
import re
import types
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import numpy as np
import pytest

import ithtel
from ithtel.events import (
    EVENTS,
    AlgorithmInit,
    ArrayFingerprint,
    EpochDetected,
    HypothesisResult,
    IthStep,
    LogSeal,
    event_type,
)
from ithtel.recording.secrets.private_mode import Privacy
from ithtel.testing import capture_events

if TYPE_CHECKING:
    from ithtel.events import Event

KEPT = {
    # how the session was started, in which surroundings; its own digests
    "session.start": "*", "environment.changed": "*", "git.state": "*", "module.loaded": "*", "session.end": "*",
    "log.seal": "*", "recording.paused": "*", "recording.resumed": "*", "recording.loss": "*", "profile.recorded": "*",
    # what the user writes, and random state
    "note": "*", "seed.set": "*", "rng.state": "*", "entropy.request": "*",
    "external.contact": "execution_count kind count",
    "input.answer": "execution_count",
    "http.answer": "execution_count method status size_bytes",
    # names of variables and files, order, sizes, times
    "cell.prior": "execution_count",
    "cell.start": "cell_id execution_count",
    "cell.output": "execution_count kind mime.key mime.size_bytes",
    "cell.end": "cell_id execution_count status duration_ms cpu_ms overhead_ms reads writes deletes mutates rng_used"
                " skipped.key error.ename",
    "hazard": "*",
    "data.load": "source_path size_bytes row_count column_count",
    "file.read": "path size_bytes mtime_ns",
    "file.write": "path size_bytes mtime_ns reason existed made_folder",
    "array.fingerprint": "name shape dtype n_nans size_bytes sampled",
    "frame.fingerprint": "name shape index.shape index.dtype index.n_nans index.size_bytes index.sampled columns.shape"
                         " columns.dtype columns.n_nans columns.size_bytes columns.sampled",
    "object.fingerprint": "name type",
    # results of analyses and tests
    "algorithm.init": "run_id algorithm_name version random_seed config.key config",
    "series.sketch": "run_id n_bars bars_per_bucket",
    "algorithm.result": "run_id algorithm_name final_metrics.key final_metrics duration_ms",
    "epoch_detected": "run_id epoch_index bar_index position_type excess_gain excess_loss tmaeg_threshold"
                      " worst_drawdown",
    "ith_step": "run_id bar_index is_reset is_epoch position_type",
    "decision_snapshot": "decision_id timestamp_ns trace_id action.key action"
                         " features_at_decision.bull_ith_epochs features_at_decision.bear_ith_epochs"
                         " features_at_decision.bull_cv features_at_decision.bear_cv features_at_decision.max_drawdown"
                         " features_at_decision.max_runup features_at_decision.tmaeg"
                         " thresholds.tmaeg_method thresholds.tmaeg_value thresholds.lookback"
                         " thresholds.threshold_dbps",
}  # fmt: skip
RESULT = "hypothesis_id test_name statistic p_value effect_size alpha decision n_samples n_dropped"
DETAILS = {
    "shapiro_wilk_result": "n_used subset_seed classification",
    "beta_fit_result": "n_used subset_seed n_clipped n_bootstrap",
    "ad_test_result": "distribution known n_used subset_seed n_bootstrap",
    "mann_whitney_result": "n_x n_y n_effective_x n_effective_y p_value_effective is_p_value_optimistic",
    "cohens_d_result": "n_x n_y label_bounds",
    "cliffs_delta_result": "n_x n_y n_greater n_less n_ties label_bounds",
    "describe_result": "count n_nulls n_infinite skew excess_kurtosis n_outliers",
    "hurst_result": "estimator given n_increments scales rescaled_range rescaled_range_expected band_low band_high"
                    " band_source n_gaps",
    "regime_result": "estimator given lookback n_warmup n_trending n_mean_reverting n_random n_undefined hurst_min"
                     " hurst_median hurst_max band_low band_high band_source n_gaps segments.first_bar segments.n_bars"
                     " segments.label",
    "pca_result": "n_rows eigenvalues n_components_90 n_components_95 n_components_99 participation_ratio",
    "participation_ratio": "n_rows n_components_95",
    "vif_result": "n_rows vif ridge eigenvalue_min eigenvalue_max",
    "adf_result": "used_lag max_lag n_observations critical_values.key critical_values n_gaps",
    "acf_result": "lags acf lower upper half_life ljung_box_lags n_gaps",
    "correlation_result": "n_rows threshold rho p_values redundant_pairs.rho",
    "selection_result": "n_rows min_variance max_correlation dropped.cause",
}  # fmt: skip


class Planter:
    """Makes an event with a unique value in every field, and remembers where each value is."""

    def __init__(self) -> None:
        self.planted: dict[str, str] = {}
        self._numbers = itertools.count(10_007, 3)

    def event(self, kind: type[msgspec.Struct], path: str = "") -> Any:
        """Return an event, or a struct of one, whose fields are below `path`."""
        hints = get_type_hints(kind)
        fields = msgspec.structs.fields(kind)
        return kind(**{field.name: self.value(hints[field.name], f"{path}{field.name}") for field in fields})

    def value(self, kind: Any, path: str) -> Any:  # noqa: PLR0911 - a table, one line a type
        """Return a value of a type."""
        origin, arguments = get_origin(kind), get_args(kind)
        if origin in (Union, types.UnionType):
            return self.value(next(each for each in arguments if each is not type(None)), path)
        if origin is Literal:
            return arguments[0]
        if origin is list:
            return [self.value(arguments[0], path)]
        if origin is dict:
            return {self.value(str, f"{path}.key"): self.value(arguments[1], path)}
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self.event(kind, f"{path}.")
        if kind is bool:
            return True
        number = next(self._numbers)
        made = kind(number) if kind in (int, float) else f"planted{number}"
        self.planted[path] = str(made)
        return made


def left(line: bytes, planted: dict[str, str]) -> set[str]:
    """Return the fields whose planted values occur in a line."""
    text = line.decode()
    return {path for path, value in planted.items() if value in text}


def kept(kind: type[Event], planted: dict[str, str]) -> set[str]:
    """Return the planted values that may occur in the line of an event."""
    name = event_type(kind)
    if name == "hypothesis_result":
        return set(RESULT.split())
    if name in DETAILS:
        return {*RESULT.split(), *(f"details.{each}" for each in DETAILS[name].split())} & planted.keys()
    return set(planted) if KEPT[name] == "*" else set(KEPT[name].split()) & planted.keys()


@pytest.mark.parametrize("kind", EVENTS, ids=event_type)
def test_of_each_event_only_this_is_written(kind: type[Event]) -> None:
    """No text, value, column name or digest occurs in the context or in the message."""
    planter = Planter()
    event = planter.event(kind)
    with capture_events(private=True) as captured:
        captured.session.emit(event)
    assert kept(kind, planter.planted) == left(captured.sink.lines()[0], planter.planted)


@pytest.mark.parametrize("kind", EVENTS, ids=event_type)
def test_rows_of_a_table_say_no_more(kind: type[Event]) -> None:
    """`emit_many` withholds what `emit` does, in columns and in constants."""
    planter = Planter()
    event = planter.event(kind)
    fields = {name: getattr(event, name) for name in kind.__struct_fields__}
    with capture_events(private=True) as captured:
        captured.session.emit_many(kind, {name: [value, value] for name, value in fields.items()})
        captured.session.emit_many(
            kind,
            {name: [value] if isinstance(value, list) or name in FIRST else value for name, value in fields.items()},
        )
    lines = captured.sink.lines()
    assert 3 == len(lines)
    assert [kept(kind, planter.planted)] * 3 == [left(line, planter.planted) for line in lines]


FIRST = {"bar_index", *(kind.__struct_fields__[0] for kind in EVENTS)}


@pytest.mark.parametrize("kind", [kind for kind in EVENTS if kind is not LogSeal], ids=event_type)
def test_what_is_left_is_still_the_event(kind: type[Event]) -> None:
    """The line can still be decoded."""
    event = Planter().event(kind)
    with capture_events(private=True) as captured:
        captured.session.emit(event)
    assert [kind] == [type(each) for each in captured.events()]


def test_rows_are_what_their_events_are() -> None:
    """The same lines from `emit_many` as from `emit`, digests and names with the session's own key."""
    steps = {"nav": [1.5, 2.5], "excess_gain": [0.25, 0.5], "excess_loss": [0.125, 0.0625]}
    fixed = {"run_id": "bull-1", "endorsing_crest": 3.5, "candidate_crest": 4.5, "candidate_nadir": 5.5, "hurdle": 6.5}
    fixed |= {"is_reset": False, "is_epoch": True, "position_type": "bull"}
    with capture_events(private=True) as captured:
        for bar in range(2):
            row = {name: values[bar] for name, values in steps.items()}
            captured.session.emit(IthStep(bar_index=bar, **fixed, **row))
        captured.session.emit_many(IthStep, {"bar_index": np.arange(2), **fixed, **steps})
        epochs = {"epoch_index": [1, 2], "bar_index": [1, 1], "excess_gain": 0.5, "excess_loss": 0.5, "series": "pay"}
        captured.session.emit_many(EpochDetected, epochs)
        captured.session.emit(EpochDetected(epoch_index=1, bar_index=1, excess_gain=0.5, excess_loss=0.5, series="pay"))
    contexts = [json.loads(line)["context"] for line in captured.sink.lines()]
    assert contexts[:2] == contexts[2:4]
    assert contexts[4] == contexts[6]


def test_an_analysis_with_every_bar_says_no_value() -> None:
    """Neither the values of the NAV nor its name nor its dates are written."""
    nav = ithtel.datasets.google().rename("salary").head(500)
    with capture_events(private=True) as captured:
        ithtel.analyze(nav, side="both", trace=True)
    lines = b"".join(captured.sink.lines()).decode()
    text = re.sub(r'"duration_ms":[^,}]+', "", lines)  # 1106.02 ms contains the digits of a value 106.0
    times = [time.date().isoformat() for time in nav.index]
    assert [] == [value for value in map(repr, nav.tolist()) if value in text]
    assert "salary" not in text
    assert [] == [time for time in times if f'"{time}' in text]


def test_the_columns_of_a_structured_array_have_other_names() -> None:
    """The names in its dtype are replaced, and the kinds stay."""
    with capture_events(private=True) as captured:
        captured.session.emit(ithtel.fingerprint(np.zeros(2, [("salary", "f8"), ('a"b', "U3")]), "x"))
    (event,) = captured.events(ArrayFingerprint)
    assert "salary" not in event.dtype
    assert 'a\\"b' not in event.dtype
    assert event.dtype.endswith(":U3}")


def test_a_name_is_the_same_wherever_it_stands() -> None:
    """Results about one column can be distinguished from results about another."""
    import pandas as pd

    frame = pd.DataFrame({"pay": [1.0, 2.0, 4.0], "age": [3.0, 5.0, 4.0]})
    with capture_events(private=True) as captured:
        captured.session.emit(ithtel.fingerprint(frame, "frame"))
        ithtel.stats.describe(frame["pay"])
    (table, described) = (record.event for record in captured.records)
    assert described.subject == next(iter(table.columns))
    assert described.subject.startswith("column ")


def test_the_users_own_name_of_a_hypothesis_stays() -> None:
    """The digest in a generated id is keyed."""
    with capture_events(private=True) as captured:
        ithtel.stats.log_hypothesis_result("my idea", "t_test", 2.1, 0.04, "different")
        ithtel.stats.log_hypothesis_result(None, "t_test", 2.1, 0.04, "different")
    mine, made = captured.events(HypothesisResult)
    plain = ithtel.stats.log_hypothesis_result(None, "t_test", 2.1, 0.04, "different").hypothesis_id
    assert "my idea" == mine.hypothesis_id
    assert ("t_test", 16) == (made.hypothesis_id.partition(":")[0], len(made.hypothesis_id.partition(":")[2]))
    assert plain != made.hypothesis_id


def test_a_live_detector_does_not_say_where_it_began() -> None:
    """The level and the name of the series in its configuration are withheld."""
    with capture_events(private=True) as captured:
        ithtel.EpochDetector("bull", hurdle=0.05, series="salary").update(54321.5)
    (begun,) = captured.events(AlgorithmInit)
    assert begun.config["series"].startswith("column ")
    assert "54321" not in str(begun.config)


def test_a_failure_of_recording_does_not_repeat_what_it_was_told() -> None:
    """Only the type of the error stays."""
    with capture_events(private=True) as captured:
        captured.session.count_loss("ValueError: salary 54321")
        captured.session.emit(ithtel.events.Note(text="on"))
    text = b"".join(captured.sink.lines()).decode()
    assert "ValueError" in text
    assert "54321" not in text


def test_nothing_is_made_of_nothing() -> None:
    """A field that was absent stays absent."""
    assert Privacy(b"k").event(EpochDetected(epoch_index=1, bar_index=1, excess_gain=1.0, excess_loss=1.0)) == (
        EpochDetected(epoch_index=1, bar_index=1, excess_gain=1.0, excess_loss=1.0)
    )
