"""The cells in a notebook file are known by their ids and lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ithtel.provenance import notebook_file
from ithtel.provenance.notebook_file import read_page

if TYPE_CHECKING:
    from pathlib import Path


def test_a_cell_is_found_by_its_id_or_its_lines(tmp_path: Path) -> None:
    """A cell that is cut and pasted gets a new id."""
    file = tmp_path / "a.ipynb"
    cells = [{"id": "a", "source": ["x = 1\n", "y = 2"]}, {"id": "b", "source": "z = 3"}, {"source": "# no id"}]
    file.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    page = read_page(file)
    assert page is not None
    assert {"a", "b"} == page.ids
    assert [True, True, False] == [page.has("a", None), page.has("new", "x = 1\n\n  y = 2"), page.has("new", "w = 4")]


@pytest.mark.parametrize("content", [b"nonsense", b"[1]", b"\xff"])
def test_another_file_is_none(tmp_path: Path, content: bytes) -> None:
    """So is a missing one."""
    (tmp_path / "a.ipynb").write_bytes(content)
    assert read_page(tmp_path / "a.ipynb") is None
    assert read_page(tmp_path / "missing.ipynb") is None


def test_a_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would delay the next cell."""
    (tmp_path / "a.ipynb").write_text('{"cells": []}', encoding="utf-8")
    assert read_page(tmp_path / "a.ipynb") is not None
    monkeypatch.setattr(notebook_file, "MAX_BYTES", 5)
    assert read_page(tmp_path / "a.ipynb") is None
