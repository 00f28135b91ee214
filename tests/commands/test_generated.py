"""The generated contract: what is committed is what the structs say."""

from __future__ import annotations

import re
from pathlib import Path

import ithtel
from ithtel.commands import generated as reference

ROOT = Path(__file__).parents[2]


def test_the_committed_files_are_up_to_date() -> None:
    """`ithtel schemas --write` would change nothing."""
    assert [] == reference.stale(ROOT)


def test_a_changed_missing_or_foreign_file_is_stale(tmp_path: Path) -> None:
    """Drift is seen whatever its kind."""
    reference.write(tmp_path)
    (tmp_path / "schemas/note.json").write_text("{}")
    (tmp_path / "schemas/cell-end.json").unlink()
    (tmp_path / "schemas/gone.json").write_text("{}")
    assert ["schemas/cell-end.json", "schemas/gone.json", "schemas/note.json"] == reference.stale(tmp_path)


def test_the_api_page_has_every_public_name() -> None:
    """One heading per name, sorted without regard to case."""
    headings = re.findall(r"^## `(\w+)`$", reference.api_page(ROOT), re.MULTILINE)
    assert sorted(ithtel.__all__, key=str.casefold) == headings


def test_the_api_page_shows_kind_signature_and_purpose() -> None:
    """The signature has the defaults and no annotations; the first paragraph of the docstring follows."""
    page = reference.api_page(ROOT)
    assert "Function: `spawn(n, seed=None)`\n\nMake `n` independent generators" in page
    assert "Exception: `IthtelError`\n" in page
    assert "Module: `datasets`\n" in page


def test_the_api_page_links_the_pages_that_mention_a_name(tmp_path: Path) -> None:
    """A hand-written page is linked, a generated one is not."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/guide.md").write_text("Call `ithtel.spawn`.")
    (tmp_path / "docs/settings.md").write_text("Call `ithtel.spawn`.")
    section = reference.api_page(tmp_path).partition("## `spawn`")[2].partition("\n## ")[0]
    assert "Explained in [guide](guide.md)." in section
    assert "settings.md" not in section


def test_a_changed_mention_makes_the_api_page_stale(tmp_path: Path) -> None:
    """The drift test covers the links too."""
    reference.write(tmp_path)
    assert [] == reference.stale(tmp_path)
    (tmp_path / "docs/guide.md").write_text("Call `ithtel.spawn`.")
    assert ["docs/api.md"] == reference.stale(tmp_path)
