"""The kernel of a replay maps paths, restores random states, and reports hidden generators."""

from __future__ import annotations

import ast
import json
import random
from typing import TYPE_CHECKING

import msgspec
import pytest
from numpy.random import bit_generator

from ithtel.provenance.randomness.capture import capture_random_state
from ithtel.replay.kernel.setup import PathMapper, RandomnessWatch, set_up_kernel

if TYPE_CHECKING:
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/ann/data/nav.csv", "/copy/data/nav.csv"),
        ("/home/ann", "/copy"),
        ("/home/anna/nav.csv", "/home/anna/nav.csv"),
        ("/home/ann/shared/a.csv", "/store/a.csv"),
        ("nav.csv", "nav.csv"),
    ],
)
def test_recorded_paths_lead_into_the_copy(text: str, expected: str) -> None:
    """The longest path that matches whole folders counts."""
    mapper = PathMapper({"/home/ann": "/copy", "/home/ann/shared": "/store"})
    tree = mapper.visit(ast.parse(f"open({text!r})"))
    assert f"open({expected!r})" == ast.unparse(tree)


def test_states_are_restored_before_each_cell(bare: InteractiveShell) -> None:
    """The n-th state before the n-th cell of the history."""
    state = [msgspec.to_builtins(event) for event in capture_random_state().events if event.stream == "python"]
    expected = random.random()
    watch = RandomnessWatch(bare, [[], state], [])
    bare.events.register("pre_run_cell", watch.before)
    try:
        bare.run_cell("import random\na = random.random()", store_history=True)
        bare.run_cell("b = random.random()", store_history=True)
    finally:
        bare.events.unregister("pre_run_cell", watch.before)
    assert (False, True) == (expected == bare.user_ns["a"], expected == bare.user_ns["b"])


def test_the_file_says_what_to_set_up(bare: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are mapped from the first cell on; without `load` nothing is recorded."""
    monkeypatch.setattr(random.Random, "seed", random.Random.seed)
    monkeypatch.setattr(bit_generator, "randbits", bit_generator.randbits)  # type: ignore[attr-defined]
    file = tmp_path / "instructions.json"
    file.write_text(json.dumps({"paths": {"/no/such/folder": str(tmp_path)}}), encoding="utf-8")
    before = {name: [*bare.events.callbacks[name]] for name in ("pre_run_cell", "post_run_cell")}
    try:
        set_up_kernel(bare, str(file))
        source = "from pathlib import Path\ntext = Path('/no/such/folder/instructions.json').read_text()"
        bare.run_cell(source, store_history=True)
    finally:
        bare.ast_transformers.pop()
        bare.events.callbacks.update(before)
    assert file.read_text(encoding="utf-8") == bare.user_ns["text"]
    assert not (tmp_path / "logs").exists()
