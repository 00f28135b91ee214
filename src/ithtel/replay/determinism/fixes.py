"""`apply_fixes`: write the fixes of flaky cells into their notebook, and rules into nbval's file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ithtel.replay.determinism.sanitizing import rules_file, rules_in, with_rules
from ithtel.replay.notebook_edit import add_tag, insert_cell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ithtel.replay.determinism.flakiness import Flaky


def apply_fixes(path: Path, indices: list[int], flaky: list[Flaky]) -> list[Path]:
    """Apply the fixes that are a tag, a cell or a rule, and return the files that changed.

    Args:
        path: The notebook.
        indices: The indices of its cells that run, in order.
        flaky: The flaky cells.
    """
    return [*_fix_notebook(path, indices, flaky), *_fix_rules(path, flaky)]


def _fix_notebook(path: Path, indices: list[int], flaky: list[Flaky]) -> Iterator[Path]:
    before = text = path.read_bytes().decode("utf-8")
    for each in sorted(flaky, key=lambda one: -one.place):
        index = indices[each.place - 1] if each.place <= len(indices) else None
        for fix in each.fixes:
            if index is not None and fix.kind == "seed_cell":
                text = insert_cell(text, index, fix.text, f"ithtel-seed-{index}")
            elif index is not None and fix.kind == "tag":
                text = add_tag(text, index, fix.text)
    if text != before:
        path.write_bytes(text.encode("utf-8"))
        yield path


def _fix_rules(path: Path, flaky: list[Flaky]) -> Iterator[Path]:
    file = rules_file(path)
    if file.is_symlink():  # the checkout of a stranger may lead anywhere
        return
    before = text = file.read_bytes().decode("utf-8") if file.exists() else ""
    for each in flaky:
        for fix in each.fixes:
            if fix.kind == "sanitize":
                text = with_rules(text, rules_in(fix.text), f"{path.stem} {each.label.strip('[]')}")
    if text != before:
        file.write_bytes(text.encode("utf-8"))
        yield file
