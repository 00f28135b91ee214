"""`load_nav` reads usual files; its errors name the file, the line and the fix."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ithtel
from ithtel.errors import DataError, InputError, MissingFileError
from ithtel.events import DataLoad

GOOD = "Date,NAV,Volume\n2024-01-02,100.0,5\n2024-01-03,101.5,6\n2024-01-04,99.25,7\n"


def write(text: str | bytes, name: str = "fund.csv") -> Path:
    """Write a file into the test's folder."""
    path = Path(name)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_csv_file_is_read() -> None:
    """The result has the values, the times and the name of the file."""
    nav = ithtel.load_nav(write(GOOD))
    assert [100.0, 101.5, 99.25] == nav.tolist()
    assert ("fund", pd.Timestamp("2024-01-02")) == (nav.name, nav.index[0])


def test_a_parquet_file_is_read() -> None:
    """The times may be in a column or in the index."""
    frame = pd.read_csv(write(GOOD), parse_dates=["Date"])
    frame.to_parquet("a.parquet")
    frame.set_index("Date").to_parquet("b.parquet")
    assert ithtel.load_nav("a.parquet").tolist() == ithtel.load_nav("b.parquet").tolist() == [100.0, 101.5, 99.25]


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("Date,NAV", "date,nav"),
        GOOD + "\n\n",
        GOOD.replace("\n2024-01-03", "\n\n2024-01-03"),
        GOOD.replace(",", ", "),
    ],
)
def test_usual_variants_are_read(text: str) -> None:
    """Other separators, a BOM, CRLF, case, blank lines and spaces are accepted."""
    assert [100.0, 101.5, 99.25] == ithtel.load_nav(write(text)).tolist()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("Date,NAV\n", "no rows below the header"),
        ("Date,Nva\n2024-01-02,1\n", "no column 'NAV' (did you mean 'Nva'?); set nav, prices or returns (--nav, "),
        ("Day,NAV\n2024-01-02,1\n", "no column 'Date' (choose from Day, NAV); set date (--date) to choose another"),
        (
            GOOD.replace("101.5", "n.a.!"),
            "fund.csv, line 3: column 'NAV' holds 'n.a.!', which is not a number (1 of 3 rows)",
        ),
        (GOOD.replace("2024-01-03", "soon"), "line 3: column 'Date' holds 'soon', which is not a date"),
        (GOOD.replace("101.5", ""), "line 3: the NAV is missing"),
        (GOOD.replace("101.5", "0"), "line 3: the NAV is 0.0, but must be positive and finite (1 of 3 rows)"),
        (GOOD.replace("101.5", "-3"), "line 3: the NAV is -3.0"),
        (GOOD.replace("101.5", "inf"), "line 3: the NAV is inf"),
        (GOOD.replace("2024-01-03", "2023-01-03"), "line 3: 2023-01-03T00:00:00 is earlier than the row before"),
        (GOOD.replace("2024-01-03", "2024-01-02"), "line 3: 2024-01-02T00:00:00 is the same time as the row before"),
        (GOOD.replace("\n2024-01-03", "\n\n2024-01-01"), "line 4: 2024-01-01T00:00:00 is earlier"),
        ("Date,NAV\n1,5\n2,6\n", "column 'Date': the column holds numbers such as 1, not dates"),
        (b"\x00\x01\x02", "neither CSV nor Parquet"),
        (b"PAR1 broken", "cannot be read as Parquet"),
        ("Date,NAV\n\xff".encode("latin-1"), "not UTF-8"),
        ("just some text\nwithout a table\n", "no column 'Date'"),
    ],
)
def test_a_bad_file_is_one_clear_error(text: str | bytes, said: str) -> None:
    """The message names the fault, its place and the fix."""
    with pytest.raises(DataError) as caught:
        ithtel.load_nav(write(text))
    assert said in str(caught.value)
    assert str(caught.value).startswith("fund.csv")


def test_a_missing_file_names_its_neighbour() -> None:
    """The message suggests the nearest file name."""
    write(GOOD)
    with pytest.raises(MissingFileError, match=r"no file 'fnud.csv' \(did you mean 'fund.csv'\?\)"):
        ithtel.load_nav("fnud.csv")
    Path("folder").mkdir()
    with pytest.raises(DataError, match="a folder, not a file"):
        ithtel.load_nav("folder")


def test_one_row_is_a_nav() -> None:
    """One row is enough."""
    assert [100.0] == ithtel.load_nav(write("Date,NAV\n2024-01-02,100\n")).tolist()


def test_the_load_is_recorded() -> None:
    """The event has the digests of the file and of the values, the rows, the schema and the ranges."""
    session = ithtel.start("a", git=False)
    path = write(GOOD)
    nav = ithtel.load_nav(path)
    ithtel.analyze(nav, side="bull", hurdle=0.05)
    log = ithtel.read(session.path)
    load = next(log.events(DataLoad))
    assert hashlib.sha256(GOOD.encode()).hexdigest() == load.sha256_hash
    assert "sha256:" + hashlib.sha256(nav.to_numpy().tobytes()).hexdigest() == load.input_hash
    assert load.input_hash == next(log.events(ithtel.events.AlgorithmInit)).input_hash
    assert (3, 3, [99.25, 101.5]) == (load.row_count, load.column_count, load.value_range["NAV"])


RETURNS = "Date,r\n2024-01-02,{}\n2024-01-03,0.1\n2024-01-04,-0.5\n"


@pytest.mark.parametrize(
    ("first", "expected"),
    [("", [1.0, 1.1, 0.55]), ("0", [1.0, 1.0, 1.1, 0.55]), ("0.5", [1.0, 1.5, 1.65, 0.825])],
)
def test_returns_become_a_nav_that_starts_at_1(first: str, expected: list[float]) -> None:
    """The 1 stands before the first return, or at its place if it is missing, as `pct_change` leaves it."""
    nav = ithtel.load_nav(write(RETURNS.format(first)), returns="r")
    assert expected == pytest.approx(nav.tolist())
    assert pd.Timestamp("2024-01-04") == nav.index[-1]
    assert (nav.index.is_unique, nav.index.is_monotonic_increasing, nav.index.name) == (True, True, "Date")


def test_the_invested_1_has_a_time_of_its_own() -> None:
    """As far before the first return as the second is after it; a day before a single one. UTC stays UTC."""
    weekly = "Date,r\n2024-01-08T00:00Z,0.1\n2024-01-15T00:00Z,0.1\n2024-01-16T00:00Z,0.1\n"
    assert pd.Timestamp("2024-01-01", tz="UTC") == ithtel.load_nav(write(weekly), returns="r").index[0]
    one = ithtel.load_nav(write("Date,r\n2024-01-08,-0.1\n"), returns="r")
    assert {pd.Timestamp("2024-01-07"): 1.0, pd.Timestamp("2024-01-08"): 0.9} == pytest.approx(one.to_dict())


@pytest.mark.parametrize("returns", [[-0.1], [-0.1, -0.05, 0.02, 0.01, -0.01], [-0.5, 0.1, -0.2], [0.1, -0.02, 0.03]])
def test_no_return_is_lost(returns: list[float]) -> None:
    """Drawdown and Sharpe ratio are those of all returns, from the invested 1."""
    rows = "".join(f"2024-01-{day:02d},{r}\n" for day, r in enumerate(returns, 2))
    nav = ithtel.load_nav(write("Date,r\n" + rows), returns="r")
    bull = ithtel.analyze(nav, side="bull", hurdle=0.05, periods_per_year=252).bull
    assert bull is not None
    levels = np.r_[1, np.cumprod(1 + np.array(returns))]
    assert (1 - levels / np.maximum.accumulate(levels)).max() == pytest.approx(bull.max_drawdown)
    expected = np.sqrt(252) * np.mean(returns) / np.std(returns, ddof=1) if len(returns) > 1 else np.nan
    assert expected == pytest.approx(bull.fitness.sharpe, nan_ok=True)
    assert len(returns) + 1 == bull.fitness.n_bars


def test_each_of_several_columns_of_returns_starts_at_1() -> None:
    """A file can hold the returns of several strategies."""
    path = write("Date,a,b\n2024-01-02,-0.1,0.2\n2024-01-03,0.1,\n2024-01-04,0.1,-0.5\n")
    assert [1, 0.9, 0.99, 1.089] == pytest.approx(ithtel.load_nav(path, returns="a").tolist())
    with pytest.raises(DataError, match="line 3: the return is missing"):
        ithtel.load_nav(path, returns="b")


def test_prices_and_their_returns_are_the_same_nav() -> None:
    """The first price becomes the invested 1 and keeps its time."""
    frame = pd.read_csv(write(GOOD))
    frame.assign(r=frame["NAV"].pct_change()).to_csv("returns.csv", index=False)
    nav, back = ithtel.load_nav("fund.csv"), ithtel.load_nav("returns.csv", returns="r")
    assert (nav / 100).tolist() == pytest.approx(back.tolist())
    assert nav.index.equals(back.index)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            RETURNS.format("0").replace("-0.5", "-1"),
            "line 4: the return is -1.0, but must be a finite fraction above -1",
        ),
        (RETURNS.format("0").replace("0.1", ""), "line 3: the return is missing"),
        (RETURNS.format("0").replace("0.1", "inf"), "line 3: the return is inf"),
        (RETURNS.format("0").replace(",r", ",s"), "no column 'r' (choose from Date, s)"),
        (RETURNS.format("-10"), "line 2: the return is -10.0, but must be a finite fraction above -1"),
        (RETURNS.format("-10%"), "line 2: column 'r' holds '-10%', which is not a number"),
        (RETURNS.format("1e308").replace("0.1", "1e308"), "line 3: the NAV is inf, but must be positive and finite"),
        (RETURNS.format("0").replace("-04", "-02"), "line 4: 2024-01-02T00:00:00 is earlier than the row before"),
    ],
)
def test_bad_returns_are_one_clear_error(text: str, said: str) -> None:
    """The message names the fault, its place and the fix."""
    with pytest.raises(DataError) as caught:
        ithtel.load_nav(write(text), returns="r")
    assert said in str(caught.value)


def test_prices_are_used_as_they_are() -> None:
    """Prices may have any name, but cannot be combined with returns."""
    assert [5.0, 6.0, 7.0] == ithtel.load_nav(write(GOOD), prices="Volume").tolist()
    with pytest.raises(InputError, match="from one column"):
        ithtel.load_nav(write(GOOD), prices="Volume", returns="NAV")


def test_points_that_separate_thousands_are_read_as_such(tmp_path: Path) -> None:
    """After 999 comes 1.001, which is a thousand and one."""
    file = tmp_path / "a.csv"
    file.write_text("Date;NAV\n2020-01-02;998\n2020-01-03;999\n2020-01-06;1.001\n", encoding="utf-8")
    assert [998, 999, 1001] == ithtel.load_nav(file).tolist()


def test_three_decimals_are_not_thousands(tmp_path: Path) -> None:
    """A fund that starts at 1 has no thousands."""
    file = tmp_path / "a.csv"
    file.write_text("Date;NAV\n2020-01-02;1\n2020-01-03;1.001\n2020-01-06;1.013\n", encoding="utf-8")
    assert [1, 1.001, 1.013] == ithtel.load_nav(file).tolist()


def test_series_below_each_other_are_refused(tmp_path: Path) -> None:
    """Two funds in one file are not one NAV."""
    file = tmp_path / "a.csv"
    file.write_text("Date,Ticker,NAV\n2020-01-02,A,100\n2020-01-03,B,20\n", encoding="utf-8")
    with pytest.raises(DataError, match="column 'Ticker' changes from 'A' to 'B'"):
        ithtel.load_nav(file)


def test_true_and_false_are_not_values(tmp_path: Path) -> None:
    """A column of flags is not a NAV of ones."""
    file = tmp_path / "a.csv"
    file.write_text("Date,NAV\n2020-01-02,True\n2020-01-03,True\n", encoding="utf-8")
    with pytest.raises(DataError, match="True and False"):
        ithtel.load_nav(file)
