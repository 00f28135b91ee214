"""`page`: the report of an examination as one HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from markupsafe import Markup

from ithtel.events import DescribeResult, SelectionResult
from ithtel.plain_text import count, number
from ithtel.stats.examine.sentences import sentences
from ithtel.viewer.examine.correlation import correlations, scales
from ithtel.viewer.examine.dimensionality import components, inflation
from ithtel.viewer.examine.distribution import histograms
from ithtel.viewer.examine.regime import regimes, rescaled_range
from ithtel.viewer.examine.regime_differences import differences
from ithtel.viewer.examine.temporal import autocorrelation
from ithtel.viewer.figure import inline_svg
from ithtel.viewer.html import element
from ithtel.viewer.p_values import PValue, draw_p_values
from ithtel.viewer.pages import render
from ithtel.viewer.tables import frame_table
from ithtel.viewer.theme import THEMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.stats.examine.findings import Findings

_DIGITS = 4
_CAPTIONS = {
    "multiplicity": "Many tests were made at once. Filled dots stay below the level when adjusted for all the others "
    "(Benjamini-Hochberg); orange diamonds were below it only before. Tests here depend on each other, and some are "
    "decided by an effect rather than by p.",
    "distribution": "Histograms on a square-root scale, so that small bars stay visible; the line is the fitted Beta "
    "distribution. W is Shapiro-Wilk's; the p-value of the Beta fit comes from a parametric bootstrap: 999 samples "
    "have none below .001. Neighbouring bars share most of their window, so values are not independent, and p-values "
    "smaller than they should be.",
    "regimes": "The regime of a bar is classified by the Hurst exponent of the increments before it: trending or "
    "mean-reverting only if it lies beyond .55 or .45 and outside the 95 % band of random walks.",
    "differences": "Cliff's delta: +1 if every value at trending bars exceeds every value at mean-reverting ones. "
    "Filled if p is below the level with effective sample sizes; in the grey band the difference is negligible.",
    "dimensions": "How many dimensions the columns fill. Above 10, a column is nearly a sum of others.",
    "time": "Blue is positive, orange negative autocorrelation; the half-life is the lag at which it first reaches .5.",
    "correlation": "Spearman's rho. A feature that says the same at two lookbacks is needed at only one of them.",
    "selection": "In the order given, a column is selected if it varies and duplicates no column selected before it.",
}


class _Section(NamedTuple):
    key: str
    title: str
    body: Markup

    @property
    def caption(self) -> str | None:
        return _CAPTIONS.get(self.key)


def page(found: Findings) -> str:
    """Return the report of an examination as one HTML page that needs no other file."""
    sections = [section for section in _sections(found) if section.body]
    return render("examine", name=found.name, facts=_facts(found), sentences=sentences(found), sections=sections)


def _facts(found: Findings) -> str:
    lookbacks = sorted({column.lookback for column in found.columns if column.lookback is not None})
    facts = [count(len(found.features), "bar"), count(len(found.columns), "column")]
    facts += [f"lookbacks {', '.join(map(str, lookbacks))}"] if lookbacks else []
    return " · ".join([*facts, f"level {number(found.alpha)}", f"seed {found.seed}"])


def _sections(found: Findings) -> Iterator[_Section]:
    yield _Section("multiplicity", "All p-values", _p_values(found))
    yield _Section("distribution", "Distribution", histograms(found) + _moments(found))
    yield _Section("regimes", "Regimes", regimes(found) + rescaled_range(found))
    yield _Section("differences", "Differences between regimes", differences(found))
    yield _Section("dimensions", "Dimensionality", components(found) + inflation(found))
    yield _Section("time", "Structure over time", autocorrelation(found))
    yield _Section("correlation", "Correlation across scales", scales(found) + correlations(found))
    yield _Section("selection", "Selection", _selection(found))
    yield _Section("columns", "Every column", _table(found.summary().reset_index()))
    tests = found.tests().drop(columns=["alpha", "hypothesis_id"])
    tests = tests.assign(subject=tests["subject"].str.removeprefix(found.name + " "))
    yield _Section("tests", "Every test", _folded(count(len(tests), "test"), tests))


def _p_values(found: Findings) -> Markup:
    tests = found.tests().dropna(subset=["p_value"]).sort_values(["p_value", "subject"], kind="stable")
    if not len(tests):
        return Markup()
    subjects = tests["subject"].str.removeprefix(found.name + " ")
    rows = zip(tests["p_value"], tests["benjamini_hochberg"], subjects, tests["test_name"], strict=True)
    p_values = [PValue(float(p), float(adjusted), found.alpha, f"{what} · {test}") for p, adjusted, what, test in rows]
    theme = THEMES["light"]
    drawn = draw_p_values(p_values, theme, title=f"{count(len(p_values), 'p-value')}, sorted", width=11.5, height=3.7)
    return inline_svg(drawn, theme, label="Sorted p-values against the line of Benjamini and Hochberg")


def _moments(found: Findings) -> Markup:
    rows = []
    for column in found.columns:
        result = found.about(DescribeResult, column.name)
        if result is not None and result.details is not None:
            details = result.details
            fields = ("count", "n_nulls", "mean", "sd", "min", "max", "skew", "excess_kurtosis", "n_outliers")
            quantiles = {name: details.quantiles.get(name) for name in ("0.05", "0.5", "0.95")}
            rows.append({"column": column.name} | {name: getattr(details, name) for name in fields} | quantiles)
    return _folded("Moments and quantiles", pd.DataFrame(rows)) if rows else Markup()


def _selection(found: Findings) -> Markup:
    results = found.of(SelectionResult)
    if not results or results[0].details is None:
        return Markup()
    details = results[0].details
    kept = element("p", element("b", "Selected:"), f" {', '.join(details.selected) or 'none'}")
    rows = [{"column": one.name, "because of": one.cause, "value": one.value, "represented by": one.kept}
            for one in details.dropped]  # fmt: skip
    return kept + (_table(pd.DataFrame(rows)) if rows else element("p", "No column was dropped."))


def _folded(summary: str, frame: pd.DataFrame) -> Markup:
    return element("details", element("summary", summary), _table(frame))


def _table(frame: pd.DataFrame) -> Markup:
    return element("div", frame_table(frame, digits=_DIGITS), class_="scroll")
