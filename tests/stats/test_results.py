"""What holds for every test: defined on any input, the same in its line, pure, recorded once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ithtel.stats
from examples import share
from ithtel import stats
from ithtel.errors import MissingPackageError
from ithtel.events import EVENTS, SECTIONS, StatisticalResult, decode_event, event_type

if TYPE_CHECKING:
    from collections.abc import Callable


def columns(values: list[float]) -> dict[str, list[float]]:
    """Return a table that has the values, their mirror image, themselves again and a constant."""
    return {"a": values, "b": values[::-1], "again": values, "k": [1.0] * len(values)}


TESTS: dict[str, Callable[[list[float]], StatisticalResult]] = {
    "shapiro_wilk_result": stats.shapiro_wilk,
    "beta_fit_result": lambda x: stats.beta_fit(x, rng=np.random.default_rng(1)),
    "ad_test_result": lambda x: stats.anderson_darling(x, rng=np.random.default_rng(1)),
    "describe_result": stats.describe,
    "mann_whitney_result": lambda x: stats.mann_whitney(x * 3, x),
    "cohens_d_result": lambda x: stats.cohens_d(x, [0.0, *x]),
    "cliffs_delta_result": lambda x: stats.cliffs_delta(x, [0.0, *x]),
    "hurst_result": lambda x: stats.hurst(x * 22, given="increments"),
    "regime_result": lambda x: stats.regimes(x * 22, lookback=250, given="increments"),
    "pca_result": lambda x: stats.pca(columns(x)),
    "participation_ratio": lambda x: stats.participation_ratio(columns(x)),
    "vif_result": lambda x: stats.ridge_vif(columns(x)),
    "adf_result": lambda x: stats.adf(x * 2),
    "acf_result": lambda x: stats.acf(x * 2),
    "correlation_result": lambda x: stats.spearman(columns(x)),
    "selection_result": lambda x: stats.select(columns(x)),
    "hypothesis_result": lambda x: stats.log_hypothesis_result(
        test_name="mine", decision="d", statistic=x[0] if x else None, sample=x, context={"x": x}
    ),
}
BASIC = np.random.default_rng(3).normal(size=12).tolist()
every_test = pytest.mark.parametrize("name", TESTS)


def check(result: StatisticalResult) -> StatisticalResult:
    """Check what every event must be."""
    line = msgspec.json.encode(result)
    assert decode_event(msgspec.Raw(line)) == result
    assert b"NaN" not in line
    assert b"Infinity" not in line
    assert (result.reason is not None) == (not result.is_tested)
    assert (result.details is None) == (not result.is_tested)
    fields = msgspec.json.decode(line)
    assert {"statistic", "p_value", "effect_size", "alpha", "decision", "subject", "details"} <= fields.keys()
    assert result.subject in result.sentence()
    return result


def test_every_event_of_statistics_is_tested_here() -> None:
    """And published."""
    assert [event_type(event) for event in SECTIONS["Statistics"]] == sorted(
        TESTS, key=[event_type(e) for e in EVENTS].index
    )


@every_test
def test_any_number_of_values_is_defined(name: str) -> None:
    """Of 0 … 12 values: a result, or the reason why not; ties and duplicates too."""
    for n in range(13):
        check(TESTS[name](BASIC[:n]))
        check(TESTS[name]([1.0, 2.0, 2.0, 1.0][: n % 5] * (n // 3)))


@pytest.mark.parametrize(
    "values",
    [
        [0.5] * 12,
        [0.1 + 0.2, 0.3] * 6,
        [float("nan")] * 12,
        [float("nan"), *BASIC],
        [float("inf"), *BASIC],
        [float("-inf"), float("inf"), *BASIC],
        [1e308, -1e308, *BASIC],
        [x * 1e-200 for x in BASIC],
        [x * 1e90 for x in BASIC],
        [x + 1e9 for x in BASIC],
        [0.0, 1.0] * 6,
        list(map(float, range(12))),
    ],
    ids=["constant", "rounding", "nan", "a_nan", "inf", "infs", "huge", "tiny", "large", "offset", "binary", "line"],
)
def test_awkward_values_are_defined(values: list[float]) -> None:
    """Constant, NaN, infinite, huge, tiny: never an exception, never a warning, never NaN."""
    for test in TESTS.values():
        check(test(values))


@every_test
@settings(max_examples=share(15), deadline=None)
@given(st.lists(st.floats(allow_subnormal=True), max_size=14))
def test_any_values_are_defined(name: str, values: list[float]) -> None:
    """Any of them."""
    check(TESTS[name](values))


@every_test
def test_the_same_data_gives_the_same_event(name: str) -> None:
    """Tests are pure: the second result equals the first."""
    assert TESTS[name](BASIC) == TESTS[name](list(BASIC))


@every_test
def test_other_data_has_another_id_and_hash(name: str) -> None:
    """One value changed."""
    one, other = TESTS[name](BASIC), TESTS[name]([*BASIC[:-1], 9.0])
    assert one.hypothesis_id != other.hypothesis_id
    assert one.input_hash != other.input_hash


@every_test
def test_arguments_are_not_changed(name: str) -> None:
    """Not even with NaN in them."""
    values = [float("nan"), *BASIC]
    before = list(map(repr, values))
    TESTS[name](values)
    assert list(map(repr, values)) == before


def test_a_series_of_any_index_is_its_values() -> None:
    """Tests go by position."""
    series = pd.Series(BASIC, index=range(12, 0, -1))
    assert stats.describe(series, subject="x") == stats.describe(BASIC, subject="x")


def test_a_running_session_records_each_result_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """`@recorded` emits what the function returns, under the name of the examination."""
    emitted: list[Any] = []
    from ithtel.recording import recorded

    monkeypatch.setattr(recorded, "emit", lambda event, component: emitted.append((component, event)))
    results = [test(BASIC) for test in TESTS.values()]
    assert [("statistical_examination", result) for result in results] == emitted


def test_signatures_and_docs_survive() -> None:
    """Every public function has a docstring with its source; every test has `subject` and `alpha`."""
    import inspect

    for name in ithtel.stats.__all__:
        value = getattr(stats, name)
        assert value.__doc__, name
        if event_type_of(value) is not None:
            assert {"alpha", "subject"} <= inspect.signature(value).parameters.keys(), name


def event_type_of(value: object) -> str | None:
    """Return what event a public function returns."""
    returned = str(getattr(value, "__annotations__", {}).get("return", ""))
    return next((e.__name__ for e in SECTIONS["Statistics"] if e.__name__ == returned), None)


def run(code: str) -> str:
    """Run `code` in another Python."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.kernel
def test_importing_stats_loads_nothing_heavy() -> None:
    """Names load when first used."""
    heavy = "{'numpy', 'scipy', 'pandas', 'numba', 'statsmodels', 'sklearn'}"
    assert run(f"import sys, ithtel.stats; print({heavy} & set(sys.modules))") == "set()"


@pytest.mark.kernel
def test_without_the_extra_only_what_needs_it_fails() -> None:
    """With the command that installs it."""
    code = """
import sys
sys.modules.update({"scipy": None, "scipy.stats": None, "statsmodels": None, "sklearn": None})
from ithtel import stats
from ithtel.errors import MissingPackageError
print(stats.describe([1, 2]).decision, stats.cliffs_delta([1], [2]).decision, stats.pca([[1, 2], [3, 5]]).decision)
for call in (lambda: stats.shapiro_wilk(range(20)), lambda: stats.adf([i * i % 7 for i in range(30)])):
    try:
        call()
    except MissingPackageError as error:
        print(error)
"""
    said = run(code).splitlines()
    assert said[0] == "described large_suspicious low_redundancy"
    assert ["pip install 'ithtel[stats]'" in line for line in said[1:]] == [True, True]


def test_a_missing_name_is_an_attribute_error() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="attribute shapiro"):
        _ = stats.shapiro  # type: ignore[attr-defined]
    assert "shapiro_wilk" in dir(stats)
    assert issubclass(MissingPackageError, ImportError)
