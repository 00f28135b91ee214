"""`report_doubts` warns, records, and returns what it reported."""

from __future__ import annotations

import pytest

import ithtel
from ithtel.commands.ith.doubts import report_doubts
from ithtel.errors import PlausibilityWarning


def test_each_doubt_is_a_warning() -> None:
    """A doubt is reported once, however often it is found."""
    with pytest.warns(PlausibilityWarning, match="odd") as caught:
        assert ("odd",) == report_doubts(["odd", "odd"])
    assert 1 == len(caught)


def test_a_doubt_is_recorded() -> None:
    """The log holds it as a line of level WARNING."""
    with ithtel.start("test") as session, pytest.warns(PlausibilityWarning):
        report_doubts(["odd number"])
    assert session.path is not None
    assert '"msg":"odd number"' in session.path.read_text(encoding="utf-8").replace('": "', '":"')


def test_an_analysis_keeps_its_notices() -> None:
    """A hurdle of 5 is analysed, with a warning, a notice and a line in its text."""
    with pytest.warns(PlausibilityWarning, match="hurdle 5 is 500 %"):
        analysis = ithtel.analyze([1.0, 1.1, 1.2], hurdle=5)
    assert "notice: hurdle 5 is 500 %" in repr(analysis)
    assert "hurdle 5 is 500 %" in analysis._repr_html_()
