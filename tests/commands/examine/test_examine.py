"""features, examine, ledger and log_hypothesis_result, as a user calls them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import ithtel
from ithtel import stats
from ithtel.errors import InputError, MissingPackageError
from ithtel.ith.features import rolling_features
from ithtel.stats.numerics import bootstrap
from navs import checked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.commands.examine.examine import Examination

RNG = np.random.default_rng(5)
NAV = pd.Series(
    100 * np.exp(RNG.normal(0, 0.01, 420).cumsum()), index=pd.date_range("2020-01-01", periods=420), name="FUND"
)
TABLE = pd.DataFrame({"a": RNG.normal(size=80), "b": RNG.beta(2, 3, 80), "flat": 1.0, "empty": np.nan})
PARTS = ["distribution", "regimes", "dimensionality", "temporal structure", "correlation across scales", "selection"]


@pytest.fixture(scope="module", autouse=True)
def _short_bootstraps() -> Iterator[None]:
    """Let a bootstrap take 19 samples instead of 999: no test here depends on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "SECOND", 19)
        yield


@pytest.fixture(scope="module")
def found() -> Examination:
    """A small examination with regimes."""
    return ithtel.examine(NAV, lookbacks=[20, 50], regime_lookback=250)


class TestFeatures:
    """`ithtel.features`."""

    def test_they_are_those_of_the_specification_with_the_index_of_the_nav(self) -> None:
        """Twelve columns a lookback."""
        frame = ithtel.features(NAV, lookbacks=[20, 50])
        assert NAV.index.equals(frame.index)
        expected = rolling_features(checked(NAV.to_numpy()), lookbacks=[20, 50])
        assert [*expected] == [*frame.columns]
        assert 24 == frame.shape[1]
        for name, column in expected.items():
            np.testing.assert_array_equal(column, frame[name])
        assert frame.iloc[:19].isna().all(axis=None)

    def test_the_default_lookbacks(self) -> None:
        """20, 50, 100, 200, 500."""
        lookbacks = {int(re.findall(r"lb(\d+)", name)[0]) for name in ithtel.features(np.arange(1.0, 600.0))}
        assert {20, 50, 100, 200, 500} == lookbacks

    def test_one_lookback_a_frame_of_one_column_and_range_bars(self) -> None:
        """All of these name columns as the specification does."""
        frame = ithtel.features(NAV.to_frame(), 20, threshold=250)
        assert "ith_rb250_lb20_bull_ed" in frame.columns

    @pytest.mark.parametrize("wrong", [[420], [1], [], [20, 20]])
    def test_an_impossible_lookback_is_an_error(self, wrong: list[int]) -> None:
        """Not silence."""
        with pytest.raises(InputError):
            ithtel.features(NAV, lookbacks=wrong)

    def test_several_series_are_an_error(self) -> None:
        """One at a time."""
        with pytest.raises(InputError, match="2 columns"):
            ithtel.features(pd.DataFrame({"a": NAV, "b": NAV}))


class TestExamine:
    """`ithtel.examine`."""

    def test_every_part_is_there(self, found: Examination) -> None:
        """Of the NAV, of each column, of all together."""
        made = {result.test_name for result in found.results}
        assert {"describe", "shapiro_wilk", "beta_fit", "hurst", "regimes", "mann_whitney", "pca", "ridge_vif", "adf",
                "participation_ratio", "acf", "spearman", "select"} <= made  # fmt: skip
        assert 16 == len(found.columns) == len(found.summary())
        assert not any(column.is_raw for column in found.columns)
        assert {"FUND bull_ed across lookbacks", "FUND all columns", "FUND returns"} <= set(found.tests()["subject"])

    def test_each_test_is_what_the_function_gives(self, found: Examination) -> None:
        """Nothing is worked out again by other code."""
        column = found.features["ith_lb20_max_dd"]
        assert stats.adf(column, subject="FUND ith_lb20_max_dd") in found.results
        assert stats.hurst(NAV, given="nav", subject="FUND NAV") in found.results

    @pytest.mark.slow
    def test_the_same_seed_gives_the_same_bytes(self, tmp_path: Path) -> None:
        """Of all three files; another seed another bootstrap."""
        one, two, other = (ithtel.examine(TABLE, seed=seed).save(tmp_path / str(i)) for i, seed in enumerate((7, 7, 8)))
        for a, b in zip(one, two, strict=True):
            assert a.read_bytes() == b.read_bytes()
        assert one[1].read_bytes() != other[1].read_bytes()
        assert ["features.parquet", "summary.json", "report.html"] == [path.name for path in one]

    def test_what_one_column_draws_does_not_move_another(self) -> None:
        """Each has a stream of its own."""
        narrow, wide = (ithtel.examine(table).tests() for table in (TABLE[["a", "b"]], TABLE.assign(a=TABLE["a"] ** 3)))
        p = [frame.loc[(frame.subject == "features b") & (frame.test_name == "beta_fit"), "p_value"].iloc[0]
             for frame in (narrow, wide)]  # fmt: skip
        assert p[0] == p[1]

    @pytest.mark.slow
    def test_features_give_what_their_nav_gives(self) -> None:
        """With the NAV beside them."""
        made = ithtel.examine(NAV, lookbacks=[50])
        again = ithtel.examine(made.features, nav=NAV)
        assert made.json() == again.json()

    def test_features_alone_have_no_regimes(self) -> None:
        """And columns need not be features of ITH."""
        made = ithtel.examine(TABLE)
        assert set() == {"hurst", "regimes", "mann_whitney"} & {result.test_name for result in made.results}
        assert {"ad_test", "beta_fit"} <= {result.test_name for result in made.results}

    def test_constant_and_empty_columns_are_defined(self) -> None:
        """Not tested, with a reason; the others are examined all the same."""
        made = ithtel.examine(TABLE)
        assert {"a", "b"} == set(made.of(ithtel.events.SelectionResult)[0].details.selected)
        reasons = [result.reason for result in made.results if result.subject in {"features flat", "features empty"}]
        assert {"no values", "all 80 values are equal"} <= set(reasons)
        assert [True, True, False, False] == made.summary()["selected"].tolist()

    @pytest.mark.parametrize("n", [0, 1, 2, 5, 12])
    def test_few_rows_are_defined(self, n: int) -> None:
        """A test that cannot be run has a reason, and the report is written."""
        made = ithtel.examine(TABLE.iloc[:n])
        assert all((result.reason is not None) == (not result.is_tested) for result in made.results)
        assert "</html>" in made.report()

    def test_infinite_values_are_defined(self) -> None:
        """They are counted."""
        made = ithtel.examine(TABLE.assign(a=[np.inf, -np.inf, *TABLE["a"][2:]]))
        assert 2 == made.about(ithtel.events.DescribeResult, "a").details.n_infinite
        assert "</html>" in made.report()

    def test_every_test_is_on_record_when_it_was_made(self) -> None:
        """Under the examination's name, between its beginning and its result."""
        seen: list[int] = []
        with ithtel.start("study", git=False) as session:
            made = ithtel.examine(TABLE, progress=lambda *_: seen.append(session.n_events))
            log = ithtel.read(session.path)
            records = [record for record in log if record.envelope.component == "statistical_examination"]
        assert "algorithm.init" == records[0].event_type
        assert "algorithm.result" == records[-1].event_type
        assert list(made.results) == [record.event for record in records[1:-1]]
        # one more line a step
        assert seen == list(range(seen[0], seen[0] + len(seen)))
        assert 42 == records[0].event.random_seed

    def test_progress_names_the_parts_in_order(self) -> None:
        """And ends with all of them made."""
        told: list[tuple[int, int, str]] = []
        ithtel.examine(TABLE[["a", "b"]], progress=lambda *step: told.append(step))
        assert [part for part in PARTS if part != "regimes"] == list(dict.fromkeys(part for *_, part in told))[:-1]
        assert (told[-1][1], told[-1][1], "done") == told[-1]

    def test_few_bars_of_a_regime_have_no_effect_size(self, found: Examination) -> None:
        """A difference over five bars cannot be distinguished from chance."""
        tested = [test for test in found.of(ithtel.events.MannWhitneyResult) if test.is_tested]
        assert len(tested) == len(found.of(ithtel.events.CliffsDeltaResult))

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"alpha": 0}, "alpha must be above 0 and below 1, got 0"),
            ({"seed": -1}, "seed must be an integer from 0 to 2**63 - 1, got -1"),
            ({"seed": 1.5}, "seed must be an integer from 0 to 2**63 - 1, got 1.5"),
            ({"nav": NAV}, "80 rows, but the NAV has 420 bars"),
        ],
    )  # fmt: skip
    def test_an_impossible_option_is_an_error(self, wrong: dict[str, object], said: str) -> None:
        """Before anything is tested."""
        with pytest.raises(InputError, match=re.escape(said)):
            ithtel.examine(TABLE, **wrong)

    def test_what_cannot_be_examined_is_an_error(self) -> None:
        """No columns, texts, two of one name, a bad NAV, a NAV with a NAV."""
        for wrong in (pd.DataFrame(index=[1, 2]), pd.DataFrame({"a": ["x"], "b": [1]}), TABLE[["a", "a"]], [1.0, -1.0]):
            with pytest.raises(InputError):
                ithtel.examine(wrong)
        with pytest.raises(InputError, match="a NAV itself"):
            ithtel.examine(NAV, nav=NAV)

    def test_p_values_are_adjusted_once(self, found: Examination) -> None:
        """However often they are shown: statsmodels collects all garbage each time, seconds in a large notebook."""
        adjusted = found.adjusted
        assert stats.adjust_p_values([result.p_value for result in found.results]) == adjusted
        found.report()
        assert found.adjusted is adjusted

    def test_displays_say_what_stands_out(self, found: Examination) -> None:
        """As text and as HTML, the same sentences."""
        for line in found.findings():
            assert line in repr(found)
        assert repr(found).startswith("Examination of FUND: 16 columns, ")
        assert found._repr_html_().count("<li>") == len(found.findings())

    def test_json_has_no_nan_and_every_number(self, found: Examination) -> None:
        """Missing numbers are null."""
        value = json.loads(found.json(), parse_constant=lambda text: pytest.fail(f"{text} is not JSON"))
        assert len(found.results) == len(value["tests"])
        assert [20, 50] == value["lookbacks"]
        assert found.tests()["p_value"].dropna().tolist() == [
            test["p_value"] for test in value["tests"] if test["p_value"] is not None
        ]

    def test_without_pyarrow_it_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch, found: Examination) -> None:
        """Before anything is written."""
        monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
        with pytest.raises(MissingPackageError, match=r"ithtel\[query\]"):
            found.save("out")
        assert not Path("out").exists()


class TestLedger:
    """`ithtel.ledger`."""

    def test_its_p_values_are_those_of_statsmodels(self) -> None:
        """Of a session that runs, of a log, of its file."""
        p_values = [0.001, 0.04, 0.03, 0.9, 0.02]
        with ithtel.start("study", git=False) as session:
            for p in p_values:
                ithtel.log_hypothesis_result(test_name="t", p_value=p, decision="?")
            adjusted = stats.adjust_p_values(p_values)
            for source in (session, session.path, ithtel.read(session.path)):
                frame = ithtel.ledger(source).frame()
                for method in ("bonferroni", "holm", "benjamini_hochberg"):
                    assert getattr(adjusted, method) == frame[method].tolist()

    def test_an_examination_made_twice_counts_once(self) -> None:
        """The ids are those of the data."""
        with ithtel.start("study", git=False) as session:
            ithtel.examine(TABLE)
            once = ithtel.ledger(session)
            ithtel.examine(TABLE)
            twice = ithtel.ledger(session)
        assert once.n_hypotheses == twice.n_hypotheses
        assert 2 * len(once.entries) == len(twice.entries)
        assert [] == twice.repetitions

    def test_a_torn_line_is_a_problem_not_an_end(self) -> None:
        """It is reported beside the ledger."""
        with ithtel.start("study", git=False) as session:
            ithtel.log_hypothesis_result(test_name="t", p_value=0.1, decision="?")
        with session.path.open("ab") as file:
            file.write(b'{"ts": "2026')
        made = ithtel.ledger(session.path)
        assert (1, 1) == (len(made.entries), len(made.problems))


def test_a_test_of_your_own_starts_a_session_where_none_runs() -> None:
    """Named `script`, as the older quick starts do."""
    result = ithtel.log_hypothesis_result("H1", "t_test", 2.5, 0.01, "reject", 0.4, 0.05, {"n": 10})
    assert ("H1", {"n": 10}) == (result.hypothesis_id, result.details.context)
    ithtel.stop()
    (record,) = [r for r in ithtel.read("logs/ndjson/script.jsonl") if r.event_type == "hypothesis_result"]
    assert result == record.event
    assert "statistical_examination" == record.envelope.component


def test_the_statistics_are_reachable() -> None:
    """As an attribute, and listed."""
    assert ithtel.stats.hurst is stats.hurst
    assert {"examine", "features", "ledger", "stats", "capture_scipy", "log_hypothesis_result"} <= set(ithtel.__all__)


def test_features_of_another_library_keep_their_names() -> None:
    """Columns of polars; a column of dates is refused by its name."""
    polars = pytest.importorskip("polars")
    table = polars.DataFrame({"a": TABLE["a"].to_numpy(), "b": TABLE["b"].to_numpy()})
    assert ["a", "b"] == [column.name for column in ithtel.examine(table).columns]
    with pytest.raises(InputError, match=r"features\['day'\] must hold real numbers, got dtype datetime64"):
        ithtel.examine(table.with_columns(day=np.arange(len(table)).astype("datetime64[D]")))


@pytest.mark.parametrize(
    ("features", "said"),
    [
        ({"a": ["x", "y"]}, "features['a']"),
        ({"a": [1.0, 2.0], "b": [1.0]}, "features do not make a table: All arrays must be of the same length"),
    ],
)
def test_what_are_no_features_is_said(features: Any, said: str) -> None:
    """With the name of the column, if it is one."""
    with pytest.raises(InputError, match=re.escape(said)):
        ithtel.examine(features)
