"""The examination of files, recorded in a log of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ithtel
from ithtel.commands.examine.examine_files import examine_files
from ithtel.errors import InputError, MissingFileError


def test_features_are_examined_recorded_and_written() -> None:
    """The log has the data, the tests and the result; the index is not a feature."""
    path = Path("features.parquet")
    x = np.linspace(0, 1, 40)
    pd.DataFrame({"a": x**2, "b": x}, index=range(3, 43)).to_parquet(path)
    made = examine_files(None, path, out=Path("out"))
    assert ["a", "b"] == [column.name for column in made.examination.columns]
    assert ["features.parquet", "summary.json", "report.html"] == [file.name for file in made.paths]
    assert made.log is not None
    kinds = [record.event_type for record in ithtel.read(made.log)]
    assert kinds.index("data.load") < kinds.index("algorithm.init") < kinds.index("algorithm.result")


def test_one_of_the_files_is_needed() -> None:
    """Nothing is recorded without."""
    with pytest.raises(InputError, match="pass a NAV file, --parquet FEATURES, or both"):
        examine_files(None)
    assert not Path("logs").exists()


def test_a_missing_file_is_an_error() -> None:
    """With its name."""
    with pytest.raises(MissingFileError, match=r"none\.csv"):
        examine_files(Path("none.csv"))
