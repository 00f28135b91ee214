"""The generated contract: what is committed is what the structs say."""

from __future__ import annotations

from pathlib import Path

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
