"""Rules of nbval's sanitizer: read as nbval reads them, added at the end, applied to what was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbval.plugin import get_sanitize_patterns

from ithtel.reading.history.values import Execution, History, Output
from ithtel.replay.determinism.sanitizing import Rule, rules_file, rules_in, sanitized, with_rules

if TYPE_CHECKING:
    from pathlib import Path

TIME = Rule(r"took\ [\d.eE+-]+", "VOLATILE")
LINE = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20)


@given(st.text(max_size=200) | st.just("[a]\nregex: x\nreplace: y\n[b]\nregex: z\n"), st.lists(st.tuples(LINE, LINE)))
def test_what_is_added_nbval_reads(text: str, pairs: list[tuple[str, str]]) -> None:
    """What was there stays, byte for byte; a rule is there once."""
    rules = [Rule(*pair) for pair in pairs]
    written = with_rules(text, rules, "demo 3")
    assert written.startswith(text)
    assert get_sanitize_patterns(written) == [tuple(rule) for rule in rules_in(written)]
    assert {*rules} <= {*rules_in(written)}
    assert written == with_rules(written, rules, "demo 3")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pytest.ini", "[pytest]\naddopts = --nbval --nbval-sanitize-with=rules/ours.cfg -q\n"),
        (
            "pyproject.toml",
            '[tool.pytest.ini_options]\naddopts = ["--nbval", "--nbval-sanitize-with", "rules/ours.cfg"]',
        ),
        ("setup.cfg", "[tool:pytest]\naddopts = --sanitize-with rules/ours.cfg\n"),
    ],
)
def test_the_file_is_the_one_that_pytest_reads(tmp_path: Path, name: str, content: str) -> None:
    """Named from the folder of its configuration; without one it is ours, beside the notebook."""
    notebook = tmp_path / "notebooks" / "deep" / "demo.ipynb"
    (tmp_path / ".git").mkdir()
    notebook.parent.mkdir(parents=True)
    assert notebook.with_name("nbval.cfg") == rules_file(notebook)
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert tmp_path / "rules" / "ours.cfg" == rules_file(notebook)


def test_what_the_rules_leave_is_what_counts() -> None:
    """Of an output that they change the plain text and the pictures; others are as they were."""
    shown = {"text/plain": "a", "text/html": "b", "image/png": "c"}
    changed, kept = Output(kind="result", mime=shown, text="took 0.5"), Output(kind="result", mime=shown, text="x")
    history = History(name="demo", executions=[Execution(place=1, outputs=[changed, kept])])
    first, second = sanitized(history, [TIME]).executions[0].outputs
    assert "VOLATILE" == first.text
    assert {"text/plain", "image/png"} == {*first.mime}
    assert kept == second
    assert history is sanitized(history, [])
