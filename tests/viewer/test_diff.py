"""The difference of two sessions as HTML."""

from __future__ import annotations

from ithtel.reading.diff.verdict import CellDifference, Departure, Difference, NotCompared, Root, Verdict
from ithtel.viewer.diff import VerdictView, fragment, page


def difference(n_cells: int = 1, detail: str = "1 → 2 <b>") -> Difference:
    """Return two sessions that differ in `n_cells` cells."""
    departure = Departure(kind="value", name="x", detail=detail)
    cells = [CellDifference(label=f"[{n}]", title="x = f()", a=n, b=n, departures=[departure]) for n in range(n_cells)]
    root = Root(label="[1]", title="x = f()", cause="unknown", names=["x"], evidence=["x: 1 → 2"], follows=["[2]"])
    return Difference(a="one", b="<other>", cells=cells, verdict=Verdict(outcome="departs", first=root, n_cells=2))


def test_a_notebook_shows_html_and_text() -> None:
    """The same each time."""
    view = VerdictView(difference())
    assert repr(view) == difference().text()
    assert view._repr_html_() == VerdictView(difference())._repr_html_() == fragment(difference())


def test_the_first_departure_stands_with_its_evidence() -> None:
    """Its cause, and the cells that follow from it."""
    text = fragment(difference())
    for part in ("<code>[1] x = f()</code>", "<b>unknown</b>: x", "<li>x: 1 → 2</li>", "What follows from it: [2]"):
        assert part in text


def test_values_are_escaped() -> None:
    """Names and values may hold anything."""
    assert "1 → 2 &lt;b&gt;" in fragment(difference())
    assert "<title>one and &lt;other&gt;</title>" in page(difference())


def test_many_cells_are_cut_and_counted() -> None:
    """The first 200, and how many more."""
    assert "and 5 more cells" in fragment(difference(205))
    assert "All differences (205)" in fragment(difference(205))


def test_a_page_needs_no_other_file() -> None:
    """No script and no address."""
    text = page(difference())
    assert text.startswith("<!DOCTYPE html>")
    for absent in ("<script", "http", "src="):
        assert absent not in text


def test_what_was_not_compared_is_shown() -> None:
    """With the hazards of an identical pair."""
    unknown = NotCompared(what="model", cell="[4]", reason="a <C> class")
    verdict = Verdict(
        outcome="identical", n_cells=4, not_compared=[unknown], hazards=["[2]: clock: it reads the clock"]
    )
    text = fragment(Difference(a="one", b="other", verdict=verdict))
    assert "Not compared: model in [4] (a &lt;C&gt; class)" in text
    assert "[2]: clock: it reads the clock" in text
