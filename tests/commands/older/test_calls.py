"""The quick starts of the older system run; only the import changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

import ithtel
from ithtel.errors import InputError

LOG = Path("logs/ndjson/script.jsonl")


def test_the_whole_quick_start_runs() -> None:
    """Load, init, epochs, result and decision are recorded in a session `script` that starts by itself."""
    ithtel.log_data_load(source="synthetic:student_t5", rows=500, columns=["Date", "NAV"])
    run_id = ithtel.log_algorithm_init("bull_ith", "1.0", {"hurdle": 0.05}, input_hash="sha256:" + "0" * 64)
    ithtel.log_epoch_detected(epoch_index=1, bar_index=7, excess_gain=0.06, excess_loss=0.01, position_type="bull")
    ithtel.log_algorithm_result("bull_ith", {"n_epochs": 1})
    ithtel.log_decision("d1", {"bull_ith_epochs": 1}, {"tmaeg_value": 0.05}, action={"size": 1})
    log = ithtel.read(LOG)
    assert [] == log.problems
    assert {run_id} == {event.run_id for event in log.events(ithtel.events.EpochDetected)}
    assert {run_id} == {event.run_id for event in log.events(ithtel.events.AlgorithmResult)}
    assert [500] == [event.row_count for event in log.events(ithtel.events.DataLoad)]
    assert [1] == [event.features_at_decision.bull_ith_epochs for event in log.events(ithtel.events.DecisionSnapshot)]


def test_a_fingerprint_is_a_mapping() -> None:
    """It has the older keys."""
    found = ithtel.fingerprint_array(np.array([1.0, np.nan, 3.0]), "nav")
    assert isinstance(found, Mapping)
    assert ("nav", [3], "float64", [1.0, 3.0], 1) == tuple(
        found[k] for k in ("name", "shape", "dtype", "range", "n_nans")
    )
    assert {"sha256", "checksum_first_10"} <= found.keys()


def test_the_random_state_is_a_mapping_that_restores() -> None:
    """`numpy_seed` and `numpy_state_hash` are in it."""
    before = ithtel.capture_random_state()
    assert {"numpy_seed", "numpy_state_hash"} <= set(before)
    first = np.random.random()  # noqa: NPY002
    ithtel.restore_random_state(before)
    assert first == np.random.random()  # noqa: NPY002


def test_a_logger_is_bound_to_its_component() -> None:
    """Its messages are recorded in the session, under the name of the component."""
    ithtel.setup_ndjson_logger("bear_ith").info("hello")
    assert [("hello", "bear_ith")] == [
        (record.envelope.msg, record.envelope.component) for record in ithtel.read(LOG) if record.event is None
    ]


def test_a_trace_id_can_be_shared() -> None:
    """Lines carry the id that was set; anything but 32 digits is refused."""
    ithtel.set_trace_id("0123456789abcdef" * 2)
    assert "0123456789abcdef" * 2 == ithtel.get_trace_id()
    with pytest.raises(InputError, match="a trace id must be 32 hexadecimal digits"):
        ithtel.set_trace_id("xyz")


def test_an_unknown_field_of_an_epoch_is_named() -> None:
    """The message lists the fields of the event."""
    with pytest.raises(InputError, match="fields: run_id"):
        ithtel.log_epoch_detected(1, 7, 0.06, 0.01, gain=1)
    with pytest.raises(InputError, match="unknown epochs; fields: bull_ith_epochs"):
        ithtel.log_decision("d1", {"epochs": 1}, {})


def test_the_first_and_second_names_mean_the_same() -> None:
    """`source` is `source_path`, `rows` is `row_count`, `columns` is `column_count`."""
    one = ithtel.log_data_load("a.csv", rows=3, columns=2)
    two = ithtel.log_data_load(source_path="a.csv", row_count=3, column_count=2)
    assert one == two
    with pytest.raises(InputError, match="requires source"):
        ithtel.log_data_load()
