"""Which rule forbids py-spy to attach is named, as far as the system tells it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from ithtel.profiling import permission

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("Error: No such process (os error 3)", "no such process (os error 3)"),
        ("Error: failed\n\nCaused by:\n    0: outer\n    1: Inner reason\n", "inner reason"),
        ("", "it ended without a message"),
    ],
)
def test_the_innermost_cause_is_the_reason(output: str, expected: str) -> None:
    """py-spy prints its causes from the outermost to the innermost."""
    assert f"py-spy cannot attach to process 7: {expected}" == permission.why(output, "process 7")


def test_a_spawned_program_runs() -> None:
    """Allowing py-spy to attach does not change the program."""
    child = permission.spawn([sys.executable, "-c", "raise SystemExit(3)"])
    assert 3 == child.wait()


@pytest.mark.parametrize(
    ("scope", "expected"),
    [("0", "SYS_PTRACE"), ("1", "only a parent"), ("2", "only an administrator"), ("3", "no process may attach")],
)
def test_the_rule_that_forbids_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scope: str, expected: str
) -> None:
    """A setting of Yama, or a container without the capability."""
    (tmp_path / "scope").write_text(f"{scope}\n", encoding="ascii")
    (tmp_path / "status").write_text("CapBnd:\t0000000000000000\n", encoding="ascii")
    monkeypatch.setattr(permission, "_YAMA", tmp_path / "scope")
    monkeypatch.setattr(permission, "_STATUS", tmp_path / "status")
    monkeypatch.setattr(sys, "platform", "linux")
    output = "Error: Permission Denied: Try running again with elevated permissions by going 'sudo env'\n"
    assert expected in permission.why(output, "process 7")
