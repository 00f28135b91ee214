"""`read_table` recognises CSV and Parquet, and knows the line of each row."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ithtel.commands.data.tables import read_table
from ithtel.errors import DataError, MissingFileError

CSV = Path("a.csv")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_detected(separator: str) -> None:
    """It is the most frequent of the usual four in the first line."""
    CSV.write_text(separator.join("abc") + "\n" + separator.join("123") + "\n", encoding="utf-8")
    assert {"a": [1], "b": [2], "c": [3]} == read_table(CSV).frame.to_dict("list")


def test_a_row_knows_its_line() -> None:
    """The header and blank lines count."""
    CSV.write_text("a,b\n1,2\n\n3,4\n", encoding="utf-8")
    table = read_table(CSV)
    assert ["a.csv, line 2", "a.csv, line 4"] == [table.place(row) for row in range(len(table.frame))]


def test_a_parquet_file_is_recognised_by_its_bytes() -> None:
    """Its name does not matter; rows count from 0."""
    pd.DataFrame({"a": [1]}).to_parquet("a.bin")
    table = read_table(Path("a.bin"))
    assert ([1], "a.bin, row 0") == (table.frame["a"].tolist(), table.place(0))


def test_the_case_of_a_column_does_not_matter() -> None:
    """Unless another column has exactly that name."""
    CSV.write_text("NAV,nav,Date\n1,2,3\n", encoding="utf-8")
    table = read_table(CSV)
    assert ([2], [3]) == (table.column("nav", "nav").tolist(), table.column("date", "date").tolist())


def test_a_missing_column_is_an_error() -> None:
    """The message has the columns of the file and the argument that chooses another."""
    CSV.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"no column 'NAV' \(choose from a, b\); set nav \(--nav\) to choose another"):
        read_table(CSV).column("NAV", "nav (--nav)")


def test_a_missing_file_is_an_error() -> None:
    """It is also a FileNotFoundError."""
    with pytest.raises(MissingFileError, match=r"no file 'b.csv'"):
        read_table(Path("b.csv"))


def test_a_row_longer_than_the_header_is_refused(tmp_path: Path) -> None:
    """An unquoted 1,000.00 never becomes 1."""
    file = tmp_path / "a.csv"
    file.write_text("Date,NAV\n2020-01-02,1,000.00\n2020-01-03,1,042.10\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.csv, line 2: 3 values, but the header has 2 names"):
        read_table(file)


def test_separators_at_the_end_of_rows_are_allowed(tmp_path: Path) -> None:
    """Nothing is lost with an empty value."""
    file = tmp_path / "a.csv"
    file.write_text("Date,NAV\n2020-01-02,1,\n2020-01-03,2,\n", encoding="utf-8")
    assert [1, 2] == read_table(file).frame["NAV"].tolist()
