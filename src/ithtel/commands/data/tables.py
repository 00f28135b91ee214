"""`read_table`: read a CSV or Parquet file, with errors that name the file and the line."""

from __future__ import annotations

import csv
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ithtel.errors import DataError, MissingFileError, MissingPackageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_PARQUET = b"PAR1"
_SEPARATORS = (",", ";", "\t", "|")  # the first wins a tie
_HEADER_LINES = 1
_JUMP = 100.0
_SERIES_NAMES = {
    *("ticker", "tickers", "symbol", "symbols", "isin", "wkn", "cusip", "sedol", "ric", "figi", "fund", "fund name"),
    *("security", "instrument", "asset", "scheme", "scheme code", "scheme name", "series", "portfolio", "strategy"),
    *("share class", "stock", "pair", "coin", "contract"),
}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Table:
    """The content of a file, and the line of each row."""

    file: Path
    frame: pd.DataFrame
    lines: pd.Index[int] | None

    def place(self, row: int) -> str:
        """Return the file and the line of a row; for Parquet the file and the row, counted from 0."""
        return f"{self.file}, row {row}" if self.lines is None else f"{self.file}, line {self.lines[row]}"

    def column(self, name: str, options: str) -> pd.Series:
        """Return a column by name, or else one whose name differs only in case.

        Raises:
            DataError: There is no such column. The message names the arguments in `options`, which choose another.
        """
        by_name = {str(found): found for found in self.frame.columns}
        found = by_name.get(name, {key.lower(): found for key, found in by_name.items()}.get(name.lower()))
        if found is None:
            raise DataError(
                f"{self.file}: no column {name!r}{did_you_mean(name, by_name)}; set {options} to choose another"
            )
        return self.frame[found]


def read_table(file: Path) -> Table:
    """Read a CSV or Parquet file; its first bytes decide which of them it is.

    Raises:
        MissingFileError: There is no such file.
        DataError: The file is neither CSV nor Parquet.
        MissingPackageError: The file is Parquet, and pyarrow is not installed.
    """
    start = _first_bytes(file)
    if start.startswith(_PARQUET):
        return Table(file=file, frame=_read_parquet(file), lines=None)
    if not start.strip():
        raise DataError(f"{file}: the file is empty")
    if b"\0" in start:
        raise DataError(f"{file}: neither CSV nor Parquet (it holds binary data)")
    frame = _read_csv(file, _separator(start)).dropna(how="all")
    return Table(file=file, frame=frame.reset_index(drop=True), lines=frame.index + _HEADER_LINES + 1)


def _first_bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(4096)
    except FileNotFoundError:
        beside = [path.name for path in file.parent.glob("*") if path.is_file()] if file.parent.is_dir() else []
        raise MissingFileError(f"no file {str(file)!r}{did_you_mean(file.name, beside)}") from None
    except IsADirectoryError:
        raise DataError(f"{file}: a folder, not a file") from None
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror})") from None


def _separator(start: bytes) -> str:
    """Return the separator of the first line: the most frequent of the usual four."""
    header = start.partition(b"\n")[0].decode("utf-8", "replace")
    return max(_SEPARATORS, key=header.count)


def _read_csv(file: Path, separator: str) -> pd.DataFrame:
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", pd.errors.ParserWarning)
            frame = pd.read_csv(
                file,
                sep=separator,
                skipinitialspace=True,
                skip_blank_lines=False,
                encoding="utf-8-sig",
                index_col=False,
            )
    except UnicodeDecodeError as error:
        raise DataError(f"{file}: not UTF-8 text (byte {error.start})") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise DataError(f"{file}: not a CSV file ({' '.join(str(error).split())})") from None
    # pandas drops what is too much in a row, with a warning at most
    if any(issubclass(each.category, pd.errors.ParserWarning) for each in caught):
        _refuse_surplus(file, separator)
    return frame


def _refuse_surplus(file: Path, separator: str) -> None:
    """Raise DataError for the first row with more values than the header has names; empty ones are allowed."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = csv.reader(opened, delimiter=separator, skipinitialspace=True)
        n_names = len(next(rows))
        for row in rows:
            if len(row) > n_names and any(value.strip() for value in row[n_names:]):
                raise DataError(
                    f"{file}, line {rows.line_num}: {len(row)} values, but the header has {n_names} names; a number"
                    f" with {separator!r} in it must stand in quotes"
                )


def without_thousands_points(table: Table, name: str) -> pd.Series | None:
    """Return the numbers of a column whose points separate thousands, as in 999, 1.001; None if they do not.

    It is so if each point stands before three digits, some numbers have none, and read as decimals the numbers would
    jump by a factor of 100 or more, which they do not without the points.
    """
    if table.lines is None:
        return None
    numbers = pd.to_numeric(table.column(name, name), errors="coerce")
    if not _jumps(numbers):
        return None
    place = list(map(str, table.frame.columns)).index(str(table.column(name, name).name))
    start = _first_bytes(table.file)
    text = pd.read_csv(
        table.file,
        sep=_separator(start),
        skipinitialspace=True,
        skip_blank_lines=False,
        encoding="utf-8-sig",
        index_col=False,
        dtype=str,
        usecols=[place],
    ).iloc[:, 0]
    text = text.iloc[table.lines - _HEADER_LINES - 1].reset_index(drop=True).str.strip()
    known = text.dropna()
    has_point = known.str.contains(".", regex=False)
    if has_point.all() or not known.str.fullmatch(r"\d{1,3}(\.\d{3})*").all():
        return None
    whole = pd.to_numeric(text.str.replace(".", "", regex=False))
    return None if _jumps(whole) else whole


def _jumps(numbers: pd.Series) -> bool:
    known = numbers.dropna()
    known = known[known > 0]
    ratio = (known / known.shift()).dropna()
    return bool(((ratio >= _JUMP) | (ratio <= 1 / _JUMP)).any())


def refuse_stacked(table: Table, used: Sequence[str]) -> None:
    """Raise DataError if the rows belong to several series, one below the other or mixed: a column names them."""
    for name, column in table.frame.items():
        if str(name).lower() in {each.lower() for each in used} or str(name).lower() not in _SERIES_NAMES:
            continue
        kinds = column.dropna().unique()
        if len(kinds) > 1:
            raise DataError(
                f"{table.file}: column {str(name)!r} changes from {kinds[0]!r} to {kinds[1]!r}"
                f" ({len(kinds)} series in one file): a NAV is one series, so keep the rows of one"
            )


def _read_parquet(file: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(file, engine="pyarrow").reset_index()
    except ImportError:
        raise MissingPackageError(f"{file}: reading Parquet needs pyarrow: pip install 'ithtel[query]'") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{file}: cannot be read as Parquet ({' '.join(str(error).split())})") from None
