"""Analyses of several series, or of one under several hurdles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from ithtel.commands import shown
from ithtel.errors import MissingNameError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from ithtel.commands.outcome import Analysis


class Analyses(Mapping[str, "Analysis"]):
    """A mapping of name to `Analysis`, in the order of the columns (or hurdles) that were given.

    >>> import ithtel
    >>> found = ithtel.analyze([[1, 2], [1.1, 2.2], [1.0, 1.8]], side="bull", hurdle=0.05)
    >>> list(found), found["1"].bull.n_epochs
    (['0', '1'], 1)
    """

    def __init__(self, analyses: dict[str, Analysis], *, by: Literal["series", "hurdle"]) -> None:
        self._analyses = analyses
        self.by = by

    def __getitem__(self, name: object) -> Analysis:
        if str(name) not in self._analyses:
            raise MissingNameError(f"no {self.by} {str(name)!r}{did_you_mean(str(name), self._analyses)}")
        return self._analyses[str(name)]

    def __contains__(self, name: object) -> bool:
        return str(name) in self._analyses

    def __iter__(self) -> Iterator[str]:
        return iter(self._analyses)

    def __len__(self) -> int:
        return len(self._analyses)

    @property
    def epochs(self) -> pd.DataFrame:
        """The epochs of all, under several hurdles told apart by `tmaeg_threshold`."""
        return shown.stacked([analysis.epochs for analysis in self.values()])

    def summary(self) -> pd.DataFrame:
        """Return one row a series and side: hurdle, epochs, fitness, and why it does not qualify.

        Several series come in the order of `ithtel.commands.shown.ranked`: those that qualify first.
        """
        table = shown.stacked([shown.summary_rows(analysis) for analysis in self.values()])
        return shown.ranked(table) if self.by == "series" else table

    def __repr__(self) -> str:
        return shown.several_text(self)

    def _repr_html_(self) -> str:
        return shown.several_html(self)
