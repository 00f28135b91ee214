"""Tables of the report."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any

from ithtel.plain_text import number

if TYPE_CHECKING:
    import pandas as pd


def table(frame: pd.DataFrame, digits: int = 4) -> str:
    """Return a table: numbers to the right, `–` for what does not exist."""
    kinds = ["n" if frame[name].dtype.kind in "iuf" else "" for name in frame.columns]
    head = "".join(_cell("th", name, kind) for name, kind in zip(frame.columns, kinds, strict=True))
    rows = (
        "".join(_cell("td", said(value, digits), kind) for value, kind in zip(row, kinds, strict=True))
        for row in frame.itertuples(index=False)
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def said(value: Any, digits: int = 4) -> str:  # noqa: ANN401 - a cell
    """Return a value as a table shows it.

    >>> said(0.123456), said(None), said(True)
    ('0.1235', '–', 'yes')
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(float(value), digits) if isinstance(value, float) else str(value)


def _cell(tag: str, text: object, kind: str) -> str:
    look = f' class="{kind}"' if kind else ""
    return f"<{tag}{look}>{html.escape(str(text))}</{tag}>"
