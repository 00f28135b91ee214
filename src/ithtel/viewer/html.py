"""`element`, `table` and `fragment`: pieces of HTML and SVG. Every string is escaped unless it is `Markup` already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from ithtel.plain_text import cell, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WITHOUT_CONTENT = {"circle", "line", "path", "rect"}
"""SVG shapes, written as `<rect/>` if they have no children."""


def element(tag: str, *children: object, **attributes: object) -> Markup:
    """Return one element; an attribute that is None is left out, and `_` in its name stands for `-`.

    >>> element("p", "a < b", class_="note", title=None)
    Markup('<p class="note">a &lt; b</p>')
    >>> element("rect", stroke_width=2)
    Markup('<rect stroke-width="2"/>')
    """
    start = tag
    for name, value in attributes.items():
        if value is not None:
            start += f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"'
    if not children and tag in _WITHOUT_CONTENT:
        return Markup(f"<{start}/>")  # noqa: S704 - its values are escaped above
    return Markup(f"<{start}>{joined(children)}</{tag}>")  # noqa: S704 - its parts are escaped above


def joined(parts: Iterable[object], separator: str = "") -> Markup:
    """Return `parts` one after the other, each escaped unless it is markup.

    >>> joined(["<", element("b", "x")])
    Markup('&lt;<b>x</b>')
    """
    return Markup(separator).join(parts)  # type: ignore[arg-type]  # noqa: S704 - separators are constants


def fragment(title: str, *parts: str | Sequence[str]) -> str:
    """Return the HTML that a notebook keeps: a bold title, then one line per part; empty parts are left out.

    A string becomes a paragraph, a list of strings a list; markup stays as it is.

    >>> print(fragment("Two numbers", ["1 < 2"], ""))
    <p><b>Two numbers</b></p>
    <ul><li>1 &lt; 2</li></ul>
    """
    head = element("p", element("b", title))
    return str(joined([head, *(_block(part) for part in parts if part)], "\n"))


def _block(part: str | Sequence[str]) -> Markup:
    if isinstance(part, Markup):
        return part
    return element("p", part) if isinstance(part, str) else items(part)


def items(lines: Iterable[object]) -> Markup:
    """Return `lines` as a list."""
    return element("ul", *(element("li", line) for line in lines))


def and_more(n: int, where: str) -> Markup:
    """Return the paragraph that says where the `n` rows that are not shown can be found; nothing if there are none.

    >>> and_more(3, ".epochs")
    Markup('<p>and 3 more in <code>.epochs</code></p>')
    """
    return element("p", f"and {number(n)} more in ", element("code", where)) if n > 0 else Markup()


def table(
    columns: Sequence[object],
    rows: Iterable[Sequence[object]],
    *,
    numeric: Sequence[bool] | None = None,
    has_labels: bool = False,
    digits: int = 6,
    cell_style: str | None = None,
) -> Markup:
    """Return a table whose cells read as `ithtel.plain_text.cell` writes them.

    Args:
        columns: The headings.
        rows: One sequence of cells per row, as long as `columns`.
        numeric: Which columns hold numbers: their cells get the class `n`, which pages align to the right.
        has_labels: Whether the first cell of each row is a heading.
        digits: Significant digits of floats.
        cell_style: CSS of every cell.

    >>> print(table(["name", "p"], [["a<b", 0.25]], numeric=[False, True]))
    <table class="dataframe">
    <thead><tr><th>name</th><th class="n">p</th></tr></thead>
    <tbody>
    <tr><td>a&lt;b</td><td class="n">0.25</td></tr>
    </tbody>
    </table>
    """
    kinds = ["n" if is_number else None for is_number in numeric or [False] * len(columns)]
    tags = ["th" if has_labels and not i else "td" for i in range(len(columns))]

    def row(tags: Sequence[str], values: Sequence[object]) -> Markup:
        cells = (
            element(tag, value if isinstance(value, Markup) else cell(value, digits), class_=kind, style=cell_style)
            for tag, kind, value in zip(tags, kinds, values, strict=True)
        )
        return element("tr", *cells)

    head = row(["th"] * len(columns), columns)
    body = joined((row(tags, values) for values in rows), "\n")
    content = ("\n", element("thead", head), "\n", element("tbody", "\n", body, "\n"), "\n")
    return element("table", *content, class_="dataframe")
