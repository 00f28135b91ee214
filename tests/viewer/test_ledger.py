"""The picture of a ledger."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import ithtel
from ithtel.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def ledger(tmp_path: Path) -> ithtel.Ledger:
    """A few p-values, one of which does not survive."""
    with ithtel.start("study", log_dir=tmp_path, git=False) as session:
        for i, p in enumerate((1e-9, 0.004, 0.03, 0.2, 0.5, 0.9, 0.0)):
            ithtel.log_hypothesis_result(test_name="t", p_value=p, decision="?", subject=f"$s{i}$ 日本")
        return ithtel.ledger(session)


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_it_is_drawn_the_same_twice(ledger: ithtel.Ledger, theme: str, tmp_path: Path) -> None:
    """In every theme, as PNG and SVG; any text."""
    for kind in ("png", "svg"):
        one, two = (ledger.picture(theme).save(tmp_path / f"{name}.{kind}") for name in "ab")
        assert one.read_bytes() == two.read_bytes()


def test_it_says_how_many_survive(ledger: ithtel.Ledger) -> None:
    """The three kinds, the lines, the one that is lost by name."""
    texts = [text.get_text() for axes in ledger.picture().figure().axes for text in axes.texts]
    assert {"● 3 below the level, adjusted too", "◆ 1 below it only before adjustment", "○ 3 not below it"} <= {*texts}
    assert {"Benjamini-Hochberg", "Bonferroni", "level 0.05"} <= {*texts}
    assert any(re.match(r"\$s2\$ .* · t$", text) for text in texts)


def test_a_ledger_without_p_values_is_drawn(tmp_path: Path) -> None:
    """It says so."""
    with ithtel.start("empty", log_dir=tmp_path, git=False) as session:
        picture = ithtel.ledger(session).picture()
    assert any("no test with a p-value" in text.get_text() for text in picture.figure().axes[0].texts)


def test_a_notebook_gets_a_picture_and_text(ledger: ithtel.Ledger) -> None:
    """The sentences are shown if pictures cannot be."""
    data, size = ledger.picture()._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert data["text/plain"].startswith("Ledger of ")
    assert {"width": 800, "height": 410} == size["image/png"]


def test_another_theme_is_an_error(ledger: ithtel.Ledger) -> None:
    """Before anything is drawn."""
    with pytest.raises(InputError, match="no theme 'pink'"):
        ledger.picture("pink")


def test_html_is_escaped_and_shows_what_it_covers(tmp_path: Path) -> None:
    """A subject may hold anything; of many tests the first 20 are shown."""
    with ithtel.start("many", log_dir=tmp_path, git=False) as session:
        for i in range(25):
            ithtel.log_hypothesis_result(test_name="t", p_value=0.5, decision="?", subject=f"<b>{i}")
        text = ithtel.ledger(session)._repr_html_()
    assert "Covers 0 tests" in text
    assert "&lt;b&gt;0" in text
    assert "<b>0" not in text
    assert "and 5 more in <code>.frame()</code>" in text
