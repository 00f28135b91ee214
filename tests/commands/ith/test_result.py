"""`Analysis` and `Analyses`: tables, displays and order of the results, alone and of several series or hurdles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import ithtel
from ithtel.errors import InputError
from ithtel.events import AlgorithmInit, AlgorithmResult


def navs(n_bars: int = 400) -> pd.DataFrame:
    """Return three daily series of different volatility."""
    steps = np.random.default_rng(7).standard_normal((n_bars, 3)) * [0.01, 0.02, 0.03] + 0.002
    days = pd.date_range("2024-01-01", periods=n_bars, freq="D")
    return pd.DataFrame(np.exp(np.cumsum(steps, axis=0)), index=days, columns=["calm", "brisk", "wild"])


@pytest.mark.parametrize("hurdle", ["mdd", "geomean", 0.05, "expanding", "rolling:50"])
def test_a_column_is_analysed_as_if_it_were_alone(hurdle: str | float) -> None:
    """Epochs and fitness equal those of the column alone, to the bit."""
    frame = navs()
    found = ithtel.analyze(frame, hurdle=hurdle, periods_per_year=365)
    assert ["calm", "brisk", "wild"] == list(found)
    for name, analysis in found.items():
        alone = ithtel.analyze(frame[name], hurdle=hurdle, periods_per_year=365)
        pd.testing.assert_frame_equal(alone.epochs, analysis.epochs, check_exact=True)
        pd.testing.assert_frame_equal(alone.summary(), analysis.summary(), check_exact=True)


@pytest.mark.parametrize(
    "make", [lambda x: x.to_numpy(), lambda x: x.to_numpy().tolist(), lambda x: np.asfortranarray(x.to_numpy())]
)
def test_a_table_of_numbers_has_columns_by_place(make: Any) -> None:
    """Columns of an array or of rows are named `0`, `1`, `2`, and found by string or number."""
    frame = navs()
    found = ithtel.analyze(make(frame), side="bull", hurdle=0.05)
    assert ["0", "1", "2"] == list(found)
    expected = ithtel.analyze(frame["wild"], side="bull", hurdle=0.05).bull.epochs["bar_index"]
    assert expected.tolist() == found[2].bull.epochs["bar_index"].tolist()


def test_polars_columns_keep_their_names() -> None:
    """Tables of another library are read column by column."""
    polars = pytest.importorskip("polars")
    assert ["calm", "brisk", "wild"] == list(ithtel.analyze(polars.DataFrame(navs()), hurdle=0.05))


def test_the_dates_of_another_library_are_no_numbers() -> None:
    """Dates are refused as those of pandas are, not read as nanoseconds."""
    polars = pytest.importorskip("polars")
    table = polars.DataFrame(
        {"date": navs().index.to_numpy().astype("datetime64[D]"), "close": navs()["calm"].to_numpy()}
    )
    with pytest.raises(InputError, match="column 'date': NAV holds dates"):
        ithtel.analyze(table)


def test_arrow_columns_keep_their_names() -> None:
    """An Arrow table has its names in another attribute than a data frame."""
    pyarrow = pytest.importorskip("pyarrow")
    assert ["calm", "brisk", "wild"] == list(
        ithtel.analyze(pyarrow.Table.from_pandas(navs()).select(list(navs())), hurdle=0.05)
    )


def test_a_series_of_another_library_keeps_its_name() -> None:
    """The name is used as that of a pandas Series is."""
    polars = pytest.importorskip("polars")
    assert "calm" == ithtel.analyze(polars.Series("calm", navs()["calm"].to_numpy()), hurdle=0.05).nav.name
    assert "nav" == ithtel.analyze(polars.Series([1.0, 2.0]), hurdle=0.05).nav.name


@pytest.mark.parametrize("make", [lambda x: x[["calm"]], lambda x: x[["calm"]].to_numpy()])
def test_one_column_is_one_series(make: Any) -> None:
    """The result is an `Analysis`, not a mapping."""
    assert isinstance(ithtel.analyze(make(navs()), hurdle=0.05), ithtel.Analysis)


@pytest.mark.parametrize("side", ["bull", "bear", "both"])
@pytest.mark.parametrize("hurdles", [[0.02, 0.05, "mdd"], [0.05, "expanding"]])
def test_several_hurdles_are_each_as_if_alone(side: Any, hurdles: list[Any]) -> None:
    """The epochs are the same to the bit, although blocks are shared."""
    nav = navs(2_000)["brisk"]
    found = ithtel.analyze(nav, side=side, hurdle=hurdles)
    assert [str(one) for one in hurdles] == list(found)
    for one in hurdles:
        alone = ithtel.analyze(nav, side=side, hurdle=one)
        pd.testing.assert_frame_equal(alone.epochs, found[one].epochs, check_exact=True)


def test_the_record_holds_each_column_in_order() -> None:
    """All runs begin before anything is computed, and each is complete."""
    with ithtel.start("a", git=False) as session:
        ithtel.analyze(navs(), hurdle=0.05)
    log = ithtel.read(session.path)
    kinds = [record.event_type for record in log if record.event_type in {"algorithm.init", "algorithm.result"}]
    assert [*["algorithm.init"] * 6, *["algorithm.result"] * 6] == kinds
    assert len({event.run_id for event in log.events(AlgorithmResult)}) == 6
    assert len({event.input_hash for event in log.events(AlgorithmInit)}) == 3
    assert {"calm", "brisk", "wild"} == set(log.epochs()["series"])


def test_the_summary_is_sorted_by_fitness() -> None:
    """Series that qualify come first, then those with fewer failed criteria; each row has its reasons."""
    table = ithtel.analyze(navs(), side="bull", hurdle=0.05, periods_per_year=365).summary()
    n_wrong = [why.count(";") + 1 if why else 0 for why in table["why"]]
    assert sorted(n_wrong) == n_wrong
    assert (table["qualified"] == (table["why"] == "")).all()


def test_bounds_decide_who_qualifies() -> None:
    """Each bound can be set, and it is recorded."""
    wide = ithtel.Bounds(sharpe_low=-99.0, sharpe_high=99.0, aggregate_cv_high=99.0)
    with ithtel.start("a", git=False) as session:
        found = ithtel.analyze(navs()["wild"], "bull", 0.05, 365, bounds=wide)
    assert found.bull.fitness.qualification.qualified
    assert 99.0 == next(ithtel.read(session.path).events(AlgorithmInit)).config["bounds"]["aggregate_cv_high"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"hurdle": []}, "hurdle is an empty list"),
        ({"hurdle": [0.05, "0.05"]}, "a hurdle is given twice"),
        ({"hurdle": [0.05, -1]}, "hurdle is -1.0"),
        ({"hurdle": [0.05, 0.1]}, "3 columns and 2 hurdles"),
    ],
)
def test_bad_hurdles_are_one_clear_error(arguments: dict[str, Any], said: str) -> None:
    """The message has what was given."""
    with pytest.raises(InputError) as caught:
        ithtel.analyze(navs(), **arguments)
    assert said in str(caught.value)


def test_a_name_that_is_not_there_is_named() -> None:
    """It is a KeyError, as for any mapping, and suggests the nearest name."""
    found = ithtel.analyze(navs(), hurdle=0.05)
    with pytest.raises(KeyError, match=r"no series 'clam' \(did you mean 'calm'\?\)"):
        found["clam"]
    assert found.get("clam") is None
    assert "calm" in found


def test_displays_are_deterministic() -> None:
    """Text and HTML are the same twice."""
    first, second = (ithtel.analyze(navs(), hurdle=[0.05][0]) for _ in range(2))
    assert (repr(first), first._repr_html_()) == (repr(second), second._repr_html_())
    assert "wild, bull" in repr(first)
    assert "under 2 hurdles" in repr(ithtel.analyze(navs()["calm"], hurdle=[0.05, 0.1]))


def test_epochs_of_all_are_one_table() -> None:
    """The column `series` tells them apart."""
    found = ithtel.analyze(navs(), hurdle=0.05)
    assert sum(len(one.epochs) for one in found.values()) == len(found.epochs)  # type: ignore[misc]


def test_the_reasons_stand_below_the_table() -> None:
    """The table has one row per series and no empty column; the reasons are listed below it."""
    found = ithtel.analyze(navs(), side="bull", hurdle=0.05)
    table, _, reasons = found._repr_html_().partition("</table>")
    assert 4 == table.count("<tr")
    assert [] == [name for name in ("max_runup", "sharpe", "why") if f">{name}</th>" in table]
    assert "<li>wild, bull: sharpe is not known" in reasons
    under = ithtel.analyze(navs()["calm"], side="bull", hurdle=[0.05, 0.1])._repr_html_()
    assert "<li>calm, hurdle 0.1, bull: sharpe is not known" in under


def test_one_epoch_is_one() -> None:
    """The text has `1 epoch`, not `1 epochs`."""
    found = ithtel.analyze([[1.0, 2.0], [1.1, 2.2], [1.0, 1.8]], side="bull", hurdle=0.05)
    assert "0, bull: 1 epoch, not qualified" in repr(found)
    assert "bull: 1 epoch, hurdle 0.05" in repr(found["0"])
