"""A kernel that records from its first cell, and keeps the order of sets."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import start_new_kernel

import ithtel
from ithtel.commands.session.kernel import install_kernel, remove_kernel
from ithtel.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

SET = "print(list({'crest', 'nadir', 'hurdle', 'epoch', 'nav', 'side'}))"


@pytest.fixture(autouse=True)
def jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which Jupyter keeps what is the user's."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    return tmp_path / "jupyter"


def test_it_is_found_by_every_jupyter_of_the_user(jupyter: Path) -> None:
    """With this interpreter, and the name of its environment."""
    place = install_kernel()
    assert jupyter / "kernels/ithtel" == place
    found = KernelSpecManager().get_kernel_spec("ithtel")
    assert sys.executable == found.argv[0]
    assert found.display_name.startswith("Python (ithtel, ")
    assert {"PYTHONHASHSEED": "0"} == found.env


def test_it_is_installed_into_an_environment(tmp_path: Path) -> None:
    """As `ipykernel install --prefix` does."""
    place = install_kernel("mine", display_name="Mine", prefix=tmp_path / "env")
    assert tmp_path / "env/share/jupyter/kernels/mine" == place
    assert "Mine" == json.loads((place / "kernel.json").read_text())["display_name"]


def test_it_is_removed(jupyter: Path) -> None:
    """And nothing else is."""
    install_kernel()
    remove_kernel()
    assert not (jupyter / "kernels/ithtel").exists()
    with pytest.raises(InputError, match="there is no kernel 'ithtel'"):
        remove_kernel()


def test_a_kernel_of_somebody_else_stays(jupyter: Path) -> None:
    """The message names the command that removes it."""
    other = jupyter / "kernels/other"
    other.mkdir(parents=True)
    (other / "kernel.json").write_text('{"argv": ["x"], "display_name": "x", "language": "x"}')
    with pytest.raises(InputError, match="was not installed by ithtel: jupyter kernelspec remove other"):
        remove_kernel("other")
    assert other.exists()


@pytest.mark.parametrize("name", ["", "a b", "../up"])
def test_a_name_that_is_not_valid_is_refused(name: str) -> None:
    """Before anything is written."""
    with pytest.raises(InputError, match="cannot install the kernel"):
        install_kernel(name)


@pytest.mark.kernel
def test_it_records_from_the_first_cell_and_keeps_the_order_of_sets() -> None:
    """Without `%load_ext`, in every session."""
    install_kernel()
    texts: list[dict[str, Any]] = []
    for _ in range(2):
        manager, client = start_new_kernel(kernel_name="ithtel")
        try:
            client.execute_interactive(SET, timeout=60, output_hook=texts.append)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    shown = [each["content"]["text"] for each in texts if each["msg_type"] == "stream"]
    assert 2 == len(shown)
    assert shown[0] == shown[1]
    cells = [record.event for record in ithtel.read("logs@all") if record.event_type == "cell.start"]
    assert [SET, SET] == [cell.source for cell in cells]
