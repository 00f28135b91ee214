"""What differs in every run is left out of a state."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

from ithtel.provenance.fp1.volatile import without_volatile


class Cached:
    value = 1

    @functools.cached_property
    def double(self) -> int:
        return 2 * self.value


def test_cached_properties_and_caches_are_left_out() -> None:
    """They are made of the rest."""
    assert {"value": 1} == without_volatile({"value": 1, "double": 2, "_cache": {}}, Cached)


def test_the_present_is_replaced() -> None:
    """A moment of this run, and the texts of the present time that summaries show."""
    now = dt.datetime.now()  # noqa: DTZ005 - as models keep it
    moments: dict[str, Any] = {"made": now, "time": f" {now:%H:%M:%S} ", "date": f"{now:%a, %d %b %Y}"}
    assert all(part != moments[name] for name, part in without_volatile(moments, Cached).items())


def test_other_moments_are_data() -> None:
    """Of another day, or without a clock's form."""
    moments = {"made": dt.datetime(2020, 1, 1), "date": "Wed, 01 Jan 2020", "text": "12", "later": "a, b"}  # noqa: DTZ001
    assert moments == without_volatile(moments, Cached)


def test_durations_are_left_out() -> None:
    """Of a state, and of a table of results in it."""
    state = {"refit_time_": 0.1, "cv_results_": {"mean_fit_time": [0.1], "mean_score": [1.0]}}
    assert {"cv_results_": {"mean_score": [1.0]}} == without_volatile(state, Cached)


def test_names_of_a_package_count_elsewhere() -> None:
    """`uuid` of pandas' Styler is random; in a class of the user's it is data."""
    assert {"uuid": "ab"} == without_volatile({"uuid": "ab"}, Cached)


def test_a_state_that_is_not_a_dict_stays() -> None:
    """A tuple that a class gives to pickle."""
    assert (1, 2) == without_volatile((1, 2), Cached)
