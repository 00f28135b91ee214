"""`google`, `stocks`, `sp500`, `nasdaq`, `wti`: real data that matplotlib and the extra `demo` (arch) install."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from ithtel.commands.data.load_nav import data_load
from ithtel.errors import InputError, MissingFileError, MissingPackageError, did_you_mean
from ithtel.provenance.files import fingerprint_file
from ithtel.recording.recorded import emit


def google() -> pd.Series:
    """Return 1 047 daily closes of Google, adjusted, in US dollars: 2004-08-19 to 2008-10-14.

    Source: `goog.npz`, from matplotlib's sample data.

    >>> google().iloc[[0, -1]].tolist()
    [100.34, 362.71]
    """
    file = _matplotlib_file("goog.npz")
    with np.load(file) as archive:
        table = pd.DataFrame(archive["price_data"])
    table["date"] = table["date"].astype("datetime64[ns]")
    frame = table.set_index(pd.DatetimeIndex(table.pop("date"), name="Date"))
    return _loaded("matplotlib:goog.npz", file, frame, frame["adj_close"].rename("GOOG"))


def stocks(name: str = "IBM") -> pd.Series:
    """Return monthly closes since 1990, in US dollars, of one of ten series.

    Args:
        name: `IBM`, `AAPL`, `MSFT`, `XRX`, `AMZN`, `DELL`, `GOOGL`, `ADBE`, `^GSPC` or `^IXIC`.

    Raises:
        InputError: There is no such series.

    Source: `Stocks.csv`, from matplotlib's sample data. A series starts when the share was first traded.

    >>> stocks("^GSPC").name
    '^GSPC'
    """
    file = _matplotlib_file("Stocks.csv")
    frame = pd.read_csv(file, comment="#", index_col="Date", parse_dates=True)
    if name not in frame.columns:
        raise InputError(f"no series {name!r}{did_you_mean(str(name), frame.columns)}")
    return _loaded("matplotlib:Stocks.csv", file, frame, frame[name].dropna())


def sp500() -> pd.Series:
    """Return daily adjusted closes of the S&P 500 index, 1999 to 2018 (needs the extra `demo`)."""
    return _arch("sp500", "Adj Close")


def nasdaq() -> pd.Series:
    """Return daily adjusted closes of the NASDAQ Composite index, 1999 to 2018 (needs the extra `demo`)."""
    return _arch("nasdaq", "Adj Close")


def wti() -> pd.Series:
    """Return daily spot prices of WTI crude oil, in US dollars per barrel, 1986 to 2019 (needs the extra `demo`)."""
    return _arch("wti", "DCOILWTICO")


def _arch(name: str, column: str) -> pd.Series:
    """Read a data file of arch without importing it, which takes ten seconds."""
    spec = find_spec("arch")
    if spec is None or spec.origin is None:
        raise MissingPackageError(f"the data set {name!r} comes with the package arch: pip install 'ithtel[demo]'")
    file = Path(spec.origin).parent / "data" / name / f"{name}.csv.gz"
    if not file.exists():
        raise MissingFileError(f"this version of arch has no data set {name!r} (missing file {file.name})")
    frame = pd.read_csv(file, index_col=0, parse_dates=True, na_values=".").rename_axis("Date")
    return _loaded(f"arch:{name}", file, frame, frame[column].dropna().rename(name))


def _matplotlib_file(name: str) -> Path:
    """Return the path of one of matplotlib's sample files, without importing matplotlib."""
    spec = find_spec("matplotlib")
    folder = Path(spec.origin).parent if spec is not None and spec.origin is not None else Path()
    file = folder / "mpl-data" / "sample_data" / name
    if not file.exists():
        raise MissingFileError(f"matplotlib was installed without its sample file {name}, as some distributions do")
    return file


def _loaded(source: str, file: Path, frame: pd.DataFrame, series: pd.Series) -> pd.Series:
    content = fingerprint_file(file)
    emit(data_load(source, frame, series, sha256=content.sha256, size_bytes=content.size_bytes))
    return series
