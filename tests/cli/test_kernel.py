"""`ithtel kernel install` and `remove`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from commandline import Call


def test_the_kernel_is_installed_and_removed(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each says where."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    folder = tmp_path / "jupyter/kernels/ithtel"
    assert (0, f"installed the kernel 'ithtel' in {folder}\n") == call("kernel", "install")[:2]
    assert (0, f"removed the kernel 'ithtel' from {folder}\n") == call("kernel", "remove")[:2]
    assert 2 == call("kernel", "remove").code
