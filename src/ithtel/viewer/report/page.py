"""The page around the drawings."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import pandas as pd

from ithtel.events import DescribeResult, SelectionResult
from ithtel.plain_text import count, number
from ithtel.version import __version__
from ithtel.viewer.report import distribution, multiplicity, structure, walk
from ithtel.viewer.report.sentences import sentences
from ithtel.viewer.report.style import css
from ithtel.viewer.report.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ithtel.stats.findings import Findings

_SAYS = {
    "multiplicity": "Many tests were made at once. Filled dots stay below the level when adjusted for all the others "
    "(Benjamini-Hochberg); orange ones were below it only before. Tests here depend on each other, and some are "
    "decided by an effect rather than by p.",
    "distribution": "Histograms of root scale, so that small bars stay visible; the line is the fitted Beta "
    "distribution. W is Shapiro-Wilk's; the p-value of the Beta fit comes from a parametric bootstrap: 999 samples "
    "have none below .001. Neighbouring bars share most of their window, so values are not independent, and p-values "
    "smaller than they should be.",
    "regimes": "The regime of a bar is told from the Hurst exponent of the increments before it: trending or "
    "mean-reverting only where it lies beyond .55 or .45 and outside the 95 % band of random walks.",
    "differences": "Cliff's delta: +1 where every value at trending bars exceeds every value at mean-reverting ones. "
    "Filled where p is below the level with effective sample sizes; in the grey band the difference is negligible.",
    "dimensions": "How many dimensions the columns fill. Above 10, a column is nearly a sum of others.",
    "time": "Blue is positive, orange negative autocorrelation; the half-life is the lag at which it first reaches .5.",
    "correlation": "Spearman's rho. A feature that says the same at two lookbacks need be kept at one.",
    "selection": "In the order given, a column stays if it varies and repeats none that stays before it.",
}


def page(found: Findings) -> str:
    """Return the report of an examination as one HTML page."""
    sections = [(key, title, body) for key, title, body in _sections(found) if body]
    links = "".join(f'<a href="#{key}">{html.escape(title)}</a>' for key, title, _ in sections)
    name = html.escape(found.name)
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Examination of {name}</title><style>{css()}</style></head><body>",
        f'<h1>Examination of {name}</h1><p class="muted">{_facts(found)}</p><nav>{links}</nav>',
        "<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in sentences(found)) + "</ul>",
    ]
    for key, title, body in sections:
        said = f"<p>{html.escape(_SAYS[key])}</p>" if key in _SAYS else ""
        parts.append(f'<h2 id="{key}">{html.escape(title)}</h2>{said}{body}')
    return "\n".join([*parts, f"<p><small>ithtel {__version__}</small></p></body></html>"]) + "\n"


def _facts(found: Findings) -> str:
    lookbacks = sorted({column.lookback for column in found.columns if column.lookback is not None})
    facts = [count(len(found.features), "bar"), count(len(found.columns), "column")]
    facts += [f"lookbacks {', '.join(map(str, lookbacks))}"] if lookbacks else []
    return html.escape(" · ".join([*facts, f"level {number(found.alpha)}", f"seed {found.seed}"]))


def _sections(found: Findings) -> Iterator[tuple[str, str, str]]:
    yield "multiplicity", "All p-values", multiplicity.p_values(found)
    yield "distribution", "Distribution", distribution.histograms(found) + _described(found)
    yield "regimes", "Regimes", walk.regimes(found) + walk.rescaled_range(found)
    yield "differences", "Differences between regimes", structure.differences(found)
    yield "dimensions", "Dimensionality", structure.components(found) + structure.inflation(found)
    yield "time", "Structure over time", structure.autocorrelation(found)
    yield "correlation", "Correlation across scales", structure.scales(found) + structure.correlations(found)
    yield "selection", "Selection", _selection(found)
    yield "columns", "Every column", table(found.summary().reset_index())
    tests = found.tests().drop(columns=["alpha", "hypothesis_id"])
    whole = table(tests.assign(subject=tests["subject"].str.removeprefix(found.name + " ")))
    yield "tests", "Every test", f"<details><summary>{count(len(tests), 'test')}</summary>{whole}</details>"


def _described(found: Findings) -> str:
    rows = []
    for column in found.columns:
        result = found.about(DescribeResult, column.name)
        if result is not None and result.details is not None:
            said = result.details
            fields = ("count", "n_nulls", "mean", "sd", "min", "max", "skew", "excess_kurtosis", "n_outliers")
            quantiles = {name: said.quantiles.get(name) for name in ("0.05", "0.5", "0.95")}
            rows.append({"column": column.name} | {name: getattr(said, name) for name in fields} | quantiles)
    if not rows:
        return ""
    frame = pd.DataFrame(rows)
    return f"<details><summary>Moments and quantiles</summary>{table(frame)}</details>"


def _selection(found: Findings) -> str:
    results = found.of(SelectionResult)
    if not results or results[0].details is None:
        return ""
    said = results[0].details
    kept = ", ".join(map(html.escape, said.selected)) or "none"
    rows = [{"column": one.name, "because of": one.cause, "value": one.value, "stands for it": one.kept or "–"}
            for one in said.dropped]  # fmt: skip
    dropped = table(pd.DataFrame(rows)) if rows else "<p>None was taken out.</p>"
    return f"<p><b>Stay:</b> {kept}</p>{dropped}"
