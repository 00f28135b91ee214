"""The notebooks as a user sees them: in JupyterLab, in a browser."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ithtel

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from conftest import Lab  # type: ignore[attr-defined]

pytestmark = pytest.mark.lab
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SCREENSHOTS = os.environ.get("ITHTEL_TEST_SCREENSHOTS")
"""A folder to leave a screenshot of each notebook in, to be looked at."""


@pytest.mark.parametrize("notebook", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_runs(lab: Lab, page: Page, notebook: Path) -> None:
    """No cell fails, the pictures that it shows are there, and the record is named after the notebook."""
    committed = json.loads(notebook.read_text(encoding="utf-8"))
    shutil.copy(notebook, lab.root / notebook.name)
    lab.open(page, notebook.name)
    lab.run_all(page)
    if SCREENSHOTS:
        page.set_viewport_size({"width": 1280, "height": 4_000})
        page.screenshot(path=Path(SCREENSHOTS) / f"{notebook.stem}.png")
    outputs = [output for cell in committed["cells"] for output in cell.get("outputs", [])]
    n_pictures = sum("image/png" in output.get("data", {}) for output in outputs)
    assert page.locator(".jp-OutputArea img").count() >= n_pictures
    assert page.locator(f"text=recording cells to logs/ndjson/{notebook.stem}.jsonl").count() >= 1
    log = ithtel.read(lab.root / "logs/ndjson" / f"{notebook.stem}.jsonl")
    assert log.problems == []
    ends = list(log.events(ithtel.events.CellEnd))
    assert len(ends) == sum(1 for _ in log.events(ithtel.events.CellStart))
    assert [end.error for end in ends if end.status != "ok"] == []
