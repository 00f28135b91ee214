from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "fingerprint_pairs.py"


def script() -> Any:
    """Return the script as a module."""
    spec = importlib.util.spec_from_file_location("fingerprint_pairs", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAIRS = script()


@pytest.mark.parametrize("pair", PAIRS.PAIRS, ids=lambda pair: pair.name)
def test_hard_pairs(pair: Any) -> None:
    """Each of the pairs that others get wrong is told apart, or taken for one, as it should be."""
    assert PAIRS.is_right(pair, PAIRS.ours)


def test_the_table_in_the_docs_has_every_pair() -> None:
    """The docs hold one line a pair, with ours right."""
    text = PAIRS.DOCS.read_text(encoding="utf-8")
    lines = text[text.index(PAIRS.START) : text.index(PAIRS.END)].splitlines()
    for pair in PAIRS.PAIRS:
        assert any(line.startswith(f"| {pair.name} |") and line.endswith("| right |") for line in lines), pair.name
