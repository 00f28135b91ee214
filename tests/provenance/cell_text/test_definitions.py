"""The text of each function and class that a cell defines."""

from __future__ import annotations

from ithtel.provenance.cell_text.definitions import definitions, reads_of_code


def test_comments_and_layout_do_not_count() -> None:
    """Code is stale only by its text."""
    assert definitions("def f(x):\n    # why\n    return  x") == definitions("k = 1\ndef f(x): return x")


def test_definitions_in_branches_count() -> None:
    """All of them, joined."""
    assert "pass" in definitions("try:\n    def f(): return 1\nexcept E:\n    def f(): pass")["f"]


def test_what_is_no_code_is_left_out() -> None:
    """Functions, classes, lambdas and imports have a text of their own."""
    assert ["C", "f", "h", "np"] == sorted(
        definitions("import numpy as np\ndef f(): pass\nclass C: pass\nh = lambda: 1\nx = f()\n")
    )


def test_a_body_reads_nothing_when_it_is_defined() -> None:
    """Defaults and bases do."""
    assert {"A", "k"} == reads_of_code("class C(A):\n    x = k\n    def f(self): return z")
